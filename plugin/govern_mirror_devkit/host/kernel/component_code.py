"""A component's own file: executed, and what it defines or raises."""

from __future__ import annotations

import traceback
import types
from pathlib import Path
from typing import Any

from .job import ComponentFailed, Job


def execute(job: Job, folder: str, file: str, **names: Any) -> types.ModuleType:
    """Execute the file of the job's component, which finds the given names, and return its namespace."""
    path = Path(job["root"]) / folder / job["id"] / file
    namespace = types.ModuleType(f"component_{job['id'].replace('-', '_')}")
    namespace.__file__ = str(path)
    vars(namespace).update(names)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(namespace))  # noqa: S102 - it is its job
    return namespace


def component_class(namespace: types.ModuleType, base: type) -> type[Any]:
    """Return the one class of a component's file that is derived from what DSS provides.

    Raises:
        TypeError: there is none, or more than one.
    """
    classes = [
        value
        for value in vars(namespace).values()
        if isinstance(value, type) and issubclass(value, base) and value is not base
    ]
    if len(classes) != 1:
        file = Path(str(namespace.__file__)).name
        raise TypeError(f"{file} must define one class derived from {base.__name__}, not {len(classes)}")
    return classes[0]


def component_failure(error: BaseException) -> ComponentFailed:
    """Return the error that component code raised as a failure of its run; called while it is handled."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    message = f"the code ended Python: sys.exit({error.code!r})" if isinstance(error, SystemExit) else str(error)
    return ComponentFailed(kind, message or kind, traceback.format_exc())
