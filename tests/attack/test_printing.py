"""What the commands print: nothing steers a terminal or a log, and what cannot be printed ends in one sentence."""

import contextlib
import fcntl
import json
import os
import re
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path

import pytest
from attack.terminals import is_harmless
from click.testing import CliRunner
from support.command_line import use_instance
from support.hostile_projects import many
from support.projects import create_project, error_fault

from govern_mirror.cli.main import main
from govern_mirror.cli.table_report import TableReport
from govern_mirror.report.csv_report import CsvReport
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import URL
from govern_mirror_devkit.sandbox.server import serve

EVIL = (
    "\x1b]0;owned\x07title",
    "\x1b[2J\x1b[1;1Hcleared",
    "\x9b31mcolour",
    "line\nGate met: all is well",
    "line\r\nGate met: all is well",
    "line\u2028Gate met: all is well",
    "\x85Gate met: all is well",
    "##vso[task.setvariable variable=x]y",
    "x ##[error]y",
    "##teamcity[buildStatus status='SUCCESS']",
    "::error file=x::y",
    " ::set-output name=x::y",
    "\u202egnp.exe",
    "\u2066isolated",
    "\u200bzero width",
    "\U000e0041tag",
    "\x00nul",
    "a\ttab",
)
"""What somebody else wrote, that a terminal or a CI system would obey; a new case is one line."""


@pytest.fixture
def run(dss, monkeypatch, tmp_path):
    use_instance(monkeypatch, tmp_path, URL, dss.admin_key)
    return lambda *arguments, stdin=None: CliRunner().invoke(
        main, list(map(str, arguments)), input=stdin, catch_exceptions=False
    )


# T12 --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: f"t12_{evil!r}")
@pytest.mark.parametrize(
    "arguments", [("gate", "COPY", "--step", "rollout"), ("show", "COPY"), ("advance", "COPY"), ("init", "COPY"),
                  ("report", "--include-ungoverned"), ("ungovern", "COPY", "--dry-run")], ids=lambda given: given[0],
)  # fmt: skip
def test_a_forged_original_steers_nothing(dss, run, arguments, evil):
    record = {"schema": 1, "project_key": evil, "node_id": evil, "digest": {}, "events": [], "steps": {}}
    create_project(dss, "COPY", label=evil, customFields={"govern_record": json.dumps(record)})
    result = run(*arguments)
    assert is_harmless(result.stdout) and is_harmless(result.stderr), (result.stdout, result.stderr)


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: f"t12_{evil!r}")
def test_what_dss_answers_steers_nothing(dss, run, evil):
    create_project(dss, "P")
    error = error_fault("PUT /projects/P/metadata", 400, f"{evil} {evil}", "com.dataiku.dip.SomeException")
    dss.faults.set(error)
    result = run("init", "P")
    assert result.exit_code == 1 and is_harmless(result.stdout) and is_harmless(result.stderr)


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: f"t12_{evil!r}")
@pytest.mark.parametrize("place", ["key", "step", "option", "command", "file"])
def test_what_was_typed_is_not_obeyed_when_it_is_repeated(dss, run, evil, place):
    if "\x00" in evil:
        return  # no operating system hands it over
    create_project(dss, "P")
    typed = {
        "key": ("show", evil),
        "step": ("advance", "P", "--to", evil),
        "option": ("show", "P", f"--{evil}"),
        "command": (evil,),
        "file": ("--settings", evil, "show", "P"),
    }[place]
    result = run(*typed)
    assert result.exit_code in (1, 2) and is_harmless(result.stderr), result.stderr


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: f"t12_{evil!r}")
def test_notes_in_full_steer_nothing(dss, run, evil):
    create_project(dss, "P", customFields={"govern_notes_rollout": f"first\n{evil}\nStatus: Finished"})
    result = run("show", "P", "--step", "rollout")
    assert is_harmless(result.stdout) and "\n  Status: Finished\n" in result.stdout


@pytest.mark.parametrize("evil", EVIL, ids=lambda evil: f"t12_{evil!r}")
def test_json_for_a_log_keeps_every_value(dss, run, evil):
    create_project(dss, "P", customFields={"govern_notes_rollout": evil})
    result = run("show", "P", "--format", "json")
    assert is_harmless(result.stdout)
    assert json.loads(result.stdout)["steps"][3]["notes"] == evil


# P24 --------------------------------------------------------------------------------------------------------------

