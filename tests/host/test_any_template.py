"""The macros on templates of every kind: forms, dry runs, what they say, and the choices of Edit."""

from __future__ import annotations

import contextlib

import pytest
from template_files import built_plugin
from templates import EVERY_KIND, LONG, STANDARD

from govern_mirror_devkit.host import ComponentError, Connection, PluginHost
from govern_mirror_devkit.host.setups import choices
from govern_mirror_devkit.sandbox.app import Sandbox
from govern_mirror_devkit.sandbox.mock_instance import mock_instance
from govern_mirror_devkit.source import plugin_root

INITIALIZE, QUALIFY, MOVE, EDIT = (
    "initialize-workflow",
    "record-qualification",
    "advance-workflow",
    "edit-governed-project",
)


@pytest.fixture(scope="module")
def roots(tmp_path_factory):
    return {
        "standard": plugin_root(),
        "every kind": built_plugin(EVERY_KIND, tmp_path_factory.mktemp("every_kind")),
        "long": built_plugin(LONG, tmp_path_factory.mktemp("long")),
    }


@pytest.fixture
def sandbox():
    with contextlib.closing(Sandbox()) as sandbox:
        sandbox.create_project("P", "The project")
        yield sandbox


@pytest.fixture
def connection(sandbox):
    with mock_instance(sandbox):
        yield Connection(sandbox.base_url, sandbox.admin_key)


@pytest.fixture
def root(request, roots, monkeypatch):
    """The plugin of the template that the test names; the standard one unless it does."""
    root = roots[getattr(request, "param", "standard")]
    monkeypatch.setattr("govern_mirror.actions.session.PLUGIN_FOLDER", root)
    return root


@pytest.fixture
def run(root, connection):
    """Run a macro and return its rows."""

    def run(macro, form=None, project_key="P"):
        host = PluginHost(root)
        result = host.run_macro(macro, params=form or {}, project_key=project_key, connection=connection)
        return result.payload["records"]

    return run


@pytest.fixture
def refused(run):
    def refused(*arguments):
        with pytest.raises(ComponentError) as raised:
            run(*arguments)
        return raised.value.message

    return refused


@pytest.fixture
def offered(root, connection):
    """The choices of a param, by default the fields that the form of Edit offers, with their labels."""

    def offered(project_key="P", form=None, macro=EDIT, parameter="field_1"):
        descriptor = next(each for each in PluginHost(root).macros() if each["id"] == macro)
        given = choices(root, descriptor, parameter, form=form, project_key=project_key, connection=connection)
        return {each["value"]: each["label"] for each in given}

    return offered


def fields(sandbox, key="P"):
    return sandbox.metadata(key)["customFields"]


@pytest.mark.parametrize("root", ["every kind"], indirect=True)
def test_a_form_fills_fields_of_each_kind(run, sandbox):
    run(INITIALIZE, {
        "extra_rating_of_more": "High", "extra_colour": "Red", "extra_colours": ["Dark-green", "Red"],
        "extra_day": "2026-03-01", "extra_line": "a line", "extra_text": "two\nlines", "extra_number": 12.0,
        "extra_flag": "yes", "extra_links": "Plan=https://example.com/a", "extra_reference": "T-1",
        "extra_people": "Ada, Bob",
    })  # fmt: skip
    held = fields(sandbox)
    assert held["govern_extra_colours"] == ["Red", "Dark-green"] and held["govern_extra_number"] == 12
    assert held["govern_extra_flag"] == "true" and held["govern_extra_people"] == "Ada, Bob"
    assert held["govern_extra_day"] == "2026-03-01" and held["govern_extra_text"] == "two\nlines"
    assert held["govern_extra_links"] == [{"from": "Plan", "to": "https://example.com/a"}]


@pytest.mark.parametrize("root", ["long"], indirect=True)
def test_a_long_template_is_qualified_and_moved(run, sandbox):
    run(INITIALIZE, {"overview_programme": "Growth"})
    rows = run(QUALIFY, {"assessment_worth": "Vital", "assessment_verdict": "Parked", "notes": "Seen"})
    assert rows[-1] == ["Result", "", "P: 3 fields changed: Assessment worth, Assessment verdict, Assess: notes"]
    assert fields(sandbox)["govern_notes_assess"] == "Seen"
    assert run(MOVE, {"step": "intake"})[-1][2] == "P is now at Intake (1 of 8)"


