"""Templates that the tests run the library on: Govern's own, one with every kind of field, a bare and a long one."""

from __future__ import annotations

from dataclasses import replace

from govern_mirror.model.blueprint import STANDARD, Blueprint, Field, Kind, RatingCategory, Role, Section, Step
from govern_mirror.model.template_file import faults_of


def field(path: str, kind: Kind, role: Role | None = None, **more) -> Field:
    """A field whose other names follow from its path."""
    name = path.removesuffix(".rating").replace(".", "_")
    return Field(path, f"govern_{name}", None, kind, name.replace("_", " ").capitalize(), role=role, **more)


EVERY_KIND = replace(
    STANDARD,
    id="bp.every_kind",
    name="Every kind",
    lists={**STANDARD.lists, "colours": ("Red", "Light blue", "Dark-green")},
    fields=(
        *STANDARD.fields,
        field("extra.rating_of_more", Kind.RATING, turned=True),
        field("extra.colour", Kind.CATEGORY, list="colours"),
        field("extra.colours", Kind.CATEGORY, list="colours", several=True),
        field("extra.day", Kind.DATE),
        field("extra.line", Kind.LINE),
        field("extra.text", Kind.TEXT),
        field("extra.number", Kind.NUMBER),
        field("extra.flag", Kind.FLAG),
        field("extra.links", Kind.DOCUMENTS),
        field("extra.reference", Kind.REFERENCE),
        field("extra.people", Kind.PEOPLE),
    ),
)
"""Govern's template with one field of each kind more."""

BARE = Blueprint(
    id="bp.bare",
    version="bv.one",
    name="Bare",
    steps=(Step("idea", "Idea"), Step("work", "Work")),
    ratings=(RatingCategory("Small", 10), RatingCategory("Big", 90)),
    fields=(
        field("overview.benefit.rating", Kind.RATING, Role.VALUE),
        field("overview.danger.rating", Kind.RATING, Role.RISK, turned=True),
        field("overview.aim", Kind.TEXT),
    ),
)
"""No sponsor, no cost, no decision, no dates: only what scores need."""

LONG = Blueprint(
    id="bp.long",
    version="bv.7",
    name="Long",
    steps=tuple(
        Step(id_, id_.replace("_", " ").capitalize())
        for id_ in ("intake", "triage", "data_check", "assess", "build", "validate", "go_live", "retire")
    ),
    ratings=(RatingCategory("Minor", 0), RatingCategory("Major", 50), RatingCategory("Vital", 100)),
    lists={"verdicts": ("Approved", "Rejected", "Needs work", "Parked"), "regions": ("EMEA", "APAC", "Americas")},
    fields=(
        field("overview.programme", Kind.LINE, Role.INITIATIVE),
        field("overview.owners", Kind.PEOPLE, Role.SPONSOR),
        field("overview.begins", Kind.DATE, Role.START),
        field("overview.ends", Kind.DATE, Role.TARGET_END),
        field("overview.regions", Kind.CATEGORY, list="regions", several=True),
        field("overview.budget", Kind.NUMBER),
        field("assessment.worth.rating", Kind.RATING, Role.VALUE),
        field("assessment.exposure.rating", Kind.RATING, Role.RISK, turned=True),
        field("assessment.ease.rating", Kind.RATING, Role.FEASIBILITY),
        field("assessment.spend.rating", Kind.RATING, Role.COST, turned=True),
        field("assessment.verdict", Kind.CATEGORY, Role.DECISION, list="verdicts"),
        field("assessment.plans", Kind.DOCUMENTS, Role.PLAN),
        field("assessment.uses_personal_data", Kind.FLAG),
    ),
    sections=(
        Section("overview", ("overview.programme", "overview.owners", "assessment.worth.rating")),
        Section(
            "assess",
            (
                "assessment.worth.rating",
                "assessment.exposure.rating",
                "assessment.ease.rating",
                "assessment.spend.rating",
                "assessment.verdict",
                "assessment.plans",
            ),
        ),
        Section("data_check", ("assessment.uses_personal_data",)),
    ),
)
"""Eight steps, none of them named qualification, ratings of three categories, decisions of its own."""

TEMPLATES = {"standard": STANDARD, "every kind": EVERY_KIND, "bare": BARE, "long": LONG}

assert not [fault for each in TEMPLATES.values() for fault in faults_of(each)]