LATIN_1 = "caf\udce9"
"""What Python makes of Latin-1 bytes on a UTF-8 command line."""


@pytest.mark.parametrize(
    "arguments",
    [
        ("qualify", "P", "--notes", LATIN_1), ("qualify", "P", "--value-comment", LATIN_1),
        ("step", "note", "P", "rollout", LATIN_1), ("step", "document", "P", "rollout", f"{LATIN_1}=https://x.example"),
        ("advance", "P", "--reason", LATIN_1), ("step", "start", "P", "exploration", "--reason", LATIN_1),
        ("init", "P", "--initiative", LATIN_1), ("init", "--tag", LATIN_1), ("init", "--folder", LATIN_1),
        ("report", "--owner", LATIN_1), ("report", "--publish-wiki", f"P:{LATIN_1}"), ("show", LATIN_1),
        ("scenario", "install", "P", "--mail", f"{LATIN_1}@x.example"), ("--instance", LATIN_1, "show", "P"),
        ("sync", "status", "--only", LATIN_1), ("trends", "--history", "h.duckdb", "--since", LATIN_1),
    ],
    ids=lambda given: "p24_" + "_".join(given[:2]),
)  # fmt: skip
def test_bytes_that_are_no_text_are_refused(dss, request_log, run, arguments):
    create_project(dss, "P")
    result = run(*arguments)
    assert result.exit_code == 2 and re.search("bytes|is not a project key", result.stderr)
    assert request_log.count("PUT") == request_log.count("GET") == 0


# P5 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["", "n\n", "y\n"], ids=["p5_nothing", "p5_no", "p5_yes"])
def test_ungovern_asks_a_person_or_needs_yes(dss, run, answer):
    create_project(dss, "P")
    run("init", "P")
    before = dss.metadata("P")
    result = run("ungovern", "P", stdin=answer)
    assert result.exit_code == 2 and "--yes" in result.stderr
    assert dss.metadata("P") == before
    assert run("ungovern", "P", "--yes").exit_code == 0
    assert dss.metadata("P") != before


# R17 --------------------------------------------------------------------------------------------------------------


def test_r17_ungovern_with_long_notes_prints_little(dss, run):
    notes = {f"govern_notes_{step}": "w" * 1_000_000 for step in ("exploration", "rollout")}
    create_project(dss, "P", customFields={"govern_status_exploration": "ONGOING", **notes})
    begin = time.process_time()
    result = run("ungovern", "P", "--yes")
    assert result.exit_code == 0 and len(result.stdout) < 10_000
    assert time.process_time() - begin < 5


@pytest.mark.parametrize("name", ["n" * 4_000_000, "é " * 2_000_000, "\u202e" * 2_000_000, "名" * 2_000_000],
                         ids=["one_word", "words", "direction", "wide"])  # fmt: skip
def test_names_of_megabytes_are_cut_in_the_table(dss, run, name):
    create_project(dss, "P", label=name, customFields={"govern_status_exploration": "ONGOING"})
    begin = time.process_time()
    result = run("report")
    assert result.exit_code == 0 and len(result.stdout) < 10_000
    assert time.process_time() - begin < 5


def test_r17_a_large_table_takes_at_most_twice_the_time_of_csv():
    portfolio = many(2_000)

    def seconds(renderer):
        begin = time.process_time()
        renderer.render(portfolio)
        return time.process_time() - begin

    table, lines = (min(seconds(renderer) for _ in range(5)) for renderer in (TableReport(), CsvReport()))
    assert table < 2 * lines


# P14, P26, R16: real processes, since only they have files as stdout ------------------------------------------------


@pytest.fixture(scope="module")
def served():
    with contextlib.closing(Sandbox()) as sandbox, serve(sandbox) as url:
        for key in ("P", "Q"):
            sandbox.create_project(key)
        yield sandbox, url


