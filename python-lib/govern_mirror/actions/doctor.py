"""Look at an instance as `govern-mirror` needs it: how it is reached, rights, versions, and what nobody documents."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from govern_mirror.actions.governed_items import read_item
from govern_mirror.actions.schedule_review import review
from govern_mirror.actions.session import Session
from govern_mirror.connection import is_plain_http, other_readers
from govern_mirror.dss import ProjectProbe, SettingsUnreadable, survey_of, write_back
from govern_mirror.errors import AccessDenied, GovernMirrorError, Hint
from govern_mirror.model.blueprint import RECORD_FIELD

OLDEST = (12, 6)
"""The oldest DSS, and the oldest client, that this version is tried with."""

_VERSION = re.compile(r"(\d+)\.(\d+)", re.ASCII)


class CheckStatus(str, Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    UNKNOWN = "cannot be checked"


@dataclass(frozen=True)
class DoctorCheck:
    """One thing looked at: what, how it ended, what was found, and what to do, which the entry point words."""

    name: str
    status: CheckStatus
    detail: str
    hint: Hint | None = None


class KeyOrigin(Enum):
    """Where a key was given."""

    OPTION = "--api-key"
    FILE = "a file"
    ENVIRONMENT = "DKU_API_KEY"


@dataclass(frozen=True)
class KeySource:
    """Where a key comes from; `path` of a key file, or of Dataiku's config file."""

    origin: KeyOrigin
    path: Path | None = None

    @property
    def advice(self) -> str | None:
        """What to do so that nobody else reads the key; None when nothing is to do."""
        if self.origin is KeyOrigin.OPTION:
            return (
                "the key stands on the command line, where other users of this machine see it in the list of processes "
                "and the shell keeps it: use --api-key-file or DKU_API_KEY, and make a new key"
            )
        if self.path is None:
            return None
        readers = other_readers(self.path)
        return f"{readers} can read the key in {self.path}: run chmod 600 on it" if readers else None

    def __str__(self) -> str:
        return f"the key comes from {self.path or self.origin.value}"


def examine(
    session: Session,
    project_key: str | None = None,
    *,
    probe_write: bool = False,
    key_source: KeySource | None = None,
    settings_given: bool = False,
) -> Iterator[DoctorCheck]:
    """Check the instance, and one project when given.

    Args:
        session: the instance, settings and user.
        project_key: a project, or one of its items, to try reading; the project's scheduled report is looked at, too.
        probe_write: also write the project's metadata back exactly as it was read, to learn whether this key
            may write, whether DSS counts that as a change, and in which order it gives tags back.
        key_source: where the API key comes from; None where that is not known.
        settings_given: whether settings were given for the case that the instance's cannot be read.

    Yields:
        One check after the other, as they end. After a failed one, those that need it are left out.
    """
    store = session.store
    yield _client()
    yield from _reach(session, key_source)
    login = _check("key", store.login, lambda login: f"DSS knows you as {login}")
    yield login
    if login.status is CheckStatus.FAILED:
        return
    yield _dss_version(session)
    yield _check("node", lambda: store.node_id, _node)
    yield _settings(session, settings_given=settings_given)
    yield _check("projects", partial(survey_of, store), str)
    if project_key is not None:
        yield from _project(session, project_key, probe_write)


# how the instance is reached ------------------------------------------------------------------------------------


def _client() -> DoctorCheck:
    client = _installed("dataiku-api-client")
    detail = (
        f"dataiku-api-client {client}, govern-mirror {_installed('govern-mirror')}, Python {platform.python_version()}"
    )
    is_old = _is_old(client)
    return _result("client", f"{detail}: the client is older than {_oldest()}, update it" if is_old else detail, is_old)


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of an unknown version"  # as inside DSS, which brings the client along


def _reach(session: Session, key_source: KeySource | None) -> Iterator[DoctorCheck]:
    store, address = session.store, session.store.address
    if address.lower().startswith("https://"):
        yield _result("address", f"{address}, encrypted")
        certificates = "TLS certificates are checked"
        if not store.checks_certificate:
            certificates = (
                "TLS certificates are not checked, so that whoever is on the way can read the key and change what is "
                "sent: set REQUESTS_CA_BUNDLE to your company's certificates instead"
            )
        yield _result("certificates", certificates, not store.checks_certificate)
    elif not is_plain_http(address):
        yield _result("address", f"{address}, on this machine")
    else:
        detail = f"{address} is plain http: whoever is on the way can read the key and change what is sent; use https"
        yield _result("address", detail, is_warning=True)
    if key_source is not None:
        advice = key_source.advice
        yield _result("key source", advice or str(key_source), advice)


