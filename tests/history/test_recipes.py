"""In DSS: the recipe `governed-projects` appends to a history dataset, `governance-trends` reads it."""

from __future__ import annotations

import dataikuapi
import pytest
from dataikuapi.dss.job import DSSJobWaiter

from govern_mirror import clock
from govern_mirror.actions.session import connect_to
from govern_mirror.components.report_macro import report_from_form
from govern_mirror.history.trends import COLUMNS as TRENDS
from govern_mirror_devkit.host import ComponentError, DatasetWrite

OUTPUTS = {"governed_projects": ["P.governed"], "history": ["P.history"]}
TREND_OUTPUTS = {name: [f"P.{name}"] for name in TRENDS}


class Flow:
    """A project's datasets: what recipes write is kept, as DSS keeps it."""

    def __init__(self, instance) -> None:
        self.instance, self.datasets = instance, {}

    def build(self, recipe, outputs, inputs=None, **params):
        written = self.instance.recipe(
            recipe, inputs=inputs, outputs=outputs, params=params, read=self.datasets.get
        ).datasets
        for name, found in written.items():
            kept = self.datasets[name].rows if found.append and name in self.datasets else []
            self.datasets[name] = DatasetWrite(found.schema, [*kept, *found.rows])

    def governed(self, **params):
        self.build("governed-projects", OUTPUTS, **params)

    def trends(self, **params):
        self.build("governance-trends", TREND_OUTPUTS, {"history": ["P.history"]}, **params)
        return {name: self.datasets[f"P.{name}"].rows for name in TRENDS}


@pytest.fixture
def flow(instance):
    instance.done("init", "P", "Q", "--value", "High")
    return Flow(instance)


def moved(flow, days=2):
    for _ in range(days):
        flow.governed()
        flow.instance.snapshot()
        flow.instance.after(1).done("advance", "P")
    flow.governed()
    flow.instance.snapshot()


def test_each_build_adds_to_the_history_and_replaces_the_dataset(flow):
    moved(flow)
    assert len(flow.datasets["P.governed"].rows) == 2
    assert [(row["snapshot_day"], row["project_key"]) for row in flow.datasets["P.history"].rows] == [
        (day, key) for day in (20260301, 20260302, 20260303) for key in ("Q", "P")
    ]


def test_without_the_history_output_the_recipe_writes_its_dataset_only(flow):
    flow.build("governed-projects", {"governed_projects": ["P.governed"]})
    assert list(flow.datasets) == ["P.governed"]


def test_filters_leave_no_project_out_of_the_history(flow):
    flow.governed(step=["delivery"])
    assert flow.datasets["P.governed"].rows == []
    assert {row["project_key"] for row in flow.datasets["P.history"].rows} == {"P", "Q"}


def test_the_trends_of_the_datasets_are_those_of_the_command_line(flow):
    moved(flow)
    found, expected = flow.trends(), flow.instance.trends()
    for name in set(TRENDS) - {"mix"}:
        kept = [{key: row[key] for key in (expected[name] or [{}])[0]} for row in found[name]]
        assert kept == expected[name], name
    assert {"day": "2026-03-03", "field": "value", "rating": "High", "projects": 2} in found["mix"]


def test_trends_have_typed_columns_also_where_there_are_no_rows(flow):
    flow.governed()
    assert flow.trends()["throughput"] == []
    schema = flow.datasets["P.cycle_time"].schema
    assert [(column["name"], column["type"]) for column in schema] == [
        ("step", "string"), ("finished", "bigint"), ("median_days", "double"), ("p85_days", "double"),
    ]  # fmt: skip


def test_values_tell_changes_that_the_dataset_has_no_columns_for(flow):
    outputs = {**OUTPUTS, "history_values": ["P.values"]}

    def build():
        flow.build("governed-projects", outputs)
        # a history that an older version of the plugin started: it keeps its schema
        history = flow.datasets["P.history"]
        schema = [column for column in history.schema if column["name"] not in ("countries", "values_digest")]
        rows = [{name: value for name, value in row.items() if name not in ("countries", "values_digest")}
                for row in history.rows]  # fmt: skip
        flow.datasets["P.history"] = DatasetWrite(schema, rows)

    build()
    flow.instance.after(1).done("set", "P", "countries=CH")
    build()
    inputs = {"history": ["P.history"], "history_values": ["P.values"]}
    flow.build("governance-trends", {"changes": ["P.changes"]}, inputs)
    (change,) = flow.datasets["P.changes"].rows
    assert (change["project_key"], change["field"], change["from"], change["to"]) == ("P", "countries", None, "CH")
    flow.build("governance-trends", {"changes": ["P.changes"]}, {"history": ["P.history"]})
    assert flow.datasets["P.changes"].rows == []


