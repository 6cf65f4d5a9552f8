"""The hub's configuration: who reviews what, who manages it, and what is switched on.

The same shape is kept in the hub as JSON, and comes and goes as YAML (`hub import`, `hub export`). A list of
reviewers for a project stands in place of the one for its initiative, and that in place of the one for all, role by
role. Which projects an initiative has is said here, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from govern_mirror.errors import InputError
from govern_mirror.model.address import parse_address
from govern_mirror.model.reviewers import REVIEWER_ROLES, Delegation, Role
from govern_mirror.text import clipped

MAX_NAMES = 1000
"""How many people and groups a list may name."""

MAX_CONFIGURATION = 1 << 20
"""Bytes of a configuration that is read."""

_NAME = re.compile(r"(user|group):\S.*")
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+")


def _checked_name(text: str) -> str:
    if not _NAME.fullmatch(text) or text != text.strip() or not text.isprintable():
        raise ValueError(f"{clipped(text)!r} is neither user:LOGIN nor group:NAME")
    if text.startswith("user:api:"):
        raise ValueError(f"{clipped(text)!r} is a key, and only people review")
    return text


def _checked_login(text: str) -> str:
    if (
        not text.strip()
        or text != text.strip()
        or not text.isprintable()
        or text.startswith(("user:", "group:", "api:"))
    ):
        raise ValueError(f"{clipped(text)!r} is no login")
    return text


def _checked_mail(text: str) -> str:
    if not _MAIL.fullmatch(text):
        raise ValueError(f"{clipped(text)!r} is no mail address")
    return text


def _checked_url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError(f"{clipped(text)!r} is no address such as https://govern.example.com")
    return text.rstrip("/")


def _checked_project(text: str) -> str:
    if "/" in text:
        raise ValueError(f"{clipped(text)!r} is no project key")
    parse_address(text)
    return text


def _none_as_empty(value: object) -> object:
    """A name in YAML with nothing behind it is an empty list."""
    return () if value is None else value


def _none_as_nothing(value: object) -> object:
    """A name in YAML with nothing behind it is a mapping without anything."""
    return {} if value is None else value


Strict = ConfigDict(extra="forbid", frozen=True)
_BlankList = BeforeValidator(_none_as_empty)
_BlankMapping = BeforeValidator(_none_as_nothing)
Text = Annotated[str, Field(strict=True, max_length=500)]
Name = Annotated[Text, AfterValidator(_checked_name)]
Names = Annotated[tuple[Name, ...], Field(max_length=MAX_NAMES), _BlankList]
Login = Annotated[Text, AfterValidator(_checked_login)]
Switch = Annotated[bool, Field(strict=True)]


class ReviewerLists(BaseModel):
    """Who reviews, by role; a list that is not given is taken from the wider one, an empty one asks nobody."""

    model_config = Strict

    final_approvers: Names | None = None
    it_operations: Names | None = None
    risk_compliance: Names | None = None
    business: Names | None = None

    @model_validator(mode="before")
    @classmethod
    def _blank_asks_nobody(cls, lists: object) -> object:
        """A role with nothing behind it is an empty list: it must not mean the wider one, which asks others."""
        if not isinstance(lists, Mapping):
            return {} if lists is None else lists
        roles = {role.value for role in REVIEWER_ROLES}
        return {name: () if value is None and name in roles else value for name, value in lists.items()}

    def of(self, role: Role) -> tuple[str, ...] | None:
        """The list of a role; None where none is given."""
        names: tuple[str, ...] | None = getattr(self, role.value)
        return names


ProjectKey = Annotated[Text, AfterValidator(_checked_project)]


class InitiativeLists(ReviewerLists):
    """Who reviews the projects of an initiative.

    Attributes:
        projects: their keys. The initiative that stands in a project is not asked: who edits a project would choose
            its reviewers with it.
    """

    projects: Annotated[tuple[ProjectKey, ...], _BlankList] = ()


class ReviewersConfiguration(ReviewerLists):
    """Who reviews: for all, by initiative, and by project."""

    initiatives: Annotated[dict[Text, InitiativeLists], _BlankMapping] = {}
    projects: Annotated[dict[ProjectKey, ReviewerLists], _BlankMapping] = {}

    @model_validator(mode="after")
    def _one_initiative_each(self) -> ReviewersConfiguration:
        keys = [key for lists in self.initiatives.values() for key in lists.projects]
        twice = next((key for key, times in Counter(keys).items() if times > 1), None)
        if twice:
            raise ValueError(f"the project {twice} belongs to more than one initiative")
        return self


class Deputy(BaseModel):
    """Who stands in for somebody, in all their reviews, until a day."""

    model_config = Strict

    of: Login
    to: Login
    until: AwareDatetime | None = None


class GovernNodeName(BaseModel):
    """The Govern node whose sign-offs are brought into the hub: by its id, and by the address where it is asked.

    Attributes:
        id: as the node tells it.
        url: whoever is asked elsewhere could tell any id.
    """

    model_config = Strict

    id: Annotated[Text, Field(min_length=1)]
    url: Annotated[Text, AfterValidator(_checked_url)]


class Switches(BaseModel):
    """What is switched on.

    Attributes:
        mandatory: whether the step with a sign-off can only be finished once it is approved.
        delegation: whether a review can be handed over.
        models_block_bundles: whether an unapproved model in it holds a bundle's approval back.
        govern_approvals: whether an approval in Govern opens the gate as one here does; a rejection there always
            closes it. Off where nothing is said: who may write a Govern project may choose who approves there.
        project_steps: ids of the steps of projects that are signed off, too.
        reminder_days: after how many days of waiting reviewers get a mail again.
    """

    model_config = Strict

    mandatory: Switch = True
    delegation: Switch = True
    models_block_bundles: Switch = False
    govern_approvals: Switch = False
    project_steps: Annotated[tuple[Text, ...], _BlankList] = ()
    reminder_days: Annotated[tuple[Annotated[int, Field(strict=True, ge=1, le=365)], ...], _BlankList] = ()


class MailChoice(str, Enum):
    """Of which reviews somebody gets mail."""

    MUST_ACT = "must_act"
    ALL = "all"
    NEVER = "never"


class MailConfiguration(BaseModel):
    """How people are told of reviews.

    Attributes:
        channel: id of the mail channel; None for the only one that the hub's key may use.
        people: of which reviews somebody gets mail, by login; who is not named, of those in which they must act.
    """

    model_config = Strict

    channel: Annotated[Text, Field(min_length=1)] | None = None
    people: Annotated[dict[Login, MailChoice], _BlankMapping] = {}


class Configuration(BaseModel):
    """The hub's configuration.

    Attributes:
        reviewers: who is asked.
        managers: governance managers: they hand over reviews of people who are absent.
        emergency: who may let an unapproved item pass once, within some hours.
        published: the source projects of each published project of the Deployer: what was published from elsewhere
            does not count as approved there.
        govern_node: the Govern node whose sign-offs are brought in; None: none are, and none counts.
        deputies: who stands in for whom.
        addresses: mail addresses by login; DSS does not tell them. Without any, nothing sends mail.
        mail: through which channel, and who gets which mail.
        switches: what is switched on.
    """

    model_config = Strict

    reviewers: ReviewersConfiguration = ReviewersConfiguration()
    managers: Names = ()
    emergency: Names = ()
    published: dict[ProjectKey, Annotated[tuple[ProjectKey, ...], _BlankList]] = {}
    govern_node: GovernNodeName | None = None
    deputies: Annotated[tuple[Deputy, ...], Field(max_length=MAX_NAMES), _BlankList] = ()
    addresses: dict[Login, Annotated[Text, AfterValidator(_checked_mail)]] = {}
    mail: MailConfiguration = MailConfiguration()
    switches: Switches = Switches()

    def all_names(self) -> frozenset[str]:
        """Whoever is named as reviewer, manager, deputy or for emergencies, as `user:LOGIN` or `group:NAME`."""
        lists = (self.reviewers, *self.reviewers.initiatives.values(), *self.reviewers.projects.values())
        reviewers = (name for reviewers in lists for role in REVIEWER_ROLES for name in reviewers.of(role) or ())
        deputies = (f"user:{login}" for deputy in self.deputies for login in (deputy.of, deputy.to))
        return frozenset((*reviewers, *self.managers, *self.emergency, *deputies))

    def has_approvers(self) -> bool:
        """Whether there is a final approver for anything at all."""
        lists = (self.reviewers, *self.reviewers.initiatives.values(), *self.reviewers.projects.values())
        return any(reviewers.final_approvers for reviewers in lists)

    def reviewers_of(self, project_key: str) -> dict[Role, tuple[str, ...]]:
        """Who is asked about an item of a project; a role without anybody is left out."""
        narrow = self.reviewers.projects.get(project_key)
        initiatives = self.reviewers.initiatives.values()
        middle = next((lists for lists in initiatives if project_key in lists.projects), None)
        reviewers: dict[Role, tuple[str, ...]] = {}
        for role in REVIEWER_ROLES:
            lists = (lists.of(role) for lists in (narrow, middle, self.reviewers) if lists is not None)
            names = next((names for names in lists if names is not None), ())
            if names:
                reviewers[role] = names
        return reviewers

    def deputies_at(self, now: datetime) -> tuple[Delegation, ...]:
        """Who stands in for whom now, in each role."""
        if not self.switches.delegation:
            return ()
        return tuple(
            Delegation(role, deputy.of, deputy.to, deputy.until)
            for deputy in self.deputies
            if deputy.until is None or now < deputy.until
            for role in REVIEWER_ROLES
        )

    def mail_choice_of(self, login: str) -> MailChoice:
        """Of which reviews somebody gets mail."""
        return self.mail.people.get(login, MailChoice.MUST_ACT)

    def to_json(self) -> dict[str, Any]:
        """The configuration as it is kept: what is not given is left out."""
        document: dict[str, Any] = self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return document


_FAULTS = {
    "extra_forbidden": "no such name is known: look for a typing error",
    "tuple_type": "write a list, such as [user:ana]",
    "dict_type": "write names with a value behind each",
    "model_type": "write names with a value behind each",
    "string_type": "write a text; a number, yes or no needs quotes around it",
    "bool_type": "write true or false",
    "int_type": "write a whole number",
    "timezone_aware": "a time needs a zone, as in 2027-01-15T00:00:00Z",
    "missing": "it is missing",
}
"""What people are told of a fault in place of pydantic's words, which name types of Python."""


def _fault_text(fault: Mapping[str, Any]) -> str:
    return _FAULTS.get(fault["type"], str(fault["msg"]).removeprefix("Value error, "))


def parse_configuration(document: object, where: str = "the hub's configuration") -> Configuration:
    """Read a configuration.

    Args:
        document: as JSON or YAML gives it.
        where: where it came from, for the error.

    Raises:
        InputError: it is not valid; every fault is named with its place.
    """
    if document is None:
        raise InputError(f"{where} holds nothing: write names such as `reviewers:`, or `reviewers: {{}}` to ask nobody")
    if not isinstance(document, Mapping):
        raise InputError(f"{where} holds names such as `reviewers:`, not {clipped(document)}")
    blanks = {name for name, value in document.items() if value is None}
    try:
        return Configuration(**{name: value for name, value in document.items() if name not in blanks})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {_fault_text(fault)}" for fault in error.errors())
        raise InputError(f"{where}: {clipped(faults, 2000)}") from error
    except TypeError as error:  # a name that is no text
        raise InputError(f"{where}: {clipped(str(error), 200)}") from error
