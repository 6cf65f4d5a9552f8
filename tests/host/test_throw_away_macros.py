"""What a macro does wrong is seen here, not first in DSS; what it does right comes out as DSS shows it."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from govern_mirror_devkit.host import ComponentAborted, ComponentError, PluginHost

WRONG = "java.lang.IllegalStateException"
TABLE = """
table = ResultTable()
table.set_name("Colours")
table.add_column("name", "Name", "STRING")
table.add_column("tags", "Tags", "STRING_LIST")
table.add_record(["sky", ["blue", "light"]])
table.add_record([None, []])
"""


def failure(plugin, python=None, **given) -> ComponentError:
    with pytest.raises(ComponentError) as raised:
        plugin.run(python, **given)
    return raised.value


# results


@pytest.mark.parametrize(
    ("result", "expression", "content_type"),
    [
        ("HTML", "'<p>é</p>'", "text/html; charset=utf-8"),
        ("URL", "'https://example.com'", "text/plain; charset=utf-8"),
        ("JSON_OBJECT", "{'a': [1, None, 'é']}", "application/json"),
        ("JSON_OBJECT", "[]", "application/json"),
        ("NONE", "None", "text/plain; charset=utf-8"),
    ],
)
def test_a_result_comes_out_as_the_macro_returned_it(plugin, python, result, expression, content_type):
    found = plugin.macro(f"return {expression}", result).run(python)
    assert (found.type, found.content_type, found.payload) == (result, content_type, eval(expression))


def test_a_table_comes_out_with_its_columns_and_records(plugin, python):
    found = plugin.macro(TABLE + "return table", "RESULT_TABLE").run(python)
    assert found.payload == {
        "name": "Colours",
        "columns": [
            {"name": "name", "displayName": "Name", "type": "STRING"},
            {"name": "tags", "displayName": "Tags", "type": "STRING_LIST"},
        ],
        "records": [["sky", ["blue", "light"]], [None, []]],
    }


@pytest.mark.parametrize(
    ("result", "expression", "found"),
    [
        ("HTML", "None", "NoneType"),
        ("URL", "42", "int"),
        ("RESULT_TABLE", "{'columns': [], 'records': []}", "dict"),
        ("RESULT_TABLE", "'text'", "str"),
        ("JSON_OBJECT", "'{}'", "str"),
        ("JSON_OBJECT", "ResultTable()", "a ResultTable"),
        ("HTML", "ResultTable()", "a ResultTable"),
        ("NONE", "'done'", "str"),
    ],
)
def test_a_result_that_is_not_what_the_descriptor_promises_is_refused(plugin, result, expression, found):
    error = failure(plugin.macro(f"return {expression}", result))
    assert error.error_type == WRONG
    assert error.message == f"the descriptor promises {result}, but the macro returned {found}"


def test_a_result_type_that_the_host_cannot_check_is_said(plugin):
    assert "FOLDER_FILE" in failure(plugin.macro("return None", "FOLDER_FILE")).message


@pytest.mark.parametrize("value", ["3", "None, [1]", "['a', 3]", "{'a': 1}", "True"])
def test_a_table_that_holds_anything_but_texts_is_refused_by_column(plugin, python, value):
    record = value if value.startswith("None,") else f"{value}, []"
    error = failure(plugin.macro(TABLE + f"table.add_record([{record}])\nreturn table", "RESULT_TABLE"), python)
    assert error.error_type == WRONG
    assert "which is not a text" in error.message and ("tags" if "None" in record else "name") in error.message


def test_a_record_that_does_not_fit_the_columns_is_refused(plugin):
    error = failure(plugin.macro(TABLE + "table.add_record(['one'])\nreturn table", "RESULT_TABLE"))
    assert error.message == "a record of 1 values in a table of 2 columns"


def test_a_column_added_after_the_records_is_refused(plugin, python):
    error = failure(plugin.macro(TABLE + "table.add_column('late', 'Late')\nreturn table", "RESULT_TABLE"), python)
    assert error.message == "column late comes after the first record: add all columns before"


def test_a_column_type_that_is_not_documented_is_refused(plugin):
    error = failure(plugin.macro("ResultTable().add_column('n', 'N', 'INT')", "NONE"))
    assert error.message == "a column is STRING or STRING_LIST, not INT"


@pytest.mark.parametrize(
    ("result", "expression", "found"), [("JSON_OBJECT", "{'a': {1}}", "set"), ("HTML", "b'<p>'", "bytes")]
)
def test_a_result_that_cannot_go_over_the_wire_is_refused(plugin, python, result, expression, found):
    error = failure(plugin.macro(f"return {expression}", result), python)
    assert error.error_type == WRONG
    assert "no JSON" in error.message and found in error.message


# errors


def test_a_macro_that_raises_fails_with_its_own_error_and_traceback(plugin, python):
    error = failure(plugin.macro("raise ValueError('no such colour: grün')"), python)
    assert (error.error_type, error.message) == ("builtins.ValueError", "no such colour: grün")
    assert "runnable.py" in error.traceback and "in run" in error.traceback


def test_an_error_without_a_text_still_says_something(plugin, python):
    assert failure(plugin.macro("raise KeyError"), python).message == "builtins.KeyError"


def test_an_error_class_of_the_macros_own_is_named(plugin):
    error = failure(plugin.macro("class Refused(Exception):\n    pass\nraise Refused('no')"))
    assert error.error_type.endswith("Refused") and error.message == "no"


def test_a_macro_that_cannot_be_imported_fails_with_the_missing_name(plugin, python):
    error = failure(plugin.macro("import no_such_package_anywhere"), python)
    assert error.error_type == "builtins.ModuleNotFoundError"
    assert "no_such_package_anywhere" in error.message


def test_a_macro_with_a_syntax_error_fails_and_names_its_file(plugin, python):
    error = failure(plugin.macro_file("def broken(:\n"), python)
    assert error.error_type == "builtins.SyntaxError" and "runnable.py" in error.message


def test_a_macro_without_its_code_fails(plugin):
    plugin.macro("return None")
    (plugin.root / "python-runnables/m/runnable.py").unlink()
    assert "runnable.py" in failure(plugin).message


@pytest.mark.parametrize("count", [0, 2])
def test_a_macro_must_define_one_runnable(plugin, count):
    text = "from dataiku.runnables import Runnable\n" + "".join(f"class M{n}(Runnable): pass\n" for n in range(count))
    assert failure(plugin.macro_file(text)).message.endswith(f"one class derived from Runnable, not {count}")


def test_a_macro_that_exits_is_a_failed_run_and_ends_nothing_else(plugin, python):
    assert failure(plugin.macro("import sys\nsys.exit(3)"), python).message == "the code ended Python: sys.exit(3)"


def test_an_unknown_macro_is_refused_with_those_there_are(plugin):
    plugin.macro("return None")
    with pytest.raises(ComponentError, match="no macro 'x'; it has m"):
        PluginHost(plugin.root).run_macro("x", params={}, project_key=None, connection=None)


# progress and abort


def test_progress_is_told_with_its_target_and_unit(plugin, python):
    told = []
    body = "for n in (1, 2, 3):\n    progress_callback(n)"
    plugin.macro(body, target="(3, 'FILES')").run(python, progress=lambda *told_now: told.append(told_now))
    assert told == [(1, 3, "FILES"), (2, 3, "FILES"), (3, 3, "FILES")]


def test_progress_without_a_target_is_told_too(plugin, python):
    told = []
    plugin.macro("progress_callback(5)").run(python, progress=lambda *told_now: told.append(told_now))
    assert told == [(5, None, "NONE")]


def test_an_aborted_macro_stops_at_its_next_report_of_progress(plugin, python, tmp_path):
    marks = tmp_path / "marks"
    body = f"""
        for n in range(1000):
            open({str(marks)!r}, "a").write("x")
            progress_callback(n)
    """
    seen = []
    with pytest.raises(ComponentAborted, match="m was aborted"):
        plugin.macro(body).run(python, progress=lambda done, *_: seen.append(done), aborted=lambda: len(seen) > 2)
    assert seen == [0, 1, 2]
    if python is None:
        assert marks.read_text() == "xxx"


@pytest.mark.parametrize("reaction", ["pass", "raise RuntimeError('could not go on')"])
def test_a_macro_that_swallows_errors_is_aborted_all_the_same(plugin, python, reaction):
    body = f"""
        try:
            progress_callback(1)
        except Exception:
            {reaction}
    """
    with pytest.raises(ComponentAborted):
        plugin.macro(body).run(python, aborted=lambda: True)


# what component code is given


def test_component_code_is_given_project_form_and_settings(plugin, python):
    plugin.settings({"name": "limit", "type": "INT", "label": "Limit", "defaultValue": 5})
    params = [{"name": "n", "type": "INT", "label": "N"}, {"name": "t", "type": "STRING", "label": "T"}]
    plugin.macro("return [self.project_key, self.config, self.plugin_config]", "JSON_OBJECT", params=params)
    found = plugin.run(python, params={"n": 2, "t": ""}, project_key="KEY", plugin_settings={"other": "x"})
    assert found.payload == ["KEY", {"n": 2.0, "t": None}, {"limit": 5.0, "other": "x"}]


def test_a_macro_may_run_outside_any_project(plugin, python):
    assert plugin.macro("return [self.project_key]", "JSON_OBJECT").run(python, project_key=None).payload == [None]


def test_a_form_that_is_not_valid_runs_nothing(plugin, tmp_path):
    params = [{"name": "n", "type": "INT", "label": "N", "mandatory": True}]
    plugin.macro(f"open({str(tmp_path / 'ran')!r}, 'w')", params=params)
    assert failure(plugin).message == "N (n) is mandatory"
    assert not (tmp_path / "ran").exists()


def test_settings_that_no_form_checked_reach_the_code(plugin):
    plugin.settings({"name": "on", "type": "BOOLEAN", "label": "On"}).macro("return self.plugin_config", "JSON_OBJECT")
    assert plugin.run(plugin_settings={"on": "yes"}).payload == {"on": "yes"}


def test_component_code_sees_the_time_it_is_given(plugin):
    body = "from govern_mirror import clock\nreturn [clock.now().isoformat()]"
    at = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
    assert plugin.macro(body, "JSON_OBJECT").run(now=at).payload == ["2026-03-01T12:00:00+00:00"]


def test_the_client_that_dss_gives_leads_to_the_instance_as_its_user(plugin, connection):
    body = "return [dataiku.api_client().get_auth_info()['authIdentifier'], dataiku.default_project_key()]"
    found = plugin.macro(body, "JSON_OBJECT").run(connection=connection, project_key="KEY")
    assert found.payload == ["admin", "KEY"]
