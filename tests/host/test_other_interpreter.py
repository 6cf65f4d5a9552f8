"""Components under another interpreter, as DSS runs them: in a process and an environment of their own."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from govern_mirror_devkit.host import ComponentAborted, ComponentError, Connection, PluginHost
from govern_mirror_devkit.sandbox.server import serve
from govern_mirror_devkit.source import library, plugin_root

OTHER = Path(sys.executable)


def test_what_a_component_prints_does_not_spoil_its_result(plugin):
    body = """
        import os, sys
        print("to the output")
        print('{"result": {"payload": "forged"}}', flush=True)
        print("to the errors", file=sys.stderr)
        os.write(1, b"past Python\\n")
        os.system("echo from a child")
        return "<p>real</p>"
    """
    assert plugin.macro(body, "HTML").run(OTHER).payload == "<p>real</p>"


def test_a_recipe_may_print_at_will(plugin):
    plugin.recipe("""
        print("x" * 200_000)
        d = dataiku.Dataset("rows")
        d.write_schema([{"name": "a", "type": "string"}])
        with d.get_writer() as w:
            w.write_row_dict({"a": "b"})
    """)
    assert plugin.run_recipe(OTHER).datasets["P.rows"].rows == [{"a": "b"}]


def test_a_component_that_dies_is_a_failed_run_with_its_last_words(plugin):
    body = "import os, sys\nprint('disk full', file=sys.stderr, flush=True)\nos._exit(7)"
    with pytest.raises(ComponentError) as raised:
        plugin.macro(body).run(OTHER)
    assert raised.value.error_type == "com.dataiku.dip.exceptions.ProcessDiedException"
    assert "disk full" in raised.value.message


def test_a_component_that_dies_silently_still_says_that_it_died(plugin):
    with pytest.raises(ComponentError, match="it died"):
        plugin.macro("import os\nos._exit(0)").run(OTHER)


def test_a_dead_recipe_writes_nothing(plugin):
    plugin.recipe("import os\ndataiku.Dataset('rows').write_schema([])\nos._exit(0)")
    with pytest.raises(ComponentError, match="it died"):
        plugin.run_recipe(OTHER)


def test_the_component_runs_without_this_processs_secrets(plugin, monkeypatch):
    monkeypatch.setenv("DKU_API_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    body = "import os\nreturn [os.getpid(), os.getcwd(), sorted(os.environ)]"
    pid, folder, names = plugin.macro(body, "JSON_OBJECT").run(OTHER).payload
    assert pid != os.getpid() and folder != str(Path.cwd())
    assert not {"DKU_API_KEY", "PYTHONPATH"} & set(names)


def test_the_folder_it_ran_in_and_the_process_are_gone_afterwards(plugin):
    body = "import os\nopen('left.txt', 'w')\nreturn [os.getcwd(), os.getpid()]"
    folder, pid = plugin.macro(body, "JSON_OBJECT").run(OTHER).payload
    assert not Path(folder).exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_an_abort_ends_the_process_at_once(plugin):
    seen: list[int] = []
    began = time.monotonic()
    body = "import os, time\nprogress_callback(os.getpid())\ntime.sleep(60)"
    with pytest.raises(ComponentAborted):
        plugin.macro(body).run(OTHER, progress=lambda done, *_: seen.append(done), aborted=lambda: bool(seen))
    assert time.monotonic() - began < 30
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


def test_progress_comes_while_the_macro_runs_and_not_at_its_end(plugin, tmp_path):
    went_on = tmp_path / "go"
    body = f"""
        import os, time
        progress_callback(1)
        for _ in range(500):
            if os.path.exists({str(went_on)!r}):
                return
            time.sleep(0.01)
        raise RuntimeError("nobody heard of the progress")
    """
    plugin.macro(body).run(OTHER, progress=lambda *_: went_on.touch())


def test_the_plugins_own_library_goes_before_an_installed_one(plugin):
    package = plugin.root / "python-lib" / "govern_mirror"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("ORIGIN = 'the plugin'\n")
    body = "import govern_mirror\nreturn [govern_mirror.ORIGIN]"
    assert plugin.macro(body, "JSON_OBJECT").run(OTHER).payload == ["the plugin"]


@pytest.mark.parametrize("module", ["params", "results", "kernel", "job", "macros", "worker"])
def test_a_name_that_a_component_imports_is_never_a_module_of_the_host(plugin, module):
    plugin.macro(f"import {module}")
    with pytest.raises(ComponentError, match="No module named"):
        plugin.run(OTHER)


def test_nothing_of_the_host_is_left_in_the_plugins_folder(plugin):
    plugin.macro("return None").run(OTHER)
    assert not list(plugin.root.rglob("__pycache__"))


def test_an_interpreter_that_is_not_there_is_said(plugin, tmp_path):
    with pytest.raises(FileNotFoundError, match="no-python"):
        plugin.macro("return None").run(tmp_path / "no-python")


def test_several_runs_at_once_each_get_their_own_answer(plugin):
    plugin.macro("return [self.project_key]", "JSON_OBJECT")
    found = {}

    def run(key: str) -> None:
        found[key] = plugin.run(OTHER, project_key=key).payload

    threads = [threading.Thread(target=run, args=(key,)) for key in "ABC"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"A": ["A"], "B": ["B"], "C": ["C"]}


def test_a_macro_of_the_plugin_governs_a_project_from_another_interpreter(sandbox, tmp_path):
    sandbox.create_project("P")
    # as DSS unpacks it: the library inside the plugin
    for folder in ("plugin.json", "python-runnables"):
        (tmp_path / folder).symlink_to(plugin_root() / folder)
    (tmp_path / "python-lib").mkdir()
    (tmp_path / "python-lib" / "govern_mirror").symlink_to(library())
    with serve(sandbox) as url:
        connection = Connection(url, sandbox.admin_key)
        host = PluginHost(tmp_path, OTHER)
        result = host.run_macro("initialize-workflow", params={}, project_key="P", connection=connection)
        assert result.payload["records"][0][:2] == ["P", "initialized"]
        with pytest.raises(ComponentError) as raised:
            host.run_macro("record-qualification", params={}, project_key="P", connection=connection)
    assert raised.value.error_type == "govern_mirror.components.results.MacroFailed"
    assert "nothing to record" in raised.value.message
    assert "govern_record" in sandbox.metadata("P")["customFields"]
