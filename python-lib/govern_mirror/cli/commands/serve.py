"""`govern-mirror serve`."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.printing import print_line


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port; else any free one.")
@click.option(
    "--history",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="History for the view Trends, as `snapshot` keeps it.",
)
@pass_options
def serve(options: GlobalOptions, port: int, history: Path | None) -> None:
    """Open the live page on this machine, as the user of the key, to govern, edit and save in the browser.

    Prints {"url", "token"} as its first line, then serves until stopped. The url opens the page once, in the browser
    that it is pasted into; the token lets programs use the API, as `Authorization: Bearer TOKEN`. Nobody else's
    requests are answered.
    """
    from govern_mirror.web.loopback import serving

    session = options.session(rules_matter=True)
    try:
        with serving(session, port, history) as address:
            print_line(json.dumps({"url": address.url, "token": address.token}))
            options.message(f"The page is open for {session.login} at {address.base}: paste the url. Stop with Ctrl-C.")
            threading.Event().wait()
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used: {error.strerror or error}; choose --port") from error
    except KeyboardInterrupt:
        options.message("Stopped.")
