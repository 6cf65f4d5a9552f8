"""Datasets, as far as a recipe needs them: a schema and rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from .auth import Caller
from .errors import BadRequest, NotFound
from .projects import Projects
from .store import Store

_DATASET, _ROWS = "dataset", "dataset_rows"


class Datasets:
    """The datasets of all projects."""

    def __init__(self, store: Store, projects: Projects) -> None:
        self._store = store
        self._projects = projects

    def create_managed(self, caller: Caller, project_key: str, name: str) -> dict[str, Any]:
        """Create an empty managed dataset.

        Raises:
            BadRequest: the name is blank or taken.
        """
        self._projects.require_write(caller, project_key)
        if not name or self._store.get(_DATASET, f"{project_key}/{name}") is not None:
            raise BadRequest(f"A dataset needs a name that is not taken: {name!r}")
        dataset = {
            "projectKey": project_key,
            "name": name,
            "type": "Filesystem",
            "managed": True,
            "params": {},
            "schema": {"columns": [], "userModified": False},
        }
        self._store.put(_DATASET, f"{project_key}/{name}", dataset)
        self._store.put(_ROWS, f"{project_key}/{name}", [])
        return dataset

    def listed(self, caller: Caller, project_key: str) -> list[dict[str, Any]]:
        """Return the project's datasets."""
        self._projects.require_read(caller, project_key)
        return [dataset for _, dataset in self._store.items(_DATASET, f"{project_key}/")]

    def dataset(self, caller: Caller, project_key: str, name: str) -> dict[str, Any]:
        """Return one dataset's definition; raises NotFound."""
        self._projects.require_read(caller, project_key)
        dataset: dict[str, Any] | None = self._store.get(_DATASET, f"{project_key}/{name}")
        if dataset is None:
            raise NotFound(f"Dataset {project_key}.{name} not found")
        return dataset

    def save(self, caller: Caller, project_key: str, name: str, definition: Mapping[str, Any]) -> None:
        """Replace a dataset's definition."""
        self._projects.require_write(caller, project_key)
        self.dataset(caller, project_key, name)
        self._store.put(_DATASET, f"{project_key}/{name}", dict(definition))

    def delete(self, caller: Caller, project_key: str, name: str) -> None:
        """Remove a dataset with its rows."""
        self._projects.require_write(caller, project_key)
        self.dataset(caller, project_key, name)
        self._store.delete(_DATASET, f"{project_key}/{name}")
        self._store.delete(_ROWS, f"{project_key}/{name}")

    def rows(self, caller: Caller, project_key: str, name: str) -> list[dict[str, Any]]:
        """Return a dataset's rows, by column."""
        self.dataset(caller, project_key, name)
        rows: list[dict[str, Any]] = self._store.get(_ROWS, f"{project_key}/{name}") or []
        return rows

    def write_rows(
        self,
        caller: Caller,
        project_key: str,
        name: str,
        columns: Iterable[Mapping[str, str]] | None,
        rows: Iterable[Mapping[str, Any]],
        *,
        append: bool = False,
    ) -> None:
        """Write rows, as `dataiku.Dataset` does inside DSS: the public API has no call for it (client)."""
        self._projects.require_write(caller, project_key)
        dataset = self.dataset(caller, project_key, name)
        if columns is not None:
            dataset["schema"] = {"columns": [dict(column) for column in columns], "userModified": True}
            self._store.put(_DATASET, f"{project_key}/{name}", dataset)
        rows_before = self.rows(caller, project_key, name) if append else []
        self._store.put(_ROWS, f"{project_key}/{name}", [*rows_before, *(dict(row) for row in rows)])

    def tab_separated(self, caller: Caller, project_key: str, name: str, columns: list[str] | None) -> str:
        """Return the rows as the client streams them: `tsv-excel-noheader`."""
        schema = self.dataset(caller, project_key, name)["schema"]["columns"]
        names = columns or [column["name"] for column in schema]
        buffer = io.StringIO()
        writer = csv.writer(buffer, dialect="excel-tab")
        for row in self.rows(caller, project_key, name):
            writer.writerow([_cell(row.get(column)) for column in names])
        return buffer.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
