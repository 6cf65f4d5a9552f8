"""What runs component code, with the `dataiku` modules it expects.

Used in two ways: imported, for components in this process; or run as a script by another interpreter, which has
only the plugin's own requirements and the API client. So this file needs the standard library and `dataikuapi`
alone. As a script it reads a job, one line of JSON, and answers with lines of JSON: progress, then the outcome.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import traceback
import types
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any

Job = dict[str, Any]
Report = Callable[[float, "float | None", str], None]

_job: ContextVar[Job] = ContextVar("govern_mirror_devkit_job")


class Failed(Exception):  # noqa: N818 - what DSS says of the run
    """A component raised an error, or does not keep to its interface."""

    def __init__(self, error_type: str, message: str, trace: str = "") -> None:
        super().__init__(message)
        self.error_type, self.message, self.trace = error_type, message, trace


# the modules that DSS provides ----------------------------------------------------------------------------------


def _api_client() -> Any:
    import dataikuapi

    job = _job.get()
    return dataikuapi.DSSClient(job["url"], api_key=job["api_key"])


class Runnable:
    """`dataiku.runnables.Runnable`: the base of macros (docs)."""


class ResultTable:
    """`dataiku.runnables.ResultTable` (docs); the client reads `records` from its JSON."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.columns: list[dict[str, str]] = []
        self.records: list[list[Any]] = []

    def set_name(self, name: str) -> None:
        """Name the table."""
        self.name = name

    def add_column(self, identifier: str, label: str, kind: str = "STRING") -> None:
        """Add a column; STRING and STRING_LIST are documented."""
        if kind not in ("STRING", "STRING_LIST"):
            raise ValueError(f"a column is STRING or STRING_LIST, not {kind}")
        if self.records:
            raise ValueError(f"column {identifier} comes after the first record: add all columns before")
        self.columns.append({"name": identifier, "displayName": label, "type": kind})

    def add_record(self, record: list[Any]) -> None:
        """Add a row, a value a column."""
        if len(record) != len(self.columns):
            raise ValueError(f"a record of {len(record)} values in a table of {len(self.columns)} columns")
        self.records.append(list(record))


class ProjectStandardsCheckRunResult:
    """`dataiku.project_standards.ProjectStandardsCheckRunResult` (developer guide, Project Standards Check).

    `status` and `severity` are those the client reads: RUN_SUCCESS with 0 to 5, RUN_ERROR, NOT_APPLICABLE. Components
    of Dataiku's own also pass `details`, which the guide does not show.
    """

    def __init__(self, status: str, severity: int | None, message: str, details: dict[str, Any] | None) -> None:
        if not isinstance(message, str):
            raise ValueError(f"a message is a text, not {message!r}")
        self.status, self.severity, self.message, self.details = status, severity, message, details or {}

    @classmethod
    def success(cls, message: str, details: dict[str, Any] | None = None) -> ProjectStandardsCheckRunResult:
        """Return that the project respects the standard."""
        return cls("RUN_SUCCESS", 0, message, details)

    @classmethod
    def failure(
        cls, severity: int, message: str, details: dict[str, Any] | None = None
    ) -> ProjectStandardsCheckRunResult:
        """Return that it does not; the guide takes a severity of 0 as a success."""
        if not _is_whole(severity) or not 0 <= severity <= 5:
            raise ValueError(f"a severity is a whole number from 1 to 5, not {severity!r}")
        return cls("RUN_SUCCESS", severity, message, details)

    @classmethod
    def not_applicable(cls, message: str, details: dict[str, Any] | None = None) -> ProjectStandardsCheckRunResult:
        """Return that the standard is not meant for this project."""
        return cls("NOT_APPLICABLE", None, message, details)

    @classmethod
    def error(cls, message: str, details: dict[str, Any] | None = None) -> ProjectStandardsCheckRunResult:
        """Return that nothing can be said."""
        return cls("RUN_ERROR", None, message, details)


