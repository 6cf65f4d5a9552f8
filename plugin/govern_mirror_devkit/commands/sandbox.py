"""`govern-mirror sandbox`."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.cli.context import GlobalOptions, pass_options

if TYPE_CHECKING:
    from govern_mirror.bulk import Progress

    from ..sandbox.app import Sandbox
    from ..sandbox.govern.app import GovernSandbox

SEEDS = ("demo", "scale", "empty")

_THREADS_WITH_BROWSERS = 64
"""Each request of a browser to a backend waits for others, which the backend makes."""


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Port; else any free one.")
@click.option("--projects", type=click.IntRange(0), metavar="N", help="How many projects the seed scale creates.")
@click.option("--seed", type=click.Choice(SEEDS), help="What fills it; else demo, or scale with --projects.")
@click.option(
    "--latency-ms", type=click.FloatRange(0), default=0.0, metavar="L", help="Milliseconds each answer waits."
)
@click.option("--faults", metavar="SPEC", help="What goes wrong, e.g. 'GET *:503@every5'.")
@click.option(
    "--govern", "with_govern", is_flag=True, help="Also start a Govern node that knows the projects, for sync."
)
@click.option(
    "--webapp", is_flag=True, help="Also install the live page; its people log in with a browser, login as password."
)
@click.option(
    "--hub", "with_hub", is_flag=True, help="With --webapp, also set up sign-off; a bundle waits for its review."
)
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Keep the state in a file.")
@pass_options
def sandbox(
    options: GlobalOptions,
    /,
    port: int,
    projects: int | None,
    seed: str | None,
    latency_ms: float,
    faults: str | None,
    with_govern: bool,
    webapp: bool,
    with_hub: bool,
    db: Path | None,
) -> None:
    """Start a small DSS to play with. Prints {"url", "api_key"} as its first line, then serves until stopped.

    With --govern the line also holds {"govern_url", "govern_api_key"}, with --webapp {"webapp_url", "logins"},
    with --hub {"hub", "keys"}: API keys of those who ask for a review and take part in it.
    """

    from ..host import PluginHost
    from ..sandbox.app import Sandbox
    from ..sandbox.server import THREADS, serve
    from ..source import plugin_root

    if with_hub and not webapp:
        raise click.UsageError("--hub wants --webapp: its people take part in the reviews")
    try:
        dss = Sandbox(db, plugin=PluginHost(plugin_root()))
    except (sqlite3.Error, OSError) as error:
        raise click.UsageError(f"--db {db} cannot be used: {error}") from error
    try:
        if faults:
            dss.faults.set(faults)  # a wrong specification fails before the work
            dss.faults.set("")
        with serve(dss, port, threads=_THREADS_WITH_BROWSERS if webapp else THREADS) as url, ExitStack() as stack:
            if not dss.projects.all_keys():
                with options.progress("filling the sandbox") as advanced:
                    chosen = seed or ("demo" if projects is None else "scale")
                    _fill(dss, url, chosen, projects, advanced, reviews=not with_hub)
            dss.faults.set(faults or "")
            dss.faults.latency_ms = latency_ms
            line: dict[str, Any] = {"url": url, "api_key": dss.admin_key}
            if with_govern:
                line |= _start_govern(dss, stack)
            if webapp:
                line |= _install_webapp(dss, url, with_hub=with_hub)
            click.echo(json.dumps(line))
            options.message("Serving; stop with Ctrl-C.")
            threading.Event().wait()
    except ValueError as error:
        raise click.UsageError(f"--faults: {error}") from error
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used: {error.strerror or error}") from error
    except KeyboardInterrupt:
        options.message("Stopped.")
    finally:
        dss.close()


def _start_govern(dss: Sandbox, stack: ExitStack) -> dict[str, Any]:
    """Start a Govern node that knows the projects, and tell where it is."""
    from ..sandbox.govern.app import GovernSandbox
    from ..sandbox.server import serve

    node = stack.enter_context(closing(GovernSandbox()))
    url = stack.enter_context(serve(node))
    _register_projects(dss, node)
    return {"govern_url": url, "govern_api_key": node.api_key}


def _install_webapp(dss: Sandbox, url: str, *, with_hub: bool) -> dict[str, Any]:
    """Install the live page with its people, start it, and tell where it is and who may log in."""
    from ..sandbox.instance import ADMIN
    from ..sandbox.pages import view_path
    from ..seeds import approvals, people

    if people.PROJECT not in dss.projects.all_keys():
        people.settle(dss)
        people.install_webapp(dss)
    # before the page's backend starts, which reads the settings then
    hub = {"hub": approvals.PROJECT, "keys": approvals.install_hub(dss, url)} if with_hub else {}
    dss.webapps.start_automatic()
    page = view_path(people.PROJECT, dss.webapps.get(dss.admin, people.PROJECT, people.WEBAPP_ID))
    logins = {role: person.login for role, person in people.PEOPLE.items()} | {"administrator": ADMIN}
    return {"webapp_url": f"{url}{page}", "logins": logins} | hub


def _register_projects(dss: Sandbox, node: GovernSandbox) -> None:
    """Let the Govern node know the projects, govern the governed ones, with no values yet, and be integrated."""
    from ..sandbox.govern.templates import BUSINESS_INITIATIVE, DEFAULT_VERSION

    dss.integrate(node.node_ref, node.node.make_known)
    initiatives: set[Any] = set()
    for key in dss.projects.all_keys():
        item = node.node.register_dataiku_project(dss.node_id, key)
        metadata = dss.metadata(key)
        if "govern_record" in metadata["customFields"]:
            governed = node.node.govern(str(metadata.get("label") or key), item.id)
            _register_items(dss, node, key, governed.id)
            initiatives.add(metadata["customFields"].get("govern_business_initiative"))
    version = {"blueprintId": BUSINESS_INITIATIVE, "versionId": DEFAULT_VERSION}
    for name in sorted(initiatives - {None}):
        node.node.create({"name": name, "blueprintVersionId": version})


def _register_items(dss: Sandbox, node: GovernSandbox, key: str, govern_project: str) -> None:
    """Let Govern know and govern the bundles and model versions of a project; the bundles wait for final approval."""
    from ..sandbox.govern.signoffs import SignoffStatus

    items = node.items
    for bundle in json.loads(dss.bundles.listed(dss.admin, key))["bundles"]:
        item = items.know_bundle(dss.node_id, key, bundle["bundleId"])
        governed = items.govern_bundle(govern_project, item)
        node.node.set_signoff(governed.id, "review", SignoffStatus.WAITING_FOR_APPROVAL)
    for saved_model in dss.saved_models.listed(dss.admin, key):
        model: str | None = None
        for version in dss.saved_models.versions(dss.admin, key, saved_model["id"]):
            item = items.know_model_version(dss.node_id, key, saved_model["id"], version["id"])
            model = items.govern_model_version(govern_project, item, model).fields["govern_model"]


def _fill(dss: Sandbox, url: str, seed: str, projects: int | None, advanced: Progress | None, *, reviews: bool) -> None:
    """Fill it; `reviews` says whether the stories' releases are reviewed in a hub of theirs."""
    from govern_mirror import clock

    from ..seeds import demo, scale

    if seed == "demo":
        demo.run(dss, url, demo.prepare(dss), lambda _: None, clock.now(), with_hub=reviews)
    elif seed == "scale":
        # for trying things out and measuring: one writer, so that nobody need wait for another one
        dss.plugins.configure(settling_seconds=0)
        scale.fill(dss, 1000 if projects is None else projects, clock.now(), advanced)
