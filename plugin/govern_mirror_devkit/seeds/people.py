"""People who log in, with rights that differ, and the webapp with its service account (`docs/webapp.md`)."""

from __future__ import annotations

from dataclasses import dataclass

from ..sandbox.auth import DESIGNER, READER
from ..sandbox.instance import ADMIN, DssInstance
from .reviews import HUB
from .stories import STORIES, USERS

PROJECT = "GOVERNANCE"
"""The project that the webapp is in."""

WEBAPP_ID, WEBAPP_NAME = "gOvern1", "governance"
TYPE = "webapp_govern-mirror_governance"

SERVICE = "governance-page"
"""The service account that the backend runs as: an ordinary user."""

SERVICE_GROUP, MANAGERS, ANALYSTS, READERS, VISITORS, PARTNERS = (
    "governance-service",
    "governance-managers",
    "analysts",
    "readers",
    "visitors",
    "partners",
)

CONFIDENTIAL = "AML"
"""A project of the stories that only its owner and the managers may read."""


@dataclass(frozen=True)
class Person:
    """Somebody who logs in; the password is the login.

    Attributes:
        login, name, groups, profile: as DSS knows them.
        role: who they are for the page.
    """

    login: str
    name: str
    groups: tuple[str, ...]
    role: str
    profile: str = DESIGNER


PEOPLE = {
    person.role: person
    for person in (
        Person("alice", USERS["alice"], (ANALYSTS, MANAGERS), "manager"),
        Person("bruno", USERS["bruno"], (ANALYSTS,), "owner"),
        Person("rita", "Rita Novak", (READERS,), "reader", READER),
        Person("victor", "Victor Hahn", (VISITORS,), "visitor"),
        Person("oskar", "Oskar Lind", (PARTNERS,), "outsider"),
    )
}
"""By who they are: the manager writes everywhere; the owner their own projects, and reads what analysts may; the reader
only reads; the visitor may open the page, and read nothing else; the outsider may not even open it."""


def settle(dss: DssInstance) -> None:
    """Create who is not there yet, and give rights on the projects that are there; the administrator logs in too.

    The stories, when they are played at all, come before: in them every analyst writes everywhere.
    """
    dss.sessions.set_password(ADMIN, ADMIN)
    for person in PEOPLE.values():
        if dss.accounts.profile(person.login) is None:
            dss.create_user(person.login, display_name=person.name)
        dss.accounts.change_user(person.login, groups=list(person.groups), userProfile=person.profile)
        dss.sessions.set_password(person.login, person.login)
    owners = {story.key: story.owner for story in STORIES}
    for key in dss.projects.all_keys():
        groups = {MANAGERS: True, ANALYSTS: False, READERS: False}
        if key == CONFIDENTIAL:
            groups = {MANAGERS: True}
        elif key == HUB:
            groups = dict.fromkeys((MANAGERS, ANALYSTS, READERS), False)
        _permit(dss, key, owners.get(key, ADMIN), groups)


def install_webapp(dss: DssInstance) -> None:
    """Set up the page as an administrator does: project, service account, webapp, run-as user, impersonation."""
    dss.create_project(PROJECT, "Governance")
    readers = dict.fromkeys((MANAGERS, ANALYSTS, READERS, VISITORS, SERVICE_GROUP), False)
    _permit(dss, PROJECT, ADMIN, readers)
    dss.create_user(SERVICE, (SERVICE_GROUP,), "Governance page (service account)")
    dss.impersonation.allow(SERVICE_GROUP, MANAGERS, ANALYSTS, READERS, VISITORS, PARTNERS)
    dss.webapps.create(dss.admin, PROJECT, WEBAPP_NAME, TYPE, identifier=WEBAPP_ID)
    webapp = dss.webapps.get(dss.admin, PROJECT, WEBAPP_ID)
    webapp["params"] |= {"runAs": SERVICE, "autoStartBackend": True}
    dss.webapps.save(dss.admin, PROJECT, WEBAPP_ID, webapp)


def _permit(dss: DssInstance, key: str, owner: str, groups: dict[str, bool]) -> None:
    """Let groups read a project, and write it where True is said."""
    permissions = [
        {"group": group, "readProjectContent": True, "writeProjectContent": writes} for group, writes in groups.items()
    ]
    document = {"owner": owner, "permissions": permissions}
    # whoever changed the project's contents last stays the one
    dss.projects.set_document(dss.admin, key, "permissions", document, moves_version=False)
