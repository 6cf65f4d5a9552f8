"""`dataiku.Dataset` and its writer; and `dataiku.SQLExecutor2`, of an instance without SQL connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .column_types import COLUMN_TYPES
from .job import api_client, going_on


class Dataset:
    """`dataiku.Dataset`, as far as a recipe writes and reads rows, and a macro reads them."""

    def __init__(self, name: str) -> None:
        job = going_on()
        self.full_name = name if "." in name else f"{job['project_key']}.{name}"
        self.name, self._written = self.full_name, job.get("written", {})
        self._readable, self._existing = job.get("readable"), job.get("existing", {})
        self.spec_item = {"appendMode": False}

    def write_schema(self, columns: list[dict[str, Any]], drop_and_create: bool = False) -> None:
        """Replace the schema: a name and a type each."""
        self._require_output()
        for column in columns:
            if not column.get("name") or column.get("type") not in COLUMN_TYPES:
                raise ValueError(f"a column needs a name and one of the types {', '.join(COLUMN_TYPES)}: {column}")
        self._written[self.full_name] = {"schema": columns, "rows": None}

    def read_schema(self, raise_if_empty: bool = True) -> list[dict[str, Any]]:
        """Return the columns of an input, or of an output: as it was found, or as its schema was written."""
        if self.full_name in self._written:
            return list(self._written[self.full_name]["schema"])
        if self.full_name not in self._existing:
            return list(self._input()["schema"])
        columns = list(self._existing[self.full_name])
        if not columns and raise_if_empty:
            raise ValueError(f"{self.full_name} has an empty schema")
        return columns

    def get_location_info(self) -> dict[str, Any]:
        """Return where the data is: in files, since this host has no SQL connection."""
        return {"locationInfoType": "FS", "info": {}}

    def iter_rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows of an input; outside a recipe, of any dataset that the user may read."""
        yield from self._input()["rows"]

    def get_writer(self) -> _Writer:
        """Return a writer of rows; nothing is written until it is closed."""
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
            dataset = api_client().get_project(project_key).get_dataset(name)
            columns = dataset.get_schema()["columns"]
            names = [column["name"] for column in columns]
            return {"schema": columns, "rows": (dict(zip(names, row, strict=True)) for row in dataset.iter_rows())}
        if self.full_name not in self._readable:
            raise ValueError(f"{self.full_name} is no input of this recipe")
        return self._readable[self.full_name]

    def _require_output(self) -> None:
        if self.full_name not in [name for names in going_on().get("outputs", {}).values() for name in names]:
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
            if value is not None and not COLUMN_TYPES[column["type"]](value):
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