class ProjectStandardsCheckSpec:
    """`dataiku.project_standards.ProjectStandardsCheckSpec`: the base of checks, which sets what they may use.

    How DSS calls this constructor is not documented: components must not have one of their own.
    """

    def __init__(self) -> None:
        job = _job.get()
        self.config: dict[str, Any] = dict(job["config"])
        self.plugin_config: dict[str, Any] = dict(job["plugin_config"])
        self.project = _api_client().get_project(job["project_key"])
        self.original_project_key: str = job["original_project_key"]


class Dataset:
    """`dataiku.Dataset`, as far as a recipe writes and reads rows, and a macro reads them."""

    def __init__(self, name: str) -> None:
        job = _job.get()
        self.full_name = name if "." in name else f"{job['project_key']}.{name}"
        self.name, self._written = self.full_name, job["written"]
        self._readable, self._existing = job.get("readable"), job["existing"]
        self.spec_item = {"appendMode": False}

    def write_schema(self, columns: list[dict[str, Any]], drop_and_create: bool = False) -> None:
        """Replace the schema: a name and a type each."""
        self._require_output()
        for column in columns:
            if not column.get("name") or column.get("type") not in _CHECKS:
                raise ValueError(f"a column needs a name and one of the types {', '.join(_CHECKS)}: {column}")
        self._written[self.full_name] = {"schema": columns, "rows": None}

    def read_schema(self, raise_if_empty: bool = True) -> list[dict[str, Any]]:
        """The columns of an input, or of an output: as it was found, or as its schema was written."""
        if self.full_name in self._written:
            return list(self._written[self.full_name]["schema"])
        if self.full_name not in self._existing:
            return list(self._input()["schema"])
        columns = list(self._existing[self.full_name])
        if not columns and raise_if_empty:
            raise ValueError(f"{self.full_name} has an empty schema")
        return columns

    def get_location_info(self) -> dict[str, Any]:
        """Where the data is: in files, since this host has no SQL connection."""
        return {"locationInfoType": "FS", "info": {}}

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        """The rows of an input; outside a recipe, of any dataset that the user may read."""
        yield from self._input()["rows"]

    def get_writer(self) -> _Writer:
        """A writer of rows; nothing is written until it is closed."""
        self._require_output()
        if self.full_name not in self._written and self._existing.get(self.full_name):
            self._written[self.full_name] = {"schema": self._existing[self.full_name], "rows": None}
        if self.full_name not in self._written:
            raise ValueError(f"write the schema of {self.full_name} first")
        self._written[self.full_name]["append"] = self.spec_item["appendMode"]
        return _Writer(self._written[self.full_name])

    def _input(self) -> Any:
        if self._readable is None:
            project_key, _, name = self.full_name.partition(".")
            dataset = _api_client().get_project(project_key).get_dataset(name)
            columns = dataset.get_schema()["columns"]
            names = [column["name"] for column in columns]
            return {"schema": columns, "rows": (dict(zip(names, row, strict=True)) for row in dataset.iter_rows())}
        if self.full_name not in self._readable:
            raise ValueError(f"{self.full_name} is no input of this recipe")
        return self._readable[self.full_name]

    def _require_output(self) -> None:
        if self.full_name not in [name for names in _job.get()["outputs"].values() for name in names]:
            raise ValueError(f"{self.full_name} is no output of this recipe")


class SQLExecutor2:
    """`dataiku.SQLExecutor2`, of an instance without SQL connections."""

    def __init__(self, connection: str | None = None, dataset: Any = None) -> None:
        raise ValueError("this host has no SQL connection")


