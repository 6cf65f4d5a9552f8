"""Look at an instance as `govern-mirror` needs it: address, rights, versions, and the facts nobody documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import version

from govern_mirror.actions.session import Session
from govern_mirror.blueprint import RECORD_FIELD
from govern_mirror.dss import ProjectProbe
from govern_mirror.errors import GovernMirrorError


class Verdict(str, Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One thing looked at: what, how it ended, and what was found or what to do."""

    name: str
    verdict: Verdict
    detail: str


def examine(session: Session, project_key: str | None = None, *, probe_write: bool = False) -> Iterator[Check]:
    """Check the instance, and one project when given.

    Args:
        session: the instance, settings and user.
        project_key: a project to try reading.
        probe_write: also write the project's metadata back exactly as it was read, to learn whether this key
            may write and whether DSS counts that as a change.

    Yields:
        One check after the other, as they end. After a failed one, those that need it are left out.
    """
    store = session.store
    yield Check("client", Verdict.OK, f"dataiku-api-client {version('dataiku-api-client')}")
    login = _check("key", store.login, lambda login: f"DSS knows you as {login}")
    yield login
    if login.verdict is Verdict.FAILED:
        return
    yield _check("version", store.dss_version, lambda found: f"DSS {found or 'tells no version'}")
    yield _check("node", lambda: store.node_id, _node)
    if session.warnings:
        yield Check("settings", Verdict.WARNING, "; ".join(session.warnings))
    else:
        yield Check("settings", Verdict.OK, "the plugin's settings are known")
    yield _check("projects", store.survey, lambda survey: survey.sentence)
    if project_key is not None:
        yield from _project(session, project_key, probe_write)


def _project(session: Session, project_key: str, probe_write: bool) -> Iterator[Check]:
    read = _check(
        f"read {project_key}", lambda: session.store.read(project_key), lambda p: f"readable; {p.state.value}"
    )
    yield read
    if read.verdict is Verdict.FAILED or not probe_write:
        return
    yield _check(f"write {project_key}", lambda: session.store.probe_write(project_key), _written)


def _written(probe: ProjectProbe) -> str:
    if not probe.unchanged:
        return "writable, but DSS gave back other metadata than was sent: look at " + ", ".join(probe.differing)
    moves = "moves" if probe.version_moved else "does not move"
    return (
        f"writable; a metadata write {moves} the project's version tag; {RECORD_FIELD} and the fields come back exact"
    )


def _node(node_id: object) -> str:
    return f"node {node_id}" if node_id else "DSS names no node id: copies between instances cannot be told"


def _check(name: str, look: Callable[[], object], sentence: Callable[..., str]) -> Check:
    try:
        return Check(name, Verdict.OK, sentence(look()))
    except GovernMirrorError as error:
        return Check(name, Verdict.FAILED, str(error))