class Kept:
    """A dataset of the flow as `dataiku.Dataset` shows it, in no database."""

    def __init__(self, written: DatasetWrite) -> None:
        self.name, self.written = "kept", written

    def read_schema(self, raise_if_empty=True):
        return self.written.schema

    def iter_rows(self):
        return iter(self.written.rows)

    def get_location_info(self):
        return {"locationInfoType": "UPLOADED"}


def test_the_report_macro_tells_what_only_the_values_hold(flow):
    outputs = {**OUTPUTS, "history_values": ["P.values"]}
    flow.build("governed-projects", outputs)
    history = flow.datasets["P.history"]
    kept = [column for column in history.schema if column["name"] not in ("countries", "values_digest")]
    names = {column["name"] for column in kept}
    rows = [{name: value for name, value in row.items() if name in names} for row in history.rows]
    flow.datasets["P.history"] = DatasetWrite(kept, rows)
    flow.instance.after(1).done("set", "P", "countries=Atlantis")
    session = connect_to(flow.instance.connection.url, flow.instance.connection.api_key)

    def said(**form):
        with clock.set_to(flow.instance.now):
            return report_from_form(
                session,
                {"history": "history", **form},
                "P",
                dataset=lambda name: Kept(flow.datasets[name]),
                executor=None,
            )

    assert "Atlantis" in said(history_values="values")
    assert "Atlantis" not in said()


def test_since_is_a_date_of_the_form(flow):
    moved(flow)
    assert {row["day"] for row in flow.trends(since="2026-03-03T00:00:00.000Z")["flow"]} == {"2026-03-03"}


def test_a_recipe_writes_only_the_trends_that_were_asked_for(flow):
    flow.governed()
    flow.build("governance-trends", {"flow": ["P.flow"]}, {"history": ["P.history"]})
    assert flow.datasets["P.flow"].rows and "P.age" not in flow.datasets


@pytest.mark.parametrize("recipe", ["governed", "trends"])
def test_an_altered_history_dataset_is_an_error_that_names_the_column(flow, recipe):
    flow.governed()
    schema = [
        {**column, "type": "string"} if column["name"] == "snapshot_day" else column
        for column in flow.datasets["P.history"].schema
    ]
    flow.datasets["P.history"] = DatasetWrite(schema, [])
    with pytest.raises(ComponentError, match="column snapshot_day") as raised:
        getattr(flow, recipe)()
    assert raised.value.error_type.endswith("HistoryError")


def test_a_column_that_the_history_dataset_lacks_is_warned_of(flow, caplog):
    flow.governed()
    found = flow.datasets["P.history"]
    schema = [column for column in found.schema if column["name"] != "problem_messages"]
    flow.datasets["P.history"] = DatasetWrite(schema, found.rows)
    flow.governed()
    assert flow.datasets["P.history"].schema == schema and len(flow.datasets["P.history"].rows) == 4
    assert "no column problem_messages" in caplog.text


def test_a_dataset_that_is_no_history_is_refused_by_name(flow):
    flow.datasets["P.history"] = DatasetWrite([{"name": "a", "type": "string"}], [{"a": "b"}])
    with pytest.raises(ComponentError, match="no column schema_version"):
        flow.trends()


def test_jobs_of_an_instance_build_the_history_and_its_trends(instance):
    project = dataikuapi.DSSClient(instance.connection.url, api_key=instance.connection.api_key).get_project("P")
    for name in ("governed", "history", "flow"):
        project.client._perform_json("POST", "/projects/P/datasets/managed", body={"name": name})
    for kind, inputs, outputs in (
        ("governed-projects", {}, {"governed_projects": "governed", "history": "history"}),
        ("governance-trends", {"history": "history"}, {"flow": "flow"}),
    ):
        roles = [{role: {"items": [{"ref": ref}]} for role, ref in each.items()} for each in (inputs, outputs)]
        prototype = {"type": f"CustomCode_{kind}", "name": kind, "inputs": roles[0], "outputs": roles[1]}
        project.create_recipe({**prototype, "params": {"customConfig": {}}}, {})
    instance.done("init", "P")
    for name in ("history", "history", "flow"):
        assert DSSJobWaiter(project.new_job().with_output(name).start()).wait(no_fail=True) == "DONE"
    assert len(list(project.get_dataset("history").iter_rows())) == 2
    assert [row[1:] for row in project.get_dataset("flow").iter_rows()] == [["not_started", 1]]
