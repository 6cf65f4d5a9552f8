"""The global options of the command line, and the session they lead to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from govern_mirror.actions.session import Session


@dataclass
class GlobalOptions:
    """What was given before the command."""

    url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    api_key_file: Path | None = None
    instance: str | None = None
    no_check_certificate: bool = False
    settings: Path | None = None
    verbose: bool = False
    quiet: bool = False

    def message(self, text: str) -> None:
        """Say something on stderr, unless quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def session(self, *, rules_matter: bool = False) -> Session:
        """Open the session these options and the environment lead to.

        Args:
            rules_matter: whether a missing rule of the settings could make a difference; then a warning is given
                when the instance's settings cannot be read.

        Raises:
            GovernMirrorError: no instance is given, it cannot be reached, or refuses the key.
        """
        import os

        from govern_mirror.actions.session import open_session
        from govern_mirror.connection import Options, resolve
        from govern_mirror.event import Source
        from govern_mirror.settings import read_settings

        options = Options(self.url, self.api_key, self.api_key_file, self.instance, self.no_check_certificate)
        fallback = read_settings(self.settings) if self.settings else None
        instance = resolve(options, os.environ, Path.home())
        if not instance.check_certificate:
            import urllib3

            # asked for by the user: one warning a request would bury the output
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        session = open_session(instance, fallback, Source.CLI)
        if rules_matter or self.verbose:
            for warning in session.warnings:
                self.message(f"Warning: {warning}")
        return session


pass_options = click.make_pass_decorator(GlobalOptions)
