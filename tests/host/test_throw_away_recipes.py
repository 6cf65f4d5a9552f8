"""What a recipe writes arrives as DSS would store it, and what DSS would refuse is refused."""

from __future__ import annotations

import pytest

from govern_mirror_devkit.host import ComponentError, DatasetWrite

START = """
rows = dataiku.Dataset(get_output_names_for_role("out")[0])
rows.write_schema([{"name": "a", "type": "string"}, {"name": "n", "type": "bigint"}])
"""


def failure(plugin, python=None, **given) -> ComponentError:
    with pytest.raises(ComponentError) as raised:
        plugin.run_recipe(python, **given)
    return raised.value


def test_rows_arrive_with_their_schema(plugin, python):
    plugin.recipe(
        START + "with rows.get_writer() as w:\n    w.write_row_dict({'a': 'é', 'n': 1})\n    w.write_tuple(('b', 2))"
    )
    written = plugin.run_recipe(python).datasets["P.rows"]
    assert written.schema == [{"name": "a", "type": "string"}, {"name": "n", "type": "bigint"}]
    assert written.rows == [{"a": "é", "n": 1}, {"a": "b", "n": 2}]


def test_keys_without_a_column_are_dropped_and_missing_ones_blank(plugin, python):
    plugin.recipe(START + "with rows.get_writer() as w:\n    w.write_row_dict({'a': 'x', 'unknown': object})")
    assert plugin.run_recipe(python).datasets["P.rows"].rows == [{"a": "x", "n": None}]


def test_a_dataset_without_rows_still_gets_its_schema(plugin):
    plugin.recipe(START + "rows.get_writer().close()")
    assert plugin.run_recipe().datasets["P.rows"] == DatasetWrite(
        [{"name": "a", "type": "string"}, {"name": "n", "type": "bigint"}], []
    )


def test_a_writer_that_was_not_closed_is_a_failure(plugin, python):
    error = failure(plugin.recipe(START + "rows.get_writer().write_row_dict({'a': 'x'})"), python)
    assert "writer of P.rows was not closed" in error.message


def test_rows_of_a_recipe_that_fails_are_not_half_written(plugin):
    body = "with rows.get_writer() as w:\n    w.write_row_dict({'a': 'x'})\n    raise RuntimeError('out of paper')"
    error = failure(plugin.recipe(START + body))
    assert (error.error_type, error.message) == ("builtins.RuntimeError", "out of paper")
    assert "recipe.py" in error.traceback


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "1"),
        ("string", "['a']"),
        ("bigint", "'1'"),
        ("bigint", "1.5"),
        ("bigint", "True"),
        ("int", "1.0"),
        ("double", "'0.5'"),
        ("double", "False"),
        ("boolean", "'true'"),
        ("boolean", "1"),
        ("date", "'2026-03-01'"),
        ("date", "'2026-03-01T10:00:00'"),
        ("date", "'soon'"),
        ("date", "3"),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_refused_by_name(plugin, kind, value):
    plugin.recipe(f"""
        d = dataiku.Dataset("rows")
        d.write_schema([{{"name": "col", "type": "{kind}"}}])
        with d.get_writer() as w:
            w.write_row_dict({{"col": {value}}})
    """)
    assert failure(plugin).message == f"col is {kind}, so it cannot hold {eval(value)!r}"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", "''"),
        ("bigint", "-3"),
        ("double", "1"),
        ("double", "0.5"),
        ("boolean", "False"),
        ("date", "'2026-03-01T10:00:00Z'"),
        ("date", "'2026-03-01T10:00:00.000+02:00'"),
        ("date", "None"),
    ],
)
def test_a_value_that_fits_its_column_arrives_unchanged(plugin, kind, value):
    plugin.recipe(f"""
        d = dataiku.Dataset("rows")
        d.write_schema([{{"name": "col", "type": "{kind}"}}])
        with d.get_writer() as w:
            w.write_row_dict({{"col": {value}}})
    """)
    assert plugin.run_recipe().datasets["P.rows"].rows == [{"col": eval(value)}]