# edit --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["standard", "every kind", "long"], indirect=True)
def test_edit_offers_every_field(root, offered, run):
    blueprint = {plugin_root(): STANDARD}.get(root) or (LONG if "long" in str(root) else EVERY_KIND)
    assert list(offered()) == [f.path for f in blueprint.all_fields if not f.path.endswith(".status")]


def test_edit_shows_what_fields_hold_now(run, offered):
    assert offered()["qualification.risk.rating"] == "Risk rating"
    run(INITIALIZE, {"risk_rating": "High", "description": "One\nlong text " * 30})
    labels = offered()
    assert labels["qualification.risk.rating"] == "Risk rating: High"
    assert labels["overview.sponsor"] == "Sponsor"
    assert "\n" not in labels["overview.description"] and len(labels["overview.description"]) < 80


def test_edit_offers_labels_where_no_project_is_known(offered):
    assert offered(project_key=None)["overview.sponsor"] == "Sponsor"
    assert offered(project_key="NOSUCH")["overview.sponsor"] == "Sponsor"


def test_edit_shows_the_project_that_is_chosen(run, offered, sandbox):
    sandbox.create_project("Q")
    run(INITIALIZE, {"sponsor": "Ada"}, "Q")
    assert offered(form={"project_key": "Q"})["overview.sponsor"] == "Sponsor: Ada"


# record ------------------------------------------------------------------------------------------------------------


def test_record_shows_what_the_step_holds_now(run, offered, sandbox):
    rating = {"macro": QUALIFY, "parameter": "risk_rating"}
    assert offered(**rating)[""] == "(leave as it is)"
    run(INITIALIZE, {"risk_rating": "High"})
    labels = offered(**rating)
    assert list(labels) == ["", "Low", "Medium low", "Medium high", "High", "none"]
    assert labels[""] == "(leave as it is: High)" and labels["none"] == "(clear)"
    sandbox.create_project("Q")
    assert offered(form={"project_key": "Q"}, **rating)[""] == "(leave as it is)"
    assert offered(project_key="NOSUCH", **rating)[""] == "(leave as it is)"


@pytest.mark.parametrize("root", ["standard", "every kind", "long"], indirect=True)
def test_record_offers_every_value_that_it_takes(root, offered, run):
    run(INITIALIZE)
    [macro] = [macro for macro in PluginHost(root).macros() if macro["id"] == QUALIFY]
    asked = [param["name"] for param in macro["params"] if param.get("getChoicesFromPython")]
    assert asked
    for name in asked:
        for value in [each for each in offered(macro=QUALIFY, parameter=name) if each]:
            several = next(param for param in macro["params"] if param["name"] == name)["type"] == "MULTISELECT"
            assert run(QUALIFY, {name: [value] if several else value, "dry_run": True})


def test_edit_changes_several_fields_at_once(run, sandbox):
    run(INITIALIZE, {"sponsor": "Ada"})
    rows = run(EDIT, {
        "field_1": "overview.sponsor", "value_1": "none",
        "field_2": "qualification.value.rating", "value_2": "medium high",
        "field_3": "overview.technical_dimension", "value_3": "analytics, ai/ml",
    })  # fmt: skip
    assert ["Sponsor", "Ada", ""] in rows and ["Value rating", "", "Medium high"] in rows
    assert rows[-1] == ["Result", "", "P: 3 fields changed: Sponsor, Technical dimension, Value rating"]
    held = fields(sandbox)
    assert not held.get("govern_sponsor") and held["govern_technical_dimension"] == ["AI/ML", "Analytics"]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "nothing to change"),
        ({"field_1": "overview.sponsor"}, "give Sponsor a value"),
        ({"value_1": "Ada"}, "choose the field that takes the value 'Ada'"),
        ({"field_1": "qualification.risk.rating", "value_1": "huge"}, "Risk rating: unknown rating 'huge'"),
        (
            {"field_1": "overview.sponsor", "value_1": "A", "field_2": "overview.sponsor", "value_2": "B"},
            "Sponsor is chosen twice",
        ),
        (
            {"field_1": "steps.exploration.status", "value_1": "FINISHED"},
            "Exploration: status: a status changes by moves of the workflow only: "
            "use the macro *Move the Govern workflow*",
        ),
    ],
)
def test_edit_refuses_what_is_not_complete_or_valid(run, refused, sandbox, form, said):
    run(INITIALIZE)
    before = sandbox.metadata("P")
    assert refused(EDIT, form).startswith(said)
    assert sandbox.metadata("P") == before


