"""What the store of a sandbox holds, to come back to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass
class SavedRows:
    """What the store of a node holds."""

    documents: list[tuple[str, str, str]]
    blobs: list[tuple[str, str, bytes]]


def rows_of(store: Any) -> SavedRows:
    """What a store holds."""
    with store.locked():
        documents = store._connection.execute("SELECT kind, key, json FROM document ORDER BY rowid").fetchall()
        blobs = store._connection.execute("SELECT kind, key, content FROM blob ORDER BY rowid").fetchall()
    return SavedRows(documents, blobs)


def put_rows(store: Any, saved: SavedRows) -> None:
    """Let a store hold what it held."""
    with store.locked():
        connection = store._connection
        connection.execute("BEGIN")
        connection.execute("DELETE FROM document")
        connection.execute("DELETE FROM blob")
        connection.executemany("INSERT INTO document VALUES (?, ?, ?)", saved.documents)
        connection.executemany("INSERT INTO blob VALUES (?, ?, ?)", saved.blobs)
        connection.execute("COMMIT")