class _Writer:
    def __init__(self, target: dict[str, Any]) -> None:
        self._target = target
        self._rows: list[dict[str, Any]] = []

    def write_row_dict(self, row: dict[str, Any]) -> None:
        """Write a row: keys that the schema lacks are dropped, missing ones are blank (docs)."""
        schema = self._target["schema"]
        for column in schema:
            value = row.get(column["name"])
            if value is not None and not _CHECKS[column["type"]](value):
                raise ValueError(f"{column['name']} is {column['type']}, so it cannot hold {value!r}")
        self._rows.append({column["name"]: _stored(row.get(column["name"])) for column in schema})

    def write_tuple(self, row: tuple[Any, ...]) -> None:
        """Write a row in the schema's order."""
        self.write_row_dict(dict(zip([column["name"] for column in self._target["schema"]], row, strict=True)))

    def close(self) -> None:
        """Finish: only now the rows count."""
        self._target["rows"] = self._rows

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is None:
            self.close()


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _is_time(value: object) -> bool:
    """Whether DSS reads a value as a date: a time with a zone."""
    if isinstance(value, datetime):
        return value.tzinfo is not None
    try:
        text = str(value)
        return datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text).tzinfo is not None
    except ValueError:
        return False


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "bigint": _is_whole,
    "int": _is_whole,
    "double": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "date": _is_time,
}


def _named(kind: str) -> Callable[[str], list[str]]:
    def names(role: str) -> list[str]:
        return list(_job.get()[kind].get(role, []))

    return names


def _all_of(kind: str) -> Callable[[], list[str]]:
    return lambda: [name for names in _job.get()[kind].values() for name in names]


def install() -> None:
    """Provide the modules `dataiku`, `dataiku.runnables`, `dataiku.customrecipe` and `dataiku.project_standards`.

    They look at the run that is going on in the caller's context, so several runs can go on at once.
    """
    contents: dict[str, dict[str, Any]] = {
        "dataiku": {
            "api_client": _api_client,
            "default_project_key": lambda: _job.get()["project_key"],
            "Dataset": Dataset,
            "SQLExecutor2": SQLExecutor2,
            "__path__": [],
        },
        "dataiku.runnables": {"Runnable": Runnable, "ResultTable": ResultTable},
        "dataiku.project_standards": {
            "ProjectStandardsCheckSpec": ProjectStandardsCheckSpec,
            "ProjectStandardsCheckRunResult": ProjectStandardsCheckRunResult,
        },
        "dataiku.customrecipe": {
            "get_recipe_config": lambda: dict(_job.get()["config"]),
            "get_plugin_config": lambda: dict(_job.get()["plugin_config"]),
            "get_input_names_for_role": _named("inputs"),
            "get_output_names_for_role": _named("outputs"),
            "get_input_names": _all_of("inputs"),
            "get_output_names": _all_of("outputs"),
        },
    }
    for name, attributes in contents.items():
        if isinstance(sys.modules.get(name), types.ModuleType) and hasattr(sys.modules[name], "__govern_mirror__"):
            continue
        module = types.ModuleType(name)
        vars(module).update(attributes, __govern_mirror__=True)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)


# running --------------------------------------------------------------------------------------------------------


def run(job: Job, report: Report) -> dict[str, Any]:
    """Run a component.

    Args:
        job: `root`, `kind` (macro, recipe, check), `id`, `config`, `plugin_config`, `project_key`, `url`, `api_key`,
            `now` (ISO time or None); for recipes `inputs`, `outputs`, `readable` (inputs' schema and rows) and
            `existing` (outputs' schema); for checks
            `original_project_key`.
        report: told done, target and unit when a macro reports progress; what it raises stops the macro.

    Returns:
        `{"payload"}` of a macro, `{"written"}` of a recipe; `status`, `severity`, `message`, `details` and
        `traceback` of a check.

    Raises:
        Failed: the component failed.
    """
    install()
    job.setdefault("written", {})
    job.setdefault("existing", {})
    token = _job.set(job)
    try:
        with _at(job.get("now")):
            if job["kind"] == "check":
                return _check(job)
            return _macro(job, report) if job["kind"] == "macro" else _recipe(job)
    finally:
        _job.reset(token)


