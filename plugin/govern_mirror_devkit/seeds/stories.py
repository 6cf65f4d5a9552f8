"""Twelve projects of a bank and what happened to them, told in days before today."""

from __future__ import annotations

from dataclasses import dataclass, field

from govern_mirror.model.changes import MoveKind


@dataclass(frozen=True)
class QualifyEvent:
    """Record qualification values, by the names of the command line's options."""

    days_ago: int
    by: str
    values: dict[str, str]
    confirm: bool = False
    project_plan: str | None = None


@dataclass(frozen=True)
class MoveEvent:
    """Move the workflow."""

    days_ago: int
    by: str
    kind: MoveKind = MoveKind.ADVANCE
    step: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class NoteEvent:
    """Write notes on a step, and add a document to it."""

    days_ago: int
    by: str
    step: str
    text: str
    document: str | None = None


@dataclass(frozen=True)
class EditEvent:
    """Someone edits custom fields in DSS's own form."""

    days_ago: int
    by: str
    fields: dict[str, str]


Event = QualifyEvent | MoveEvent | NoteEvent | EditEvent


@dataclass(frozen=True)
class Story:
    """One project: what DSS knows of it, its Overview, and what happened, oldest first.

    `overview` is by the names of the command line's options; None leaves the project ungoverned.
    """

    key: str
    name: str
    owner: str
    description: str
    tags: tuple[str, ...] = ()
    folder: str = "Retail"
    governed: int = 0
    overview: dict[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


USERS = {
    "alice": "Alice Martin",
    "bruno": "Bruno Keller",
    "chen": "Chen Wei",
    "dalia": "Dalia Haddad",
    "emma": "Emma Rossi",
}
"""Logins and names. Alice is the governance manager; the others own projects."""

_FINISH = MoveKind.FINISH

STORIES: tuple[Story, ...] = (
    Story(
        "CHURN",
        "Churn prediction",
        "bruno",
        "Which customers are about to leave, and what would keep them.",
        ("marketing", "production"),
        "Retail",
        320,
        {
            "value": "High",
            "risk": "Medium low",
            "initiative": "Customer loyalty",
            "sponsor": "Head of Retail",
            "start_date": "-320",
            "target_end_date": "-40",
        },
        (
            MoveEvent(318, "bruno"),
            NoteEvent(
                300,
                "bruno",
                "exploration",
                "Two years of contract data are usable; consent is recorded.",
                "Data review=https://wiki.example.com/churn/data-review",
            ),
            MoveEvent(290, "bruno"),
            QualifyEvent(
                280,
                "alice",
                {
                    "feasibility": "High",
                    "cost": "Medium low",
                    "decision": "Go",
                    "decision_comment": "Clear value, data is there.",
                    "value_comment": "One point of churn is worth 4 M a year.",
                },
                True,
                "Plan=https://wiki.example.com/churn/plan",
            ),
            MoveEvent(275, "alice"),
            MoveEvent(150, "bruno"),
            NoteEvent(
                120,
                "dalia",
                "rollout",
                "Model validated by the risk team, no findings.",
                "Validation report=https://wiki.example.com/churn/validation",
            ),
            MoveEvent(90, "dalia"),
            MoveEvent(60, "bruno", _FINISH, "delivery", "In production since the spring release."),
        ),
    ),
    Story(
        "NEXTOFFER",
        "Next best offer",
        "chen",
        "Offers in the app that fit the customer's situation.",
        ("marketing",),
        "Retail",
        200,
        {
            "value": "High",
            "risk": "Medium high",
            "initiative": "Customer loyalty",
            "sponsor": "Head of Retail",
            "start_date": "-200",
            "target_end_date": "60",
        },
        (
            MoveEvent(198, "chen"),
            MoveEvent(180, "chen"),
            QualifyEvent(
                170,
                "alice",
                {
                    "feasibility": "Medium high",
                    "cost": "Medium high",
                    "decision": "Go",
                    "risk_comment": "Advice to vulnerable customers must be ruled out.",
                },
                True,
                "https://wiki.example.com/offer/plan",
            ),
            MoveEvent(165, "alice"),
            MoveEvent(21, "chen"),
        ),
    ),
    Story(
        "BRANCHMIX",
        "Branch opening hours",
        "emma",
        "Staffing of branches by expected visits.",
        ("operations",),
        "Retail",
        70,
        {"value": "Medium low", "risk": "Low", "initiative": "Lean operations", "start_date": "-70"},
        (
            MoveEvent(69, "emma"),
            MoveEvent(55, "emma"),
            QualifyEvent(
                54,
                "alice",
                {
                    "feasibility": "High",
                    "cost": "Low",
                    "decision": "On hold",
                    "decision_comment": "Wait for the new time recording.",
                },
            ),
        ),
    ),
    Story(
        "FRAUD",
        "Card fraud detection",
        "dalia",
        "Scores each card payment within 50 ms.",
        ("risk", "production"),
        "Risk",
        410,
        {
            "value": "High",
            "risk": "High",
            "initiative": "Safe payments",
            "sponsor": "Chief Risk Officer",
            "start_date": "-410",
            "target_end_date": "-120",
        },
        (
            MoveEvent(408, "dalia"),
            MoveEvent(390, "dalia"),
            QualifyEvent(
                380,
                "alice",
                {
                    "feasibility": "Medium high",
                    "cost": "High",
                    "decision": "Go",
                    "risk_comment": "Wrong refusals at the till; explainability asked by the regulator.",
                },
                True,
                "https://wiki.example.com/fraud/plan",
            ),
            MoveEvent(370, "alice"),
            MoveEvent(250, "dalia"),
            MoveEvent(200, "dalia"),
            MoveEvent(190, "dalia"),
            MoveEvent(45, "alice", MoveKind.REOPEN, "rollout", "Drift alert: validate the retrained model."),
        ),
    ),
    Story(
        "AML",
        "Money laundering alerts",
        "dalia",
        "Ranks alerts so that analysts see the likely ones first.",
        ("risk",),
        "Risk",
        130,
        {
            "value": "Medium high",
            "risk": "High",
            "initiative": "Safe payments",
            "sponsor": "Chief Risk Officer",
            "start_date": "-130",
            "target_end_date": "90",
        },
        (
            MoveEvent(128, "dalia"),
            MoveEvent(100, "dalia"),
            QualifyEvent(96, "alice", {"feasibility": "Medium low", "cost": "Medium high", "decision": "Go"}, True),
            MoveEvent(95, "alice"),
            EditEvent(
                12, "dalia", {"govern_notes_progress": "Label quality of 2023 is poor; relabelling 4,000 alerts."}
            ),
        ),
    ),
    Story(
        "CREDITDOCS",
        "Loan file reading",
        "chen",
        "Reads salary slips and balance sheets with a language model.",
        ("llm", "risk"),
        "Risk",
        58,
        {
            "value": "Medium high",
            "risk": "Medium high",
            "initiative": "Faster credit",
            "start_date": "-58",
            "target_end_date": "120",
        },
        (
            MoveEvent(57, "chen"),
            MoveEvent(33, "chen"),
            QualifyEvent(
                30,
                "chen",
                {
                    "feasibility": "Medium high",
                    "cost": "Medium low",
                    "feasibility_comment": "Tables in scans remain hard.",
                },
            ),
        ),
    ),
    Story(
        "SCORECARD",
        "Small business scorecard",
        "emma",
        "A new scorecard for loans below 50,000.",
        ("risk",),
        "Risk",
        26,
        {
            "value": "High",
            "risk": "Medium low",
            "initiative": "Faster credit",
            "sponsor": "Head of Lending",
            "target_end_date": "200",
        },
        (MoveEvent(25, "emma"), EditEvent(5, "emma", {"govern_value_comment": "Asked for by two of three regions."})),
    ),
    Story(
        "CALLNOTES",
        "Call notes assistant",
        "bruno",
        "Writes a summary of each customer call.",
        ("llm", "operations"),
        "Operations",
        90,
        {"value": "Medium high", "risk": "Medium low", "initiative": "Lean operations", "start_date": "-90"},
        (
            MoveEvent(89, "bruno"),
            MoveEvent(80, "bruno"),
            QualifyEvent(77, "alice", {"feasibility": "High", "cost": "Low", "decision": "Go"}, True),
            MoveEvent(76, "alice"),
            MoveEvent(20, "bruno"),
            MoveEvent(6, "bruno"),
            EditEvent(2, "bruno", {"govern_status_delivery": "FINISHED"}),
        ),
    ),
    Story(
        "CASHFLOW",
        "ATM cash forecast",
        "emma",
        "How much cash each machine needs next week.",
        ("operations",),
        "Operations",
        15,
        {"initiative": "Lean operations"},
        (),
    ),
    Story(
        "ESGTEXT",
        "ESG report reading",
        "chen",
        "Finds climate claims in company reports.",
        ("llm",),
        "Operations",
        140,
        {"value": "Low", "risk": "Medium low", "initiative": "Sustainable finance", "start_date": "-140"},
        (
            MoveEvent(138, "chen"),
            MoveEvent(120, "chen"),
            QualifyEvent(
                110,
                "alice",
                {
                    "feasibility": "Low",
                    "cost": "High",
                    "decision": "No go",
                    "decision_comment": "A data provider sells this already.",
                },
            ),
            EditEvent(
                40,
                "chen",
                {
                    "govern_risk_rating": "Very high",
                    "govern_status_delivery": "ONGOING",
                    "govern_target_end_date": "next year",
                },
            ),
        ),
    ),
    Story(
        "CHURN_BELGIUM",
        "Churn prediction (Belgium)",
        "bruno",
        "A duplicate of Churn prediction for Belgium.",
        ("marketing",),
        "Retail",
    ),
    Story("SANDPIT", "Bruno's sandpit", "bruno", "Trying things out.", (), "Retail", overview={}),
)
"""Ten governed ones in all stages (ESGTEXT broken by hand), a copy of CHURN, and one that nobody governs."""

COPY, ORIGINAL = "CHURN_BELGIUM", "CHURN"
UNGOVERNED = ("SANDPIT",)
