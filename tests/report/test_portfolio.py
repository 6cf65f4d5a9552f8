"""The portfolio: the right projects, in the right order, rightly counted."""

import random
from collections import Counter
from dataclasses import fields, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import examples
from standard import Qualification, Rating, item
from support.portfolios import (
    DECISIONS,
    NOW,
    OWNERS,
    STAGES,
    STEPS,
    TAGS,
    days,
    filters,
    keys,
    made,
    matches,
    portfolios,
    priority,
    stale,
    step_name,
)

from govern_mirror.actions.report import parse_filters
from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import STANDARD, Status
from govern_mirror.model.item import Governance, ProjectFacts
from govern_mirror.model.scores import Weights
from govern_mirror.model.workflow import StepState, Workflow
from govern_mirror.report.portfolio import Filters

few = examples(40)
UNRATED = Qualification()


def governed(key="KEY", statuses="NNNNN", started=None, finished=None, name="", qualification=UNRATED):
    """A governed project; every step has the same times."""
    known = {status.value[0]: status for status in Status}
    steps = tuple(
        StepState(step.id, step.name, known[letter], started_on=started, finished_on=finished)
        for step, letter in zip(STANDARD.steps, statuses, strict=True)
    )
    facts = ProjectFacts(key, name=name or key)
    return item(facts, Workflow(steps), Governance.GOVERNED, qualification=qualification)


def rated(value, risk, feasibility=None, cost=None):
    return Qualification(*(Rating(rating) for rating in (value, risk, feasibility, cost)))


# filters ----------------------------------------------------------------------------------------------------


@few
@given(portfolios, filters)
def test_a_report_lists_every_project_that_was_asked_for_and_no_other(found, chosen):
    wanted = {project.facts.project_key for project in found if matches(project, chosen)}
    portfolio = made(found, chosen)
    assert set(keys(portfolio)) == wanted and len(portfolio.rows) == len(wanted)


@few
@given(portfolios, st.data())
def test_several_values_of_one_filter_mean_or(found, data):
    name, values = data.draw(
        st.sampled_from(
            [
                ("tags", TAGS),
                ("steps", ("not_started", *STEPS)),
                ("decisions", (*DECISIONS, "undecided")),
                ("initiatives", ("loyalty", "fraud", "strasse")),
                ("owners", OWNERS),
            ]
        )
    )
    one, other = data.draw(st.sampled_from(values)), data.draw(st.sampled_from(values))
    whole = data.draw(st.booleans())
    both, first, second = (
        set(keys(made(found, Filters(include_ungoverned=whole, **{name: chosen}))))
        for chosen in ((one, other), (one,), (other,))
    )
    assert both == first | second


@few
@given(portfolios, filters, filters)
def test_different_filters_mean_and(found, one, other):
    # of the second, only those filters that the first does not use, and the same meaning of stale
    unused = {
        field.name: getattr(other, field.name)
        for field in fields(Filters)
        if not getattr(one, field.name) and field.name not in ("include_ungoverned", "stale_days")
    }
    alone = Filters(include_ungoverned=one.include_ungoverned, stale_days=one.stale_days, **unused)
    assert set(keys(made(found, replace(one, **unused)))) == set(keys(made(found, one))) & set(keys(made(found, alone)))


@few
@given(portfolios)
def test_ungoverned_projects_and_copies_show_only_when_asked_for(found):
    assert all(row.project.is_governed for row in made(found).rows)
    assert len(made(found, Filters(include_ungoverned=True)).rows) == len(found)
    governed_only = [project for project in found if project.is_governed]
    assert keys(made(found)) == keys(made(governed_only, Filters(include_ungoverned=True)))


def test_a_project_without_an_initiative_is_not_found_by_a_blank_name():
    assert keys(made([governed()], Filters(initiatives=("Loyalty",)))) == []


def test_days_below_one_are_refused():
    for wrong in (0, -1):
        with pytest.raises(InputError, match="from 1"):
            Filters(stale=True, stale_days=wrong)


def test_filters_as_people_type_them():
    typed = Filters(
        tags=("pii",),
        steps=("In Progress", "ROLLOUT", "Not-Started"),
        decisions=("no_go", "UNDECIDED"),
        stale=True,
        stale_days=7,
    )
    assert parse_filters(STANDARD, typed) == Filters(
        tags=("pii",),
        steps=("progress", "rollout", "not_started"),
        decisions=("No go", "undecided"),
        stale=True,
        stale_days=7,
    )
    with pytest.raises(InputError) as raised:
        parse_filters(STANDARD, Filters(steps=("nowhere", "elsewhere"), decisions=("perhaps",)))
    assert all(word in str(raised.value) for word in ("nowhere", "elsewhere", "perhaps", "delivery", "On hold"))


@few
@given(filters)
def test_a_reader_of_the_report_is_told_every_filter(chosen):
    words = " ".join(chosen.in_words)
    for values in (chosen.tags, chosen.steps, chosen.decisions, chosen.initiatives, chosen.owners):
        assert all(value in words for value in values)
    assert ("stale" in words) is chosen.stale and ("problems" in words) is chosen.with_problems
    assert bool(chosen.in_words) is (replace(chosen, stale_days=None) != Filters())