def _macro(job: Job, report: Report) -> dict[str, Any]:
    stopped: list[BaseException] = []
    try:
        namespace = _executed(job, "python-runnables", "runnable.py")
        macro = _one_class(namespace, Runnable)(job["project_key"], job["config"], job["plugin_config"])
        target, unit = macro.get_progress_target() or (None, "NONE")

        def progressed(done: float) -> None:
            try:
                report(done, target, unit)
            except BaseException as stop:
                stopped.append(stop)
                raise

        payload = macro.run(progressed)
    except (Exception, SystemExit) as error:
        if not stopped:
            raise _failed(error) from error
    if stopped:
        # even when the macro swallowed it
        raise stopped[0]
    is_table = isinstance(payload, ResultTable)
    if is_table:
        payload = {"name": payload.name, "columns": payload.columns, "records": payload.records}
    try:
        json.dumps(payload)
    except (TypeError, ValueError) as error:
        raise Failed("java.lang.IllegalStateException", f"the macro's result is no JSON: {error}") from error
    return {"payload": payload, "is_table": is_table}


def _recipe(job: Job) -> dict[str, Any]:
    try:
        _executed(job, "custom-recipes", "recipe.py")
        for name, written in job["written"].items():
            if written["rows"] is None:
                raise ValueError(f"the writer of {name} was not closed: nothing was written")
    except (Exception, SystemExit) as error:
        raise _failed(error) from error
    return {"written": job["written"]}


def _check(job: Job) -> dict[str, Any]:
    try:
        namespace = _executed(job, "python-project-standards-check-specs", "project_standards_check_spec.py")
        kind = _one_class(namespace, ProjectStandardsCheckSpec)
        if "__init__" in vars(kind):
            raise TypeError(f"DSS makes {kind.__name__} itself: it must not have a constructor")
        check = kind()
    except (Exception, SystemExit) as error:
        raise _failed(error) from error
    try:
        result = check.run()
    except (Exception, SystemExit) as error:
        # "you can also raise an Exception" (the template of the component)
        failed = _failed(error)
        return _outcome(ProjectStandardsCheckRunResult.error(failed.message), failed.trace)
    if not isinstance(result, ProjectStandardsCheckRunResult):
        found = type(result).__name__
        raise Failed("java.lang.IllegalStateException", f"run() must return a ProjectStandardsCheckRunResult: {found}")
    try:
        json.dumps(result.details)
    except (TypeError, ValueError) as error:
        raise Failed("java.lang.IllegalStateException", f"the check's details are no JSON: {error}") from error
    return _outcome(result)


def _outcome(result: ProjectStandardsCheckRunResult, trace: str = "") -> dict[str, Any]:
    return {**vars(result), "traceback": trace}


def _one_class(namespace: types.ModuleType, base: type) -> type[Any]:
    """The one class of a component's file that is derived from what DSS provides."""
    found = [
        kind
        for kind in vars(namespace).values()
        if isinstance(kind, type) and issubclass(kind, base) and kind is not base
    ]
    if len(found) != 1:
        file = Path(str(namespace.__file__)).name
        raise TypeError(f"{file} must define one class derived from {base.__name__}, not {len(found)}")
    return found[0]


def _executed(job: Job, folder: str, file: str) -> types.ModuleType:
    path = Path(job["root"]) / folder / job["id"] / file
    namespace = types.ModuleType(f"component_{job['id'].replace('-', '_')}")
    namespace.__file__ = str(path)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(namespace))  # noqa: S102 - it is its job
    return namespace


def _failed(error: BaseException) -> Failed:
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    message = f"the code ended Python: sys.exit({error.code!r})" if isinstance(error, SystemExit) else str(error)
    return Failed(kind, message or kind, traceback.format_exc())


@contextlib.contextmanager
def _at(now: str | None) -> Iterator[None]:
    if now is None:
        yield
        return
    clock = importlib.import_module("govern_mirror.clock")
    with clock.set_to(datetime.fromisoformat(now)):
        yield


def _main() -> None:
    # what component code prints must not mix with the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**message: Any) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    job = json.loads(sys.stdin.readline())
    sys.path[:] = [str(Path(job["root"]) / "python-lib"), *(p for p in sys.path if p != str(Path(__file__).parent))]
    try:
        result = run(job, lambda done, target, unit: answer(progress=[done, target, unit]))
        answer(result=result)
    except Failed as failure:
        answer(failed=[failure.error_type, failure.message, failure.trace])


if __name__ == "__main__":
    _main()
