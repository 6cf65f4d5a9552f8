"""Trends of the page in DSS: from the dataset that the webapp's settings name, with the rights of the person."""

import pytest
from support.webapp import live_webapp

from govern_mirror import Move, MoveKind, Scope, build_report, connect_to, initialize, move
from govern_mirror.history.columns import VALUE_COLUMNS, column_types, run_of, snapshot_rows, value_rows
from govern_mirror.report.columns import schema
from govern_mirror.settings import Settings
from govern_mirror_devkit.seeds import people

DATASET, VALUES = "governed_projects_history", "governed_projects_history_values"


def write_history(live, project=people.PROJECT):
    """Take a snapshot into datasets, as the recipe does."""
    session = connect_to(live.base, live.sandbox.admin_key, settings=Settings(settling_seconds=0))
    initialize(session, Scope(keys=("CHURN", people.CONFIDENTIAL)))
    move(session, "CHURN", Move(MoveKind.ADVANCE))
    portfolio = build_report(session).portfolio
    run, datasets, admin = run_of(portfolio.generated_on), live.sandbox.datasets, live.sandbox.admin
    for name, columns, rows in (
        (DATASET, column_types(portfolio.blueprint), snapshot_rows(portfolio, run)),
        (VALUES, VALUE_COLUMNS, value_rows(portfolio, run)),
    ):
        datasets.create_managed(admin, project, name)
        datasets.write_rows(admin, project, name, schema(columns), rows)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    with live_webapp(tmp_path_factory.mktemp("dss"), stories=False) as live:
        readers = [{"group": people.READERS, "readProjectContent": True}]
        live.sandbox.create_project("CHURN", "Churn", permissions=readers)
        live.sandbox.create_project(people.CONFIDENTIAL, "Aml", permissions=[])
        write_history(live)
        yield live


def configure(live, **config):
    webapp = live.sandbox.webapps.get(live.sandbox.admin, people.PROJECT, people.WEBAPP_ID)
    live.sandbox.webapps.save(live.sandbox.admin, people.PROJECT, people.WEBAPP_ID, {**webapp, "config": config})
    live.restart()


def asked(live, role, path):
    answer = live.session(role).get(live.backend(f"api/{path}"), timeout=60)
    assert answer.status_code == 200, f"{answer.text} {live.log()}"
    return answer.json()


def test_a_reader_sees_the_trends_of_what_they_may_read(live):
    configure(live, history=DATASET, history_values=VALUES)
    told = asked(live, "reader", "trends")
    assert told["why_not"] is None, told
    assert {step: counts for step, counts in told["past"]["flow"].items() if any(counts)} == {"exploration": [1]}
    assert people.CONFIDENTIAL not in str(told)
    assert asked(live, "reader", "total")["governed"] == 2


def test_who_may_not_read_the_history_is_told_what_to_ask_for(live):
    live.sandbox.create_project("HUB")
    live.sandbox.datasets.create_managed(live.sandbox.admin, "HUB", "kept")
    configure(live, history="HUB.kept")
    told = asked(live, "reader", "trends")
    assert told["past"] is None and "your rights" in told["why_not"]
    assert asked(live, "reader", "total") == {"governed": None, "at": None}


def test_without_a_setting_the_view_says_what_to_set_up(live):
    configure(live)
    assert "this webapp's settings" in asked(live, "reader", "trends")["why_not"]