# order ------------------------------------------------------------------------------------------------------


@few
@given(portfolios, filters, st.randoms(use_true_random=False))
def test_the_most_promising_project_comes_first(found, chosen, chance: random.Random):
    portfolio = made(found, chosen)
    order = [
        (row.scores.priority is None, -(row.scores.priority or 0), row.project.facts.name.casefold())
        for row in portfolio.rows
    ]
    assert order == sorted(order)
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert made(shuffled, chosen) == portfolio


def test_projects_of_one_priority_are_ordered_by_name_then_key():
    found = [governed("A", name="b"), governed("C", name="A"), governed("B", name="a"), governed("D", name="C")]
    assert keys(made(found)) == ["B", "C", "A", "D"]


def test_p28_names_are_ordered_with_accents_and_numbers_in_mind():
    names = ["Árbol", "model 1", "Model 2", "Model 10", "Zebra"]
    found = [governed(f"K{at}", name=name) for at, name in enumerate(names)]
    assert keys(made(found[::-1])) == ["K0", "K1", "K2", "K3", "K4"]


# counts -----------------------------------------------------------------------------------------------------


@few
@given(portfolios, filters, st.integers(1, 60))
def test_every_count_of_the_summary_is_right(found, chosen, after):
    summary = made(found, chosen, stale_after_days=after).summary
    left = [project for project in found if matches(project, chosen, after)]
    counted = [project for project in left if project.is_governed]
    limit = chosen.stale_days or after
    assert summary.projects == len(found)
    assert summary.governed == len(counted)
    assert summary.copied == sum(project.state is Governance.COPIED for project in found)
    assert summary.problems == sum(len(project.problems) > 0 for project in left)
    assert summary.stale == sum(stale(project, limit) for project in counted)
    by_step = Counter(step_name(project) for project in counted)
    by_decision = Counter(project.qualification.decision or "undecided" for project in counted)
    assert summary.by_step == {step: by_step[step] for step in STAGES}
    assert summary.by_decision == {decision: by_decision[decision] for decision in (*DECISIONS, "undecided")}
    assert list(summary.by_step) == list(STAGES) and list(summary.by_decision)[-1] == "undecided"
    assert sum(summary.by_step.values()) == sum(summary.by_decision.values()) == summary.governed


@few
@given(portfolios)
def test_scores_and_days_are_those_of_the_plan(found):
    for row in made(found, Filters(include_ungoverned=True)).rows:
        assert (row.current, row.stage) == (row.project.workflow.current, row.project.stage)
        assert row.scores.priority == (priority(row.project) if row.project.qualification.value.rating else None)
        assert row.days_in_step == (days(row.project) if row.project.is_governed else None)
        assert row.stale is stale(row.project, 30)


def test_the_priority_follows_the_weights_of_the_settings():
    project = governed(qualification=rated("High", "Low", cost="High"))
    assert made([project]).rows[0].scores.priority == 60.0
    (row,) = made([project], weights=Weights(value=2, risk=1, feasibility=9, cost=0)).rows
    assert row.scores.priority == 80.0
    assert made([project], weights=Weights(0, 0, 0, 0)).rows[0].scores.priority is None


# staleness --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "is_stale"),
    [
        (timedelta(days=30), True),
        (timedelta(days=30, seconds=-1), False),
        (timedelta(days=31), True),
        (timedelta(0), False),
        (timedelta(days=-5), False),
    ],
)
def test_a_project_is_stale_from_the_whole_day_on_that_the_settings_say(since, is_stale):
    ongoing = governed(statuses="FONNN", started=NOW - since)
    assert made([ongoing]).rows[0].stale is is_stale
    assert keys(made([ongoing], Filters(stale=True))) == (["KEY"] if is_stale else [])


def test_a_project_between_two_steps_is_stale_from_the_last_ones_end():
    waiting = governed(statuses="FNNNN", finished=NOW - timedelta(days=40))
    assert (made([waiting]).rows[0].days_in_step, made([waiting]).rows[0].stale) == (40, True)


def test_nothing_is_stale_before_its_start_or_after_its_end():
    long_ago = NOW - timedelta(days=999)
    found = [
        governed("NEW", "NNNNN", long_ago, long_ago),
        governed("DONE", "FFFFF", long_ago, long_ago),
        governed("SKIPPED", "SSSSS", long_ago, long_ago),
        governed("UNKNOWN", "FONNN"),
    ]
    portfolio = made(found, stale_after_days=1)
    assert portfolio.summary.stale == 0 and {row.days_in_step for row in portfolio.rows} == {None}


def test_days_in_the_filter_beat_those_of_the_settings():
    old = governed(statuses="ONNNN", started=NOW - timedelta(days=10))
    assert keys(made([old], Filters(stale=True))) == []
    assert keys(made([old], Filters(stale=True, stale_days=10))) == ["KEY"]
    assert keys(made([old], Filters(stale=True, stale_days=11), stale_after_days=5)) == []
    assert made([old], Filters(stale_days=10)).stale_days == 10
    assert made([old], stale_after_days=5).stale_days == 5
