"""Fill a sandbox with the stories, and let people act them out through the real client."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import dataikuapi

from govern_mirror import clock as library_clock
from govern_mirror.actions.govern import Scope, initialize
from govern_mirror.actions.inputs import parse_document_edit, parse_values
from govern_mirror.actions.record import add_document, move, qualify, with_notes, write_note
from govern_mirror.actions.session import Session, connect_to
from govern_mirror.errors import GovernMirrorError
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.settings import Settings

from ..sandbox.folders import ROOT
from ..sandbox.instance import ADMIN, DssInstance
from .releases import releases
from .reviews import reviews
from .stories import COPY, ORIGINAL, STORIES, USERS, EditEvent, Event, MoveEvent, NoteEvent, QualifyEvent, Story

MANAGER = "alice"
"""The governance manager, who may write everywhere."""

AT_WORK_IN_DSS = frozenset({"bruno", "emma"})
"""Who presses the plugin's macros; the others use the Python API."""

COPIED_DAYS_AGO = 30
_GROUP = "analysts"

Action = tuple[datetime, str, Callable[[], object]]
"""What somebody does: when, a sentence that says it, and the call that does it."""


def prepare(sandbox: DssInstance) -> dict[str, str]:
    """Create the users, project folders and projects of the stories; return an API key a login."""
    # the stories have one writer at a time: nobody need wait to see whether another one came between
    sandbox.plugins.configure(settling_seconds=0)
    keys = {login: sandbox.create_user(login, (_GROUP,), name) for login, name in USERS.items()}
    permissions = [{"group": _GROUP, "readProjectContent": True, "writeProjectContent": True}]
    folders = {
        name: sandbox.project_folders.create(sandbox.admin, ROOT, name)["id"]
        for name in dict.fromkeys(story.folder for story in STORIES)
    }
    for story in STORIES:
        sandbox.create_project(
            story.key,
            story.name,
            story.owner,
            description=story.description,
            tags=list(story.tags),
            permissions=permissions,
        )
        sandbox.project_folders.place(sandbox.admin, story.key, folders[story.folder])
    return keys


def run(
    sandbox: DssInstance,
    url: str,
    keys: dict[str, str],
    say: Callable[[str], object],
    now: datetime,
    weekly: Callable[[Session], object] | None = None,
    *,
    with_hub: bool = False,
) -> int:
    """Let everything in the stories happen, each at its own time, through the API.

    Args:
        sandbox: a prepared sandbox, served at `url`.
        url: its address.
        keys: an API key a login.
        say: called with a sentence for each thing that happens.
        now: the time that the stories count their days back from.
        weekly: what the governance manager does every week, from the first of these days to the last.
        with_hub: whether a hub is set up, and what is released is reviewed in it.

    Returns:
        How many things happened.
    """
    # people's own keys may not read the plugin's settings
    alone = Settings(settling_seconds=0)
    sessions = {login: connect_to(url, key, settings=alone) for login, key in keys.items()}
    clients = {login: dataikuapi.DSSClient(url, api_key=key) for login, key in keys.items()}
    runner = DemoRunner(sandbox, sessions, clients)
    actions = [action for story in STORIES for action in runner.actions(story, now)]
    actions.append((now - timedelta(days=COPIED_DAYS_AGO), f"{ORIGINAL} is duplicated as {COPY}", runner.duplicate))
    if with_hub:
        actions += reviews(sandbox, url, keys, now)
    count = len(actions)
    actions += [(at, "", act) for at, act in releases(sandbox, now)]
    if weekly:
        weeks = (now - min(at for at, _, _ in actions)).days // 7
        look = partial(weekly, sessions[MANAGER])
        actions += [(now - timedelta(weeks=week), "", look) for week in range(weeks + 1)]
    for at, sentence, act in sorted(actions, key=lambda action: action[0]):
        if sentence:
            say(f"{at:%Y-%m-%d}  {sentence}")
        sandbox.clock.set(at)
        with library_clock.set_to(at):
            act()
    sandbox.clock.set(None)
    return count


