"""The `govern-mirror` command. Sub-commands are imported when they run, so that `--help` answers at once."""

from __future__ import annotations

import gc
import importlib
import io
import math
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from govern_mirror.bulk import DEFAULT_WORKERS, MAX_WORKERS, at_once
from govern_mirror.cli.context import GlobalOptions
from govern_mirror.cli.hints import similar_commands, worded
from govern_mirror.cli.interruption import signals, tell
from govern_mirror.cli.options import only_text
from govern_mirror.cli.printing import harmless_errors, print_line, readable_ending
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.operation import MAX_TIMEOUT, TIMEOUT, Work, doing, time_limit
from govern_mirror.text import terminal_line, terminal_text

DEVKIT = "govern_mirror_devkit.commands"
"""Where the devkit, which never ships to DSS, has its `COMMANDS`; looked for by name, since the search for entry points
takes as long as all else that `--help` does."""

COMMANDS = {
    "init": ("govern", "Initialize the workflow on projects."),
    "hide": ("govern", "Hide projects that nobody wants to govern, or undo that."),
    "ungovern": ("govern", "Remove all that this tool stored in projects."),
    "show": ("show", "Show one project."),
    "qualify": ("govern", "Record qualification fields."),
    "set": ("change", "Set any field of a project."),
    "advance": ("change", "Move the workflow one step on, or to a step."),
    "close": ("change", "Close a project whose work ended otherwise, or undo that."),
    "step": ("change", "Start, finish, skip, reopen or set a step; write notes and documents."),
    "history": ("show", "Show what happened, one line a save."),
    "serve": ("serve", "Open the live page, to govern, edit and save in the browser."),
    "report": ("report", "Report on the governed projects."),
    "gate": ("gate", "Let a pipeline pass, or stop it: has a project reached a step?"),
    "items": ("signoff", "List what a project has that can be signed off."),
    "signoff": ("signoff", "Ask for a review, give feedback, approve or reject."),
    "reviews": ("signoff", "List the reviews that wait."),
    "hub": ("hub", "Keep approvals in a project that nobody needs to write."),
    "audit": ("hub", "Verify that no approval was changed or taken away."),
    "sync": ("sync", "Keep DSS projects, a Govern node and plan files in step."),
    "scenario": ("scenario", "Install, show or remove the scenario that reports by itself."),
    "snapshot": ("snapshots", "Append the governed projects to a history."),
    "trends": ("snapshots", "Tell the trends of a history."),
    "doctor": ("doctor", "Check address, rights, versions and undocumented facts."),
}
"""The module of each command, imported when it is used, and what the help says of it."""


class WrongInput(click.ClickException):
    """An error in what the user gave: wrong usage."""

    exit_code = 2


class Seconds(click.FloatRange):
    """A number of seconds within its range; `nan`, which is in no range and out of none, is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Parse it."""
        seconds = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is used, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands by name, ours and those of the devkit."""
        return list(_commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or None when there is no such command."""
        module, _ = _commands().get(cmd_name, (None, None))
        if module is None:
            return None
        command: click.Command = getattr(importlib.import_module(module), cmd_name)
        return only_text(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that was typed; where there is none, name those that look like it."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            ctx.fail(f"No such command {name!r}.{similar_commands(name, self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from their one-line descriptions."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, sentence) for name, (_, sentence) in _commands().items()])

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run from the command line; what cannot be printed ends in a sentence."""
        # what is imported and read lives to the end: to look for cycles after each 700 objects is lost time
        gc.set_threshold(100_000)
        with readable_ending():
            return super().main(*arguments, **options)

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the arguments; what was typed is not obeyed by the terminal that shows an error."""
        with harmless_errors():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Run; an error meant for the user becomes a message and an exit code instead of a traceback.

        A signal ends with what is known of how far the command came, and 128 and its number.
        """
        with signals() as received, doing(Work()) as work:
            try:
                with harmless_errors():
                    return super().invoke(ctx)
            except GovernMirrorError as error:
                session = ctx.obj.opened_session if isinstance(ctx.obj, GlobalOptions) else None
                kind = WrongInput if isinstance(error, InputError) else click.ClickException
                harmless = terminal_text if error.has_lines else terminal_line
                raise kind(harmless(worded(str(error), error.hint, session))) from error
            except KeyboardInterrupt as interrupted:
                tell(interrupted, work)
                raise click.exceptions.Exit(received.exit_code) from None
            except click.Abort:
                if received.number is None:
                    raise
                tell(KeyboardInterrupt(), work)  # pressed at a question
                raise click.exceptions.Exit(received.exit_code) from None


def _commands() -> dict[str, tuple[str, str]]:
    """The full name of each command's module, and what the help says of it."""
    homes = {"govern_mirror.cli.commands": COMMANDS}
    with suppress(ModuleNotFoundError):
        homes[DEVKIT] = importlib.import_module(DEVKIT).COMMANDS
    return {
        name: (f"{home}.{module}", sentence)
        for home, commands in homes.items()
        for name, (module, sentence) in commands.items()
    }


def _version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        print_line(f"govern-mirror {version('govern-mirror')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--url", metavar="U", help="Address of the DSS instance; else DKU_DSS_URL or Dataiku's config file.")
@click.option("--api-key", metavar="K", help="API key; else --api-key-file, DKU_API_KEY or the config file.")
@click.option("--api-key-file", metavar="F", type=click.Path(path_type=Path), help="File that holds the API key.")
@click.option(
    "--instance",
    "instances",
    multiple=True,
    metavar="NAME",
    help="Name of an instance in Dataiku's config file. Repeated: several, where the command takes them.",
)
@click.option("--no-check-certificate", is_flag=True, help="Do not check TLS certificates.")
@click.option(
    "--settings",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Plugin settings as JSON, where the instance's cannot be read.",
)
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=Seconds(min=0, min_open=True, max=MAX_TIMEOUT),
    default=TIMEOUT,
    show_default=True,
    help="How long one project, or one list, may take in all, repeated reads included.",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(1, MAX_WORKERS),
    default=DEFAULT_WORKERS,
    show_default=True,
    help="How many projects are worked on at once.",
)
@click.option(
    "--sync-secret-file",
    metavar="F",
    type=click.Path(path_type=Path),
    help="File with the secret that seals what `sync` brings in step; else DKU_SYNC_SECRET.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
@click.option("-q", "--quiet", is_flag=True, help="No messages and no progress on stderr, only errors.")
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
)
@click.pass_context
def main(ctx: click.Context, /, **values: Any) -> None:
    """Dataiku Govern's project workflow, for any Dataiku DSS instance.

    Exit codes: 0 done; 1 failed or refused; 2 wrong usage; 3 differences (a dry run that would change
    something, a gate that is not met).
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe may not be UTF-8, on Windows for one
    ctx.with_resource(time_limit(values.pop("timeout")))
    ctx.with_resource(at_once(values.pop("workers")))
    ctx.obj = GlobalOptions(**values)


only_text(main)