# dry runs and words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("macro", "form", "said"),
    [
        (QUALIFY, {"value_rating": "High"}, "P: Value rating would be High"),
        (MOVE, {}, "P would be at Exploration (1 of 5)"),
        (EDIT, {"field_1": "overview.sponsor", "value_1": "Ada"}, "P: Sponsor would be Ada"),
    ],
)
def test_a_dry_run_says_what_would_change(run, sandbox, macro, form, said):
    run(INITIALIZE)
    before = sandbox.metadata("P")
    rows = run(macro, {**form, "dry_run": True})
    assert ["Result", "", said] in rows and ["Dry run", "", "nothing was written"] in rows
    assert sandbox.metadata("P") == before


def test_a_dry_run_that_would_change_nothing_says_so(run):
    run(INITIALIZE, {"sponsor": "Ada"})
    rows = run(EDIT, {"field_1": "overview.sponsor", "value_1": "Ada", "dry_run": True})
    assert rows[0] == ["Nothing would change", "", ""]


def test_rows_have_labels(run):
    run(INITIALIZE)
    assert run(QUALIFY, {"risk_rating": "High"})[0] == ["Risk rating", "", "High"]
    assert run(MOVE)[0] == ["Exploration", "Not started", "On going"]


def test_initialize_says_what_it_kept(run):
    run(INITIALIZE, {"business_initiative": "Loyalty"})
    ((_, outcome, message),) = run(INITIALIZE, {"business_initiative": "Growth"})
    assert outcome == "unchanged"
    assert message.endswith(
        "kept: Business initiative is Loyalty: change it with the macro *Edit the governed project*"
    )


def test_hints_name_macros(refused):
    said = refused(MOVE)
    assert said == "P is not governed yet: run the macro *Initialize the Govern workflow* first"


# choices of other plugins --------------------------------------------------------------------------------------------


def setup(tmp_path, code, **param):
    (tmp_path / "resource").mkdir()
    (tmp_path / "resource" / "form.py").write_text(code)
    (tmp_path / "plugin.json").write_text('{"id": "p", "version": "1.0.0", "params": []}')
    return {
        "paramsPythonSetup": "form.py",
        "params": [{"name": "field", "type": "SELECT", "getChoicesFromPython": True, **param}],
    }


def test_choices_see_form_settings_and_project(tmp_path, connection):
    code = (
        "import dataiku\n"
        "def do(payload, config, plugin_config, inputs):\n"
        "    here = dataiku.default_project_key()\n"
        "    seen = [payload['parameterName'], config['a'], plugin_config['b'], here, inputs]\n"
        "    return {'choices': [{'value': str(each), 'label': str(each)} for each in seen]}\n"
    )
    descriptor = setup(tmp_path, code)
    given = choices(
        tmp_path, descriptor, "field", form={"a": 1}, project_key="P", connection=connection, plugin_settings={"b": 2}
    )
    assert [each["value"] for each in given] == ["field", "1", "2", "P", "[]"]


@pytest.mark.parametrize(
    "code",
    ["def do(*given):\n    return {}\n", "def do(*given):\n    return 1 / 0\n", "do_it = 1\n", "not python"],
)
def test_choices_that_fail_are_errors(tmp_path, connection, code):
    descriptor = setup(tmp_path, code)
    with pytest.raises(ComponentError):
        choices(tmp_path, descriptor, "field", project_key="P", connection=connection)


def test_choices_of_an_unknown_param_or_file_are_errors(tmp_path, connection):
    descriptor = setup(tmp_path, "")
    with pytest.raises(ComponentError):
        choices(tmp_path, descriptor, "other", project_key="P", connection=connection)
    with pytest.raises(ComponentError):
        choices(tmp_path, {**descriptor, "paramsPythonSetup": "x.py"}, "field", project_key="P", connection=connection)


def test_a_macro_tells_what_was_typed_and_is_recorded_now(run, sandbox):
    run(INITIALIZE)
    sandbox.edit_metadata("P", lambda metadata: metadata["customFields"].update(govern_sponsor="Ada"))
    given = {"field_1": "overview.sponsor", "value_1": "Ada"}
    told = ["Recorded", "", "typed into its fields, and would be recorded: Sponsor"]
    assert run(EDIT, {**given, "dry_run": True}) == [told, ["Dry run", "", "nothing was written"]]
    assert run(EDIT, given) == [["Recorded", "", "typed into its fields, and now recorded: Sponsor"]]
    assert run(EDIT, given) == [["Nothing changed", "", ""]]