class DemoRunner:
    """Does what happens in the stories, as the people who do it there."""

    def __init__(
        self, sandbox: DssInstance, sessions: dict[str, Session], clients: dict[str, dataikuapi.DSSClient]
    ) -> None:
        self._sandbox = sandbox
        self._sessions = sessions
        self._clients = clients

    def actions(self, story: Story, now: datetime) -> list[Action]:
        """Return what happens to one project."""
        if not story.governed:
            return []
        overview = {name: _day(value, now) if "date" in name else value for name, value in story.overview.items()}
        begins = _morning(now, story.governed, 0)
        actions: list[Action] = [
            (begins, f"{story.owner} governs {story.key}", partial(self._govern, story.owner, story.key, overview))
        ]
        for number, event in enumerate(story.events, 1):
            at = _morning(now, event.days_ago, number)
            actions.append((at, _sentence(story.key, event), partial(self._act, story.key, event)))
        return actions

    def duplicate(self) -> None:
        """Duplicate a project in DSS: its custom fields, checklists and tags come along."""
        original = self._sandbox.metadata(ORIGINAL)

        def change(metadata: dict[str, object]) -> None:
            for key in ("customFields", "checklists", "tags"):
                metadata[key] = copy.deepcopy(original[key])

        self._sandbox.edit_metadata(COPY, change, ADMIN)

    def _govern(self, by: str, key: str, overview: dict[str, str]) -> None:
        if by in AT_WORK_IN_DSS:
            names = {"value": "value_rating", "risk": "risk_rating", "initiative": "business_initiative"}
            self._press(by, key, "initialize-workflow", {names.get(k, k): v for k, v in overview.items()})
            return
        session = self._sessions[by]
        results = initialize(session, Scope((key,)), parse_values(session.blueprint, overview))
        if results[0].failed:
            raise GovernMirrorError(results[0].message)

    def _act(self, key: str, event: Event) -> None:
        if isinstance(event, EditEvent):
            self._sandbox.edit_metadata(key, lambda m: m["customFields"].update(event.fields), event.by)
        elif isinstance(event, MoveEvent):
            self._move(key, event)
        elif isinstance(event, QualifyEvent):
            self._qualify(key, event)
        else:
            self._note(key, event)

    def _move(self, key: str, event: MoveEvent) -> None:
        if event.by in AT_WORK_IN_DSS:
            params = {"action": event.kind.value, "step": event.step, "reason": event.reason}
            self._press(event.by, key, "advance-workflow", {k: v for k, v in params.items() if v is not None})
        else:
            move(self._sessions[event.by], key, Move(event.kind, event.step, event.reason))

    def _qualify(self, key: str, event: QualifyEvent) -> None:
        session = self._sessions[event.by]
        values = parse_values(session.blueprint, with_notes(session.blueprint, event.values))
        plan = parse_document_edit(event.project_plan)
        qualify(session, key, values, project_plan=plan, confirm=event.confirm)

    def _note(self, key: str, event: NoteEvent) -> None:
        session = self._sessions[event.by]
        write_note(session, key, event.step, event.text)
        document = parse_document_edit(event.document)
        if document:
            add_document(session, key, event.step, document.added)

    def _press(self, by: str, key: str, macro_id: str, params: dict[str, str]) -> None:
        """Press a macro's button as a user, and wait for its result."""
        macro = self._clients[by].get_project(key).get_macro(f"pyrunnable_govern-mirror_{macro_id}")
        macro.get_result(macro.run(params=params), as_type="json")


def _morning(now: datetime, days_ago: int, number: int) -> datetime:
    """Return the morning of a day, a minute later for each thing that happens to the same project."""
    day = now - timedelta(days=days_ago)
    return day.replace(hour=8, minute=number, second=0, microsecond=0)


def _day(text: str, now: datetime) -> str:
    """Return a date that the stories tell as days from today, such as `-320`."""
    return (now + timedelta(days=int(text))).date().isoformat()


def _sentence(key: str, event: Event) -> str:
    if isinstance(event, EditEvent):
        return f"{event.by} edits {key} by hand in DSS"
    if isinstance(event, MoveEvent):
        step = f" to {event.step}" if event.step and event.kind is not MoveKind.FINISH else ""
        return f"{event.by} moves {key} ({event.kind.value}{step})"
    return f"{event.by} {'qualifies' if isinstance(event, QualifyEvent) else 'writes notes on'} {key}"