# the instance ---------------------------------------------------------------------------------------------------


def _dss_version(session: Session) -> DoctorCheck:
    check = _check("version", session.store.dss_version, lambda text: f"DSS {text or 'tells no version'}")
    if check.status is CheckStatus.OK and _is_old(check.detail):
        return _result(
            "version", f"{check.detail} is older than {_oldest()}, with which this is tried", is_warning=True
        )
    return check


def _is_old(text: str) -> bool:
    numbers = _VERSION.search(text)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) < OLDEST


def _oldest() -> str:
    return ".".join(map(str, OLDEST))


def _node(node_id: object) -> str:
    return f"node {node_id}" if node_id else "DSS names no node id: copies between instances cannot be told"


def _settings(session: Session, *, settings_given: bool) -> DoctorCheck:
    why = ""
    try:
        if session.store.plugin_settings() is not None:
            sentence = "; ".join(["the plugin's settings are known", *session.warnings])
            return _result("settings", sentence, session.warnings)
        detail = "the plugin is not installed there: no rules are in force, and DSS's form shows none of the fields"
    except SettingsUnreadable as error:
        why = f" ({error})"
        if isinstance(error.__cause__, AccessDenied):
            detail = "this key may not read the plugin's settings, so that the rules in force are not known"
        else:
            detail = "the plugin's settings cannot be read, so that the rules in force are not known"
    except GovernMirrorError as error:
        return DoctorCheck("settings", CheckStatus.FAILED, str(error), error.hint)
    instead = "those given with --settings are used" if settings_given else "give them with --settings FILE"
    return _result("settings", f"{detail}{why}; {instead}", is_warning=True)


# one project ----------------------------------------------------------------------------------------------------


def _project(session: Session, address: str, probe_write: bool) -> Iterator[DoctorCheck]:
    read = _check(f"read {address}", lambda: read_item(session, address), lambda p: f"readable; {p.state.value}")
    yield read
    if read.status is CheckStatus.FAILED:
        return
    project_key = address.partition("/")[0]
    if probe_write:
        yield _written(session, project_key)
    yield from _scenario(session, project_key)


def _written(session: Session, project_key: str) -> DoctorCheck:
    name = f"write {project_key}"
    try:
        probe = write_back(session.store, project_key)
    except GovernMirrorError as error:
        return DoctorCheck(name, CheckStatus.FAILED, str(error), error.hint)
    parts = [_exactness(probe), _order(probe), _movement(probe)]
    return _result(name, "; ".join(filter(None, parts)), not probe.unchanged or probe.other_writes)


def _exactness(probe: ProjectProbe) -> str:
    if probe.unchanged:
        return f"writable; {RECORD_FIELD} and the fields come back exact"
    return f"writable, but DSS gave back other metadata than was sent: look at {', '.join(probe.differing)}"


def _order(probe: ProjectProbe) -> str:
    return "tags come back in another order, which is not taken for a change" if probe.tags_reordered else ""


def _movement(probe: ProjectProbe) -> str:
    if probe.version_moved is None:
        return "DSS tells no version number, so that another writer at the same moment cannot be seen"
    if not probe.version_moved:
        return (
            "a metadata write does not move the project's version tag, so that another writer at the same moment "
            "cannot be seen by it"
        )
    if probe.other_writes:
        return (
            f"a metadata write moves the project's version tag, which moved by {probe.other_writes} more: somebody "
            "else wrote meanwhile, look whether their change is there"
        )
    return "a metadata write moves the project's version tag"


def _scenario(session: Session, project_key: str) -> Iterator[DoctorCheck]:
    """The scheduled report of the project, where one is installed: who it runs as, and who reads what."""
    name = f"scenario {project_key}"
    try:
        scenario = review(session, project_key)
    except GovernMirrorError as error:
        yield _result(name, f"whether a scheduled report is installed cannot be known: {error}", is_warning=True)
        return
    if scenario is not None:
        runs = f"runs as {scenario.run_as or 'nobody that DSS names'}"
        fine = f"{runs}, who sees all projects; its readers may see all that it tells of"
        warnings = scenario.warnings
        yield _result(name, "; ".join([runs, *warnings]) if warnings else fine, warnings)


def _result(name: str, detail: str, is_warning: object = False) -> DoctorCheck:
    return DoctorCheck(name, CheckStatus.WARNING if is_warning else CheckStatus.OK, detail)


def _check(name: str, look: Callable[[], object], sentence: Callable[..., str]) -> DoctorCheck:
    try:
        return DoctorCheck(name, CheckStatus.OK, sentence(look()))
    except GovernMirrorError as error:
        return DoctorCheck(name, CheckStatus.FAILED, str(error), error.hint)
