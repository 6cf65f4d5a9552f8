"""The global options of the command line, and the session they lead to."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govern_mirror.cli.printing import DIFFERENCES, done_before, is_terminal, print_changes, say

if TYPE_CHECKING:
    from govern_mirror.actions.record import Changed
    from govern_mirror.actions.session import Session
    from govern_mirror.bulk import Progress
    from govern_mirror.connection import Instance
    from govern_mirror.model.blueprint import Blueprint
    from govern_mirror.settings import Settings


@dataclass
class GlobalOptions:
    """What was given before the command."""

    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    api_key_file: Path | None = None
    instances: tuple[str, ...] = ()
    no_check_certificate: bool = False
    settings: Path | None = None
    sync_secret_file: Path | None = None
    verbose: bool = False
    quiet: bool = False
    noticed: set[str] = field(default_factory=set, repr=False)
    opened_session: Session | None = field(default=None, repr=False)

    def notice(self, instance: Instance) -> None:
        """Say on stderr, each thing once, what the user should know of how an instance is reached."""
        for text in instance.notices:
            if text not in self.noticed:
                self.noticed.add(text)
                self.message(f"Warning: {text}")

    def message(self, text: str) -> None:
        """Say something on stderr, unless quiet."""
        if not self.quiet:
            say(text)

    @contextmanager
    def progress(self, title: str) -> Iterator[Progress | None]:
        """Show progress on stderr while something long runs; nothing when quiet or when stderr is no terminal."""
        if self.quiet or not is_terminal(sys.stderr):
            yield None
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=None)

            def advanced(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            yield advanced

    def end_with(self, project_key: str, changed: Changed, *, dry_run: bool) -> None:
        """Print how a change of one project ended; exit 3 when a dry run would change something."""
        from govern_mirror.labels import recorded, success

        for warning in changed.warnings:
            self.message(f"Warning: {warning}")
        if not changed.changes and not changed.recorded:
            self.message(f"{project_key}: nothing to change")
            return
        if changed.changes:
            with done_before(
                f"{project_key}: {'the change was written' if changed.written else 'nothing was written'}"
            ):
                print_changes(changed.project.blueprint, project_key, changed.changes)
            self.message(success(changed.project, changed.changes, would=dry_run))
        if changed.recorded:
            self.message(f"{project_key}: {recorded(changed.project.blueprint, changed.recorded, would=dry_run)}")
        if dry_run:
            self.message(f"{project_key}: dry run, nothing was written")
            raise click.exceptions.Exit(DIFFERENCES)

    def session(self, *, rules_matter: bool = False, writes: bool = False, lists_projects: bool = False) -> Session:
        """Open the session these options and the environment lead to.

        Args:
            rules_matter: whether a missing rule of the settings could make a difference; then a warning is given
                when the instance's settings cannot be read.
            writes: whether projects are written; then it is said for how long a write settles where the instance's
                settings cannot be read.
            lists_projects: whether the list of projects is certainly read: it is asked for at once then.

        Raises:
            GovernMirrorError: no instance is given, or it cannot be reached.
        """
        if len(self.instances) > 1:
            raise click.UsageError("this command works on one instance: give --instance once")
        instance = self._resolved(self.instances[0] if self.instances else None)
        return self.opened(instance, rules_matter, writes, lists_projects)

    def addressed(self, fleet: Path | None = None) -> list[Instance]:
        """The instances that are meant: those named by --instance, or those of a fleet file.

        Args:
            fleet: a file of the shape of Dataiku's config file; all of its instances count.

        Raises:
            GovernMirrorError: as for `session`; the fleet file cannot be read.
        """
        from govern_mirror.connection import read_fleet

        if fleet is not None:
            if self.url or self.instances:
                raise click.UsageError("give either --fleet or --instance and --url, not both")
            return read_fleet(fleet, check_certificate=not self.no_check_certificate)
        return [self._resolved(name) for name in self.instances or (None,)]

    def blueprint(self) -> Blueprint:
        """The template of the settings that were given, else Govern's own; for what asks no instance.

        Raises:
            GovernMirrorError: the settings or their template cannot be read.
        """
        return self._settings().blueprint()

    def _settings(self) -> Settings:
        from govern_mirror.settings import Settings, read_settings

        return read_settings(self.settings) if self.settings else Settings()

    def _resolved(self, name: str | None) -> Instance:
        import contextlib
        import os

        from govern_mirror.connection import Options, resolve

        options = Options(self.url, self.api_key, self.api_key_file, name, self.no_check_certificate)
        home: Path | None = None
        with contextlib.suppress(RuntimeError):  # a user without a home folder, as in some containers
            home = Path.home()
        return resolve(options, os.environ, home)

    def opened(
        self, instance: Instance, rules_matter: bool = False, writes: bool = False, lists_projects: bool = False
    ) -> Session:
        """Open a session with one instance.

        Raises:
            GovernMirrorError: it cannot be reached.
        """
        import os

        from govern_mirror.connection import deployer_of
        from govern_mirror.dss import ListAhead, connect

        self.notice(instance)
        deployer = deployer_of(os.environ, check_certificate=instance.check_certificate)
        if deployer is not None:
            self.notice(deployer)
        fallback = self._settings() if self.settings else None
        if not instance.check_certificate:
            import urllib3

            # asked for by the user: one warning a request would bury the output
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        ahead = ListAhead(connect(instance)) if lists_projects else None

        # what follows is imported while DSS makes the list
        from govern_mirror.actions.session import SETTLING_WARNING, open_session
        from govern_mirror.model.event import Source

        session = open_session(instance, fallback, Source.CLI, deployer, ahead)
        if rules_matter or self.verbose or self.settings:
            for warning in session.warnings:
                self.message(f"Warning: {warning}")
        elif writes and session.rules_unreadable:
            self.message(f"Warning: {SETTLING_WARNING.format(reason=session.rules_unreadable)}")
        self.opened_session = session
        return session


pass_options = click.make_pass_decorator(GlobalOptions)