@pytest.fixture
def shell(served, tmp_path):
    """Run a line of the shell, in which `gm` is the command."""
    sandbox, url = served
    command = f'{sys.executable} -c "from govern_mirror.cli.main import main; main()"'
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(sys.path),
        "HOME": str(tmp_path),
        "DKU_DSS_URL": url,
        "DKU_API_KEY": sandbox.admin_key,
    }

    def run(line, stdout=subprocess.PIPE, **more):
        ran = subprocess.run(
            ["bash", "-c", f'gm() {{ {command} "$@"; }}; {line}'],
            cwd=tmp_path, env={**env, **more}, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
        assert "Traceback" not in ran.stderr and "Exception ignored" not in ran.stderr, ran.stderr
        return ran

    return run


@pytest.fixture
def governed(served):
    """The project P, governed anew."""
    sandbox, _ = served
    metadata = sandbox.projects.metadata(sandbox.admin, "P")
    metadata["customFields"] = {"govern_status_exploration": "NOT_STARTED"}
    sandbox.projects.set_metadata(sandbox.admin, "P", metadata)
    return lambda: sandbox.projects.metadata(sandbox.admin, "P")["customFields"]


@pytest.mark.sampled(4, None)
@pytest.mark.parametrize(
    "line",
    ["gm show P", "gm show P --format json", "gm report", "gm report --format csv", "gm report --format html",
     "gm report --format xlsx", "gm gate P --step rollout", "gm doctor", "gm --help", "gm show --help", "gm --version"],
    ids=lambda line: "p14_r16_" + line.replace(" ", "_"),
)  # fmt: skip
def test_a_full_disk_ends_in_one_sentence(shell, governed, line):
    ran = shell(f"{line} > /dev/full")
    assert ran.returncode == 1
    assert re.fullmatch(r"Error: the output could not be written: No space left on device\n", ran.stderr), ran.stderr


@pytest.mark.parametrize(
    "line",
    ["gm advance P", "gm init P --value High", "gm step note P rollout x", "gm ungovern P --yes"],
    ids=lambda line: "p14_r16_" + line.replace(" ", "_"),
)
def test_a_write_that_cannot_be_shown_is_told(shell, governed, line):
    before = governed()
    ran = shell(f"{line} > /dev/full")
    said = ran.stderr.strip().splitlines()[-1]
    assert ran.returncode == 1 and said.startswith("Error: the output could not be written")
    if line.startswith("gm ungovern"):  # what goes is shown first: nothing is removed unseen
        assert governed() == before
    else:
        assert governed() != before and re.search(r"written|changed", said.partition("device")[2])


def test_p14_r16_a_reader_that_ends_early_is_no_traceback(shell, governed):
    ran = shell("gm report --format html | head -c 10; exit ${PIPESTATUS[0]}")
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1


@pytest.mark.parametrize("line", ["gm report -o /dev/full", "gm report --format xlsx -o /dev/full"],
                         ids=["p14_table", "p14_xlsx"])  # fmt: skip
def test_a_full_device_named_with_o_is_one_sentence(shell, governed, line):
    ran = shell(line)
    assert ran.returncode == 1 and re.fullmatch(r"Error: cannot write /dev/full: No space left.*\n", ran.stderr)


def test_p14_no_half_file_on_a_full_disk(shell, governed, tmp_path):
    (tmp_path / "report.html").write_text("the last one")
    ran = shell("ulimit -f 1; trap '' XFSZ; gm report -o report.html")
    assert ran.returncode == 1 and re.fullmatch(r"Error: cannot write .*report.html: .*\n", ran.stderr)
    assert (tmp_path / "report.html").read_text() == "the last one"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


@pytest.mark.sampled(7)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"],
                         ids=["p26_stdout", "p26_stderr", "p26_both", "p26_stdin", "p26_all"])  # fmt: skip
@pytest.mark.parametrize("line", ["gm report", "gm report --format json", "gm show P", "gm show P --format json",
                                  "gm advance P", "gm ungovern Q --yes", "gm report -o out.html"],
                         ids=lambda line: line.replace(" ", "_"))  # fmt: skip
def test_closed_streams_change_nothing(shell, governed, line, closed):
    ran = shell(f"{line} {closed}")
    assert (ran.returncode, ran.stderr.count("Error")) == (0, 0), ran.stderr


@pytest.fixture
def on_terminal(shell):
    """Run a line of the shell with stdout on a terminal of so many columns; gives what the terminal got."""

    def run(line, columns, term):
        ours, theirs = os.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        parts = []

        def read():
            with contextlib.suppress(OSError):  # Linux tells so that nobody holds the other end any more
                while part := os.read(ours, 65536):
                    parts.append(part)

        reader = threading.Thread(target=read)
        reader.start()
        shell(line, stdout=theirs, TERM=term)
        os.close(theirs)
        reader.join(30)
        os.close(ours)
        return b"".join(parts).decode("utf-8").replace("\r\n", "\n")

    return run


