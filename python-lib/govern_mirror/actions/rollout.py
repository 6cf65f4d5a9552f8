"""Look at the live page as an administrator sets it up in DSS, in the order of docs/webapp.md."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from govern_mirror.actions.doctor import CheckStatus, DoctorCheck
from govern_mirror.actions.session import Session
from govern_mirror.dss import Members, PageWebapp, Readers, members, page_webapps, readers_of, require_page, writers_of
from govern_mirror.errors import GovernMirrorError

MULTI_THREADED = (13, 5, 3)
"""From this DSS on the backend answers several people at once."""

_NUMBERS = re.compile(r"(\d+)\.(\d+)\.(\d+)", re.ASCII)

_WEBAPP_PATH = re.compile(
    r"(/projects/(?=\w+/webapps)|/webapps/(?=\w+/\w+$))(?P<key>\w+)/(webapps/)?(?P<id>[^_/]+)", re.ASCII
)
"""The paths by which DSS names a webapp; an administrator can give it another one (docs, *Direct access*)."""

PEOPLE = {
    "owner": "log in as the owner of a project: they edit their own, and on others Edit is off and says why",
    "reader": "log in as somebody who only reads: Edit is off everywhere, and what they may not read is not found",
    "manager": "log in as a governance manager: they see and edit what their group may",
    "nobody's reader": "log in as somebody who may open the page and read no governed project: nothing is there",
    "outsider": "log in as somebody who may not read the page's project: DSS refuses them",
}
"""What only people can look at, by who looks."""


def examine_rollout(session: Session, project_key: str) -> Iterator[DoctorCheck]:
    """Check what can be seen of the live page's webapp, and say what cannot.

    Args:
        session: the instance and user; an administrator's key sees most.
        project_key: the project that the webapp is in.

    Yields:
        One check after the other, as they end.
    """
    yield _version(session)
    try:
        webapps = page_webapps(session.store.client, project_key)
    except GovernMirrorError as error:
        yield DoctorCheck("webapp", CheckStatus.FAILED, str(error), error.hint)
        return
    if not webapps:
        detail = f"{project_key} has no webapp Governed projects: create it there, under Webapps (step 3)"
        yield DoctorCheck("webapp", CheckStatus.FAILED, detail)
        return
    people = members(session.store.client)
    for webapp in webapps:
        yield DoctorCheck("webapp", CheckStatus.OK, f"{webapp.name} ({webapp.id}) is in {project_key}")
        yield _run_as(webapp, people)
        yield _start(webapp)
        yield _backend(webapp)
        yield from _project(session, project_key, webapp, people)
    yield _page_address(session, project_key, webapps)
    yield DoctorCheck(
        "impersonation",
        CheckStatus.UNKNOWN,
        "DSS's API does not tell which groups the run-as user's group may act for: look at Impersonation in webapps of "
        "that group (step 5)",
    )
    for who, what in PEOPLE.items():
        yield DoctorCheck(who, CheckStatus.UNKNOWN, f"{what} (step 7)")


def _page_address(session: Session, project_key: str, webapps: Sequence[PageWebapp]) -> DoctorCheck:
    """Whether links to items lead to one of these webapps, and something answers there."""
    store, name = session.store, "links"
    address = store.page_address
    if address is None:
        refused = [warning for warning in session.settings.warnings if "page_address" in warning]
        detail = (
            refused[0]
            if refused
            else (
                "the plugin's setting page_address is empty: links in macros, mails and reports open the project in "
                "DSS, not the item on this page (step 8)"
            )
        )
        return DoctorCheck(name, CheckStatus.FAILED if refused else CheckStatus.WARNING, detail)
    parts = urlsplit(address)
    hosts = {urlsplit(url).netloc for url in (store.address, store.url, store.external_url()) if url}
    if parts.netloc not in hosts:
        detail = f"page_address leads to {parts.netloc}, and DSS is {', '.join(sorted(hosts))}: it was not asked"
        return DoctorCheck(name, CheckStatus.WARNING, detail)
    match = _WEBAPP_PATH.search(parts.path)
    if match and (match["key"], match["id"]) not in {(project_key, webapp.id) for webapp in webapps}:
        detail = f"page_address leads to another webapp than {', '.join(w.id for w in webapps)} in {project_key}"
        return DoctorCheck(name, CheckStatus.FAILED, f"{detail}: copy the address of step 8")
    try:
        require_page(store.client, address)
    except GovernMirrorError as error:
        detail = f"page_address, {address}: {error}; copy the address of step 8"
        return DoctorCheck(name, CheckStatus.FAILED, detail, error.hint)
    return DoctorCheck(name, CheckStatus.OK, f"links open items at {address}, which answers")


def _version(session: Session) -> DoctorCheck:
    try:
        version = session.store.dss_version()
    except GovernMirrorError as error:
        return DoctorCheck("version", CheckStatus.FAILED, str(error), error.hint)
    numbers = _NUMBERS.search(version or "")
    if numbers is None:
        return DoctorCheck("version", CheckStatus.UNKNOWN, f"DSS names no version that can be compared: {version}")
    if tuple(map(int, numbers.groups())) < MULTI_THREADED:
        oldest = ".".join(map(str, MULTI_THREADED))
        detail = f"DSS {version}: before {oldest} one person at a time is answered; the page works, slowly for many"
        return DoctorCheck("version", CheckStatus.WARNING, detail)
    return DoctorCheck("version", CheckStatus.OK, f"DSS {version}")


def _run_as(webapp: PageWebapp, people: Members | None) -> DoctorCheck:
    login = webapp.run_as
    if login is None:
        who = webapp.last_modified_by or "whoever changed it last"
        detail = f"nobody is set, so that the backend runs as {who}: set a service account (step 4)"
        return DoctorCheck("run as", CheckStatus.FAILED, detail)
    if people is None:
        detail = f"runs as {login}; only administrators' keys can tell whether that is an ordinary account"
        return DoctorCheck("run as", CheckStatus.UNKNOWN, detail)
    if login in people.administrators:
        detail = f"runs as {login}, an administrator: a fault in it could do everything; use a service account (step 1)"
        return DoctorCheck("run as", CheckStatus.FAILED, detail)
    if login not in people.groups:
        return DoctorCheck("run as", CheckStatus.FAILED, f"runs as {login}, who does not exist or cannot log in")
    shared = [name for name in sorted(people.groups[login]) if len(people.in_group(name)) > 1]
    if shared:
        names = ", ".join(shared)
        detail = f"runs as {login}, in the group {names} with others, whose webapps could act for people, too"
        return DoctorCheck("run as", CheckStatus.WARNING, f"{detail}: give it a group of its own (step 1)")
    return DoctorCheck("run as", CheckStatus.OK, f"runs as {login}, an ordinary account with a group of its own")


def _start(webapp: PageWebapp) -> DoctorCheck:
    if webapp.starts_by_itself:
        return DoctorCheck("auto-start", CheckStatus.OK, "the backend starts with DSS")
    detail = "the backend does not start with DSS: set Auto-start backend (step 4)"
    return DoctorCheck("auto-start", CheckStatus.WARNING, detail)


def _backend(webapp: PageWebapp) -> DoctorCheck:
    if webapp.is_running:
        return DoctorCheck("backend", CheckStatus.OK, "the backend runs")
    return DoctorCheck("backend", CheckStatus.FAILED, "the backend does not run: Actions, Start backend (step 6)")


def _project(session: Session, project_key: str, webapp: PageWebapp, people: Members | None) -> Iterator[DoctorCheck]:
    """Who may open the page, and who may change it."""
    client = session.store.client
    try:
        readers, writers = readers_of(client, project_key), writers_of(client, project_key)
    except GovernMirrorError as error:
        detail = f"who may open and change the page cannot be known: {error}"
        yield DoctorCheck("rights", CheckStatus.UNKNOWN, detail)
        return
    yield DoctorCheck("readers", CheckStatus.OK, f"the page opens for {_named(readers)}")
    if people is not None and webapp.run_as and webapp.run_as not in people.of(readers):
        detail = f"{webapp.run_as} may not read {project_key}: give its group Read project content (step 2)"
        yield DoctorCheck("service account", CheckStatus.FAILED, detail)
    if writers.groups:
        detail = f"{_named(writers)} may change and stop the webapp: nobody but its administrators needs to (step 2)"
        yield DoctorCheck("writers", CheckStatus.WARNING, detail)
    else:
        yield DoctorCheck("writers", CheckStatus.OK, f"only {_named(writers)} may change the webapp")


def _named(holders: Readers) -> str:
    groups = [f"the group {name}" for name in sorted(holders.groups)]
    return ", ".join([*groups, *sorted(holders.logins)]) or "administrators only"
