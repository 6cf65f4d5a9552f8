"""What a Project Standards check does wrong is seen here, not first in DSS; what it finds comes out as DSS keeps it."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from dataikuapi.dss.project_standards import DSSProjectStandardsCheckRunResult

from govern_mirror_devkit.host import CheckResult, ComponentError, PluginHost
from govern_mirror_devkit.sandbox.server import serve

WRONG = "java.lang.IllegalStateException"
SEEN = """
return Result.success("seen", {
    "project": self.project.project_key,
    "original": self.original_project_key,
    "config": self.config,
    "plugin": self.plugin_config,
})
"""


def failure(plugin, python=None, **given) -> ComponentError:
    with pytest.raises(ComponentError) as raised:
        plugin.run_check(python, **given)
    return raised.value


# results


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Result.success('good')", CheckResult("RUN_SUCCESS", 0, "good")),
        ("Result.failure(1, 'a little')", CheckResult("RUN_SUCCESS", 1, "a little")),
        ("Result.failure(severity=5, message='très')", CheckResult("RUN_SUCCESS", 5, "très")),
        ("Result.failure(0, 'counts as a success')", CheckResult("RUN_SUCCESS", 0, "counts as a success")),
        ("Result.not_applicable('not here')", CheckResult("NOT_APPLICABLE", None, "not here")),
        ("Result.error('who knows')", CheckResult("RUN_ERROR", None, "who knows")),
        ("Result.failure(2, 'm', details={'a': [1]})", CheckResult("RUN_SUCCESS", 2, "m", {"a": [1]})),
    ],
)
def test_a_result_comes_out_as_the_check_returned_it(plugin, python, expression, expected):
    assert plugin.check(f"return {expression}").run_check(python) == expected


def test_the_client_reads_what_comes_out_as_it_reads_dss(plugin):
    found = plugin.check("return Result.failure(5, 'bad')").run_check()
    read = DSSProjectStandardsCheckRunResult({"status": found.status, "severity": found.severity})
    assert (read.success, read.severity_category) == (False, "CRITICAL")
    found = plugin.check("return Result.success('good')").run_check()
    assert DSSProjectStandardsCheckRunResult({"status": found.status, "severity": found.severity}).success


def test_a_check_that_raises_is_an_error_of_its_run_with_its_traceback(plugin, python):
    found = plugin.check("raise LookupError('no table')").run_check(python)
    assert (found.status, found.severity, found.message) == ("RUN_ERROR", None, "no table")
    assert "LookupError" in found.traceback and "project_standards_check_spec.py" in found.traceback


@pytest.mark.parametrize("severity", ["6", "-1", "2.0", "'3'", "True", "None"])
def test_a_severity_that_dss_does_not_know_is_an_error(plugin, severity):
    found = plugin.check(f"return Result.failure({severity}, 'm')").run_check()
    assert found.status == "RUN_ERROR" and "a severity is a whole number from 1 to 5" in found.message


def test_a_message_that_is_no_text_is_an_error(plugin):
    assert plugin.check("return Result.success(None)").run_check().status == "RUN_ERROR"


def test_a_check_that_exits_is_an_error_and_ends_nothing_else(plugin, python):
    found = plugin.check("import sys\nsys.exit(3)").run_check(python)
    assert found.status == "RUN_ERROR" and "sys.exit(3)" in found.message


@pytest.mark.parametrize(("expression", "kind"), [("None", "NoneType"), ("True", "bool"), ("(3, 'm')", "tuple")])
def test_anything_but_a_result_is_refused(plugin, python, expression, kind):
    error = failure(plugin.check(f"return {expression}"), python)
    assert error.error_type == WRONG and f"must return a ProjectStandardsCheckRunResult: {kind}" in error.message


def test_details_that_cannot_go_over_the_wire_are_refused(plugin, python):
    error = failure(plugin.check("return Result.success('m', {'a': {1}})"), python)
    assert error.error_type == WRONG and "details are no JSON" in error.message


# the component


def test_a_check_is_given_project_original_settings_and_form(plugin, python):
    form = [
        {"name": "limit", "type": "INT", "label": "Limit", "defaultValue": 3},
        {"name": "note", "type": "STRING", "label": "Note"},
    ]
    plugin.settings({"name": "house", "type": "STRING", "label": "House", "defaultValue": "blue"})
    plugin.check(SEEN, params=form)
    seen = plugin.run_check(python, params={"note": ""}, project_key="TMP", original_project_key="P").details
    assert seen == {
        "project": "TMP", "original": "P", "config": {"limit": 3.0, "note": None}, "plugin": {"house": "blue"},
    }  # fmt: skip


def test_without_a_copy_the_project_is_its_own_original(plugin, python):
    seen = plugin.check(SEEN).run_check(python).details
    assert (seen["project"], seen["original"]) == ("P", "P")


def test_a_check_reads_its_project_as_the_user_of_the_connection(plugin, sandbox, connection):
    sandbox.create_project("P", "The project")
    plugin.check("return Result.success(self.project.get_metadata()['label'])")
    assert plugin.run_check(connection=connection).message == "The project"
    with serve(sandbox) as url:
        elsewhere = type(connection)(url, sandbox.admin_key)
        assert plugin.run_check(Path(sys.executable), connection=elsewhere).message == "The project"
    nobody = type(connection)(connection.url, sandbox.create_user("eve"))
    assert plugin.run_check(connection=nobody).status == "RUN_ERROR"


def test_a_check_sees_the_time_it_is_given(plugin):
    plugin.check("from govern_mirror import clock\nreturn Result.success(str(clock.now().year))")
    assert plugin.run_check(now=datetime(2040, 1, 1, tzinfo=timezone.utc)).message == "2040"


def test_a_form_that_is_not_valid_runs_nothing(plugin, tmp_path):
    trace = tmp_path / "ran"
    body = f"open({str(trace)!r}, 'w')\nreturn Result.success('m')"
    plugin.check(body, params=[{"name": "limit", "type": "INT", "label": "Limit", "mandatory": True}])
    assert "Limit (limit) is mandatory" in failure(plugin).message
    assert "must be a number" in failure(plugin, params={"limit": "3"}).message
    assert not trace.exists()


@pytest.mark.parametrize("count", [0, 2])
def test_a_check_must_define_one_class(plugin, python, count):
    start = "from dataiku.project_standards import ProjectStandardsCheckSpec\n"
    classes = "".join(f"class C{n}(ProjectStandardsCheckSpec): ...\n" for n in range(count))
    message = failure(plugin.check_file(start + classes), python).message
    assert f"must define one class derived from ProjectStandardsCheckSpec, not {count}" in message


def test_a_check_must_not_have_a_constructor(plugin, python):
    start = "from dataiku.project_standards import ProjectStandardsCheckSpec\n"
    plugin.check_file(start + "class C(ProjectStandardsCheckSpec):\n    def __init__(self): ...\n")
    assert "DSS makes C itself: it must not have a constructor" in failure(plugin, python).message


def test_a_check_that_cannot_be_imported_fails_with_the_missing_name(plugin, python):
    assert "No module named 'nowhere'" in failure(plugin.check_file("import nowhere\n"), python).message


def test_a_check_without_run_is_an_error(plugin):
    start = "from dataiku.project_standards import ProjectStandardsCheckSpec\n"
    found = plugin.check_file(start + "class C(ProjectStandardsCheckSpec): ...\n").run_check()
    assert found.status == "RUN_ERROR" and "run" in found.message


def test_a_check_that_dies_is_a_failed_run_with_its_last_words(plugin):
    body = "import os, sys\nprint('disk full', file=sys.stderr, flush=True)\nos._exit(7)"
    error = failure(plugin.check(body), Path(sys.executable))
    assert error.error_type.endswith("ProcessDiedException") and "disk full" in error.message


def test_an_unknown_check_is_refused_with_those_there_are(plugin):
    plugin.check("return Result.success('m')")
    with pytest.raises(ComponentError, match="has no check 'x'; it has c"):
        PluginHost(plugin.root).run_check("x", params={}, project_key="P", connection=None)


def test_checks_are_listed_with_the_type_that_dss_names_them_by(plugin):
    (found,) = PluginHost(plugin.check("pass").root).checks()
    assert (found["id"], found["elementType"]) == ("c", "project_standards_check_spec_throw-away_c")
    assert json.dumps(found["params"]) == "[]"


def test_a_check_and_a_macro_of_one_plugin_do_not_mix(plugin, python):
    plugin.check("return Result.success(dataiku.default_project_key())").macro("return ['m']", "JSON_OBJECT")
    assert plugin.run(python).payload == ["m"]
    assert plugin.run_check(python).message == "P"
