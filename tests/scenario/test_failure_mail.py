"""The mail of a run that failed names the step, whatever DSS offers to reporters."""

from __future__ import annotations

import pytest

from govern_mirror.scenario.parts import FAILED_MESSAGE, FAILED_SUBJECT
from govern_mirror_devkit.sandbox.freemarker import render

KNOWN = {"scenarioName": "Report", "scenarioProjectKey": "HUB", "outcome": "FAILED"}
"""What public sources have seen DSS offer."""


def test_the_mail_is_sent_also_where_dss_offers_no_more_than_is_known():
    text = render(FAILED_MESSAGE, KNOWN)
    assert "The scenario Report of project HUB ended with FAILED." in text and "${" not in text
    assert render(FAILED_SUBJECT, KNOWN) == "Report: FAILED"


def test_the_failing_step_is_named_by_its_outcome_where_dss_does_not_name_it():
    outcomes = {"stepOutcome_govern_mirror_build": "SUCCESS", "stepOutcome_govern_mirror_report": "FAILED"}
    text = render(FAILED_MESSAGE, {**KNOWN, **outcomes})
    assert "(govern_mirror_report): FAILED" in text and "(govern_mirror_build): SUCCESS" in text
    assert "(govern_mirror_sync): not run" in text


def test_the_failing_step_is_named_where_dss_does():
    text = render(FAILED_MESSAGE, {**KNOWN, "firstFailedStepName": "my own step", "errorMessage": "disk full"})
    assert "Step that failed: my own step" in text and "Error: disk full" in text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("a ${outcome} b", "a FAILED b"),
        ("${x!'none'}", "none"),
        ("${x!}", ""),
        ('${outcome!"no"}', "FAILED"),
        ("$x", "$x"),
    ],
)
def test_the_sandbox_reads_the_freemarker_that_mails_use(template, text):
    assert render(template, KNOWN) == text


@pytest.mark.parametrize("template", ["${x}", "<#if x??>a</#if>", "${x?upper_case}", "${a + b}"])
def test_a_mail_that_names_what_is_not_there_or_not_known_is_not_sent(template):
    with pytest.raises(ValueError):
        render(template, KNOWN)