@pytest.mark.sampled(2, None)
@pytest.mark.parametrize("term", ["dumb", "", "unknown", "xterm-256color"], ids=lambda term: f"p26_{term}")
def test_the_width_does_not_depend_on_the_terminal_s_name(on_terminal, shell, governed, term):
    shell(f"gm step note P exploration '{'word ' * 60}'")
    shell(f"gm qualify P --value-comment '{'word ' * 60}'")
    for columns in (100, 150):
        printed = re.sub(r"\x1b\[\d*m", "", on_terminal("gm ungovern P --dry-run", columns, term))
        assert columns - 10 < max(map(len, printed.splitlines())) <= columns


@pytest.mark.sampled(3, None)
@pytest.mark.parametrize(
    "form", ["table", "json", "csv", "markdown", "mail", "plan", "html"], ids=lambda form: f"t12_{form}"
)
def test_no_format_steers_the_terminal_it_is_shown_on(on_terminal, served, governed, form):
    sandbox, _ = served
    for evil in ("\x9b31m\u202e", "\x1b]0;x\x07"):
        sandbox.edit_metadata("P", lambda metadata, evil=evil: metadata.update(label=evil))
        printed = re.sub(r"\x1b\[\d*m", "", on_terminal(f"gm report --format {form}", 120, "xterm"))
        assert printed.strip() and is_harmless(printed)


def test_p5_a_pipe_is_no_person(shell, governed):
    before = governed()
    ran = shell("echo n | gm ungovern P")
    assert ran.returncode == 2 and "--yes" in ran.stderr and governed() == before


# T16 --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sticky(tmp_path, monkeypatch):
    """A folder where everybody may write, and a way to let somebody else own something in it."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o1777)
    foreign = set()
    lstat = Path.lstat

    def owned_by_somebody(path):
        found = lstat(path)
        return os.stat_result((*found[:4], found.st_uid + 4711, *found[5:])) if path in foreign else found

    monkeypatch.setattr(Path, "lstat", owned_by_somebody)
    return folder, foreign.add


@pytest.mark.parametrize("kind", ["link", "link_in_the_way", "file", "pipe"], ids=lambda kind: f"t16_{kind}")
def test_what_somebody_planted_in_tmp_is_not_written_over(dss, run, sticky, tmp_path, kind):
    folder, give_away = sticky
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "report.json").write_text("mine")
    planted, target = folder / "report.json", folder / "report.json"
    if kind == "link":
        planted.symlink_to(secret / "report.json")
    elif kind == "link_in_the_way":
        planted = folder / "way"
        planted.symlink_to(secret)
        target = planted / "report.json"
    elif kind == "file":
        planted.write_text("theirs")
    else:
        os.mkfifo(planted)
        os.open(planted, os.O_RDONLY | os.O_NONBLOCK)  # a reader, so that writing does not wait for one
    give_away(planted)
    create_project(dss, "P")
    result = run("report", "-o", target)
    assert result.exit_code == 2 and "somebody else" in result.stderr
    assert (secret / "report.json").read_text() == "mine"


def test_t16_my_own_link_in_tmp_is_followed(dss, run, sticky, tmp_path):
    (tmp_path / "mine.json").write_text("old")
    (sticky[0] / "report.json").symlink_to("../mine.json")
    create_project(dss, "P")
    assert run("report", "-o", sticky[0] / "report.json").exit_code == 0
    assert (tmp_path / "mine.json").read_text().startswith("{") and (sticky[0] / "report.json").is_symlink()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444, 0o666], ids=lambda mode: f"t16_{mode:o}")
def test_a_replaced_file_keeps_its_permissions(dss, run, tmp_path, mode):
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(mode)
    create_project(dss, "P")
    assert run("report", "-o", path).exit_code == 0
    assert path.stat().st_mode & 0o777 == mode and path.read_text().startswith("{")


def test_p14_a_name_as_long_as_the_disk_allows_is_written(dss, run, tmp_path):
    create_project(dss, "P")
    path = tmp_path / f"{'名' * 83}.json"
    assert run("report", "-o", path).exit_code == 0 and path.read_text().startswith("{")


def test_t16_a_new_file_follows_the_umask_without_touching_it(dss, run, tmp_path, monkeypatch):
    before = os.umask(0o027)
    try:
        monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("another thread would see this umask"))
        create_project(dss, "P")
        assert run("report", "-o", tmp_path / "report.json").exit_code == 0
    finally:
        monkeypatch.undo()
        os.umask(before)
    assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o640