def test_a_time_that_python_made_is_written_as_a_time(plugin, python):
    plugin.recipe("""
        from datetime import datetime, timezone
        d = dataiku.Dataset("rows")
        d.write_schema([{"name": "at", "type": "date"}])
        with d.get_writer() as w:
            w.write_row_dict({"at": datetime(2026, 3, 1, 10, tzinfo=timezone.utc)})
    """)
    assert plugin.run_recipe(python).datasets["P.rows"].rows == [{"at": "2026-03-01T10:00:00+00:00"}]


def test_a_time_without_a_zone_is_refused(plugin):
    plugin.recipe("""
        from datetime import datetime
        d = dataiku.Dataset("rows")
        d.write_schema([{"name": "at", "type": "date"}])
        with d.get_writer() as w:
            w.write_row_dict({"at": datetime(2026, 3, 1)})
    """)
    assert "at is date, so it cannot hold" in failure(plugin).message


@pytest.mark.parametrize("schema", [[{"name": "a", "type": "text"}], [{"type": "string"}], [{"name": "a"}]])
def test_a_schema_that_dss_would_not_know_is_refused(plugin, schema):
    assert "a column needs a name and one of the types" in failure(
        plugin.recipe(f"dataiku.Dataset('rows').write_schema({schema!r})")
    ).message  # fmt: skip


@pytest.mark.parametrize("call", ["write_schema([])", "get_writer()"])
def test_a_dataset_that_is_no_output_cannot_be_written(plugin, call):
    assert failure(plugin.recipe(f"dataiku.Dataset('other').{call}")).message == "P.other is no output of this recipe"


def test_a_dataset_of_the_same_name_in_another_project_is_another_dataset(plugin):
    error = failure(plugin.recipe("dataiku.Dataset('Q.rows').write_schema([])"))
    assert error.message == "Q.rows is no output of this recipe"


def test_rows_before_a_schema_are_refused(plugin):
    assert failure(plugin.recipe("dataiku.Dataset('rows').get_writer()")).message == "write the schema of P.rows first"


def test_a_recipe_reads_its_inputs_and_nothing_else(plugin, python):
    plugin.recipe("""
        source = dataiku.Dataset(get_input_names_for_role("in")[0])
        target = dataiku.Dataset(get_output_names()[0])
        target.write_schema(source.read_schema())
        with target.get_writer() as w:
            for row in source.iter_rows():
                w.write_row_dict(row)
    """)
    found = DatasetWrite([{"name": "a", "type": "string"}], [{"a": "x"}, {"a": "y"}])
    given = {"inputs": {"in": ["Q.source"]}, "read_dataset": {"Q.source": found}.get}
    written = plugin.run_recipe(python, **given).datasets["P.rows"]
    assert (written.schema, written.rows) == (found.schema, found.rows)
    plugin.recipe("list(dataiku.Dataset('Q.secret').iter_rows())")
    assert failure(plugin, python, **given).message == "Q.secret is no input of this recipe"


def test_a_recipe_is_given_its_form_and_the_settings(plugin, python):
    plugin.settings({"name": "limit", "type": "INT", "label": "Limit", "defaultValue": 5})
    plugin.recipe(
        """
        import json
        d = dataiku.Dataset("rows")
        d.write_schema([{"name": "given", "type": "string"}])
        with d.get_writer() as w:
            w.write_tuple((json.dumps([get_recipe_config(), get_plugin_config(), get_output_names()]),))
        """,
        params=[{"name": "tag", "type": "STRING", "label": "Tag", "defaultValue": "all"}],
    )
    (row,) = plugin.run_recipe(python).datasets["P.rows"].rows
    assert row == {"given": '[{"tag": "all"}, {"limit": 5.0}, ["P.rows"]]'}


def test_a_recipe_that_exits_is_a_failed_run(plugin, python):
    assert failure(plugin.recipe("import sys\nsys.exit()"), python).message.startswith("the code ended Python")


def test_an_unknown_recipe_is_refused(plugin):
    with pytest.raises(ComponentError, match="no recipe 'r'; it has none"):
        plugin.run_recipe()
