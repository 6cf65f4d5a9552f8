"""The hub of the stories, and the reviews of what is released: who asked, who approved or rejected what, and when.

It is acted out by the macros of the plugin, each person with their own key, as in DSS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import dataikuapi

from govern_mirror.actions.hub import import_configuration, set_up_hub
from govern_mirror.actions.session import connect_to
from govern_mirror.dss.macros import run_macro
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.settings import Settings

from ..sandbox.instance import DssInstance
from .releases import MODEL_ID, PROJECT, REJECTED_BUNDLE, REPLACED_BUNDLE, VERSIONS

HUB, HUB_NAME = "APPROVALS", "Approvals"
PRESET = "hub"
CONNECTION = "governance"
"""The connection of the hub's folder, which no group may use."""

SETTINGS = Settings(hub_project=HUB, settling_seconds=0)
"""The plugin's settings, for who may not read them."""

CONFIGURATION = {
    "reviewers": {
        "final_approvers": ["user:alice"],
        "risk_compliance": ["user:emma"],
        "business": ["user:bruno"],
    },
    "managers": ["user:alice"],
    "emergency": ["user:alice"],
    "published": {PROJECT: [PROJECT]},
}
"""Who reviews: Alice approves, Emma and Bruno are asked before."""

REJECTED, REPLACED = f"{PROJECT}/bundle/{REJECTED_BUNDLE}", f"{PROJECT}/bundle/{REPLACED_BUNDLE}"
SPRING, SUMMER, AUTUMN = (f"{PROJECT}/model/{MODEL_ID}/{version}" for version in VERSIONS)

Form = dict[str, Any]


def _feedback(status: str, comment: str) -> Form:
    return {"action": "feedback", "feedback": status, "comment": comment}


_ASK, _REVIEW, _MOVE = "request-sign-off", "review", "advance-workflow"
_WORDS = {
    _ASK: "asks for the review of",
    _MOVE: "moves",
    "feedback": "gives feedback on",
    "approve": "approves",
    "reject": "rejects",
}

REVIEWS: tuple[tuple[int, str, str, str, Form], ...] = (
    (199, "dalia", _MOVE, SPRING, {"item_step": "review"}),
    (199, "dalia", _ASK, SPRING, {"final": True}),
    (198, "alice", _REVIEW, SPRING, {"action": "approve", "comment": "Beats the rules it replaces"}),
    (197, "dalia", _MOVE, SPRING, {"item_step": "deployment"}),
    (139, "chen", _ASK, REJECTED, {}),
    (138, "emma", _REVIEW, REJECTED, _feedback("major_issue", "Scores are kept for ever")),
    (136, "alice", _REVIEW, REJECTED, {"action": "reject", "comment": "Delete scores after 90 days, as Emma says"}),
    (29, "dalia", _ASK, REPLACED, {}),
    (28, "emma", _REVIEW, REPLACED, _feedback("approved", "Scores go after 90 days now")),
    (27, "alice", _REVIEW, REPLACED, {"action": "approve", "comment": "Weekly scores may go live"}),
    (11, "dalia", _ASK, AUTUMN, {}),
    (10, "emma", _REVIEW, AUTUMN, _feedback("minor_issue", "Say which months it was trained on")),
    (9, "dalia", _ASK, AUTUMN, {"final": True}),
)
"""Days before today, who presses which macro on which item, and its form: one bundle is rejected, one approved (and
exported again afterwards); one model version is approved, nobody asked for the one that is used, one waits."""

Action = tuple[datetime, str, Callable[[], object]]


def prepare(dss: DssInstance, url: str) -> None:
    """Set up the hub as an administrator does (`docs/hub.md`): project, key, folder, setting, preset, reviewers."""
    readers = [{"group": "analysts", "readProjectContent": True}]
    dss.create_project(HUB, HUB_NAME, description="Who approved what", permissions=readers)
    dss.connections.add(CONNECTION, groups=())
    dss.plugins.configure(hub_project=HUB)
    dss.plugins.add_preset(
        "governance-hub", PRESET, project=HUB, api_key=dss.accounts.create_project_key(HUB, ("ADMIN",))
    )
    session = connect_to(url, dss.admin_key, settings=SETTINGS)
    set_up_hub(session, HUB, CONNECTION)
    import_configuration(session, parse_configuration(CONFIGURATION))


def reviews(dss: DssInstance, url: str, keys: Mapping[str, str], now: datetime) -> list[Action]:
    """Return what happens in the reviews, and that the hub was set up before."""
    begins = now - timedelta(days=REVIEWS[0][0] + 1)
    actions: list[Action] = [(begins, f"the hub {HUB} is set up", partial(prepare, dss, url))]
    for number, (days_ago, login, macro, address, form) in enumerate(REVIEWS):
        at = (now - timedelta(days=days_ago)).replace(hour=14, minute=number, second=0, microsecond=0)
        sentence = f"{login} {_WORDS[form.get('action', macro)]} {address}"
        actions.append((at, sentence, partial(_press, url, keys[login], macro, address, form)))
    return actions


def _press(url: str, key: str, macro: str, address: str, form: Form) -> None:
    """Press a macro's button as a person."""
    hub = {} if macro == _MOVE else {"hub": {"mode": "PRESET", "name": PRESET}}
    client = dataikuapi.DSSClient(url, api_key=key)
    run_macro(client, PROJECT, macro, {**form, **hub, "address": address}, "act out the stories")
