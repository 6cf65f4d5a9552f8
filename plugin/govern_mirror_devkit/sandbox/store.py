"""The sandbox's state: JSON documents and blobs in SQLite, in memory or in a file that survives a restart."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (
    kind TEXT NOT NULL, key TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (kind, key)
);
CREATE TABLE IF NOT EXISTS blob (kind TEXT NOT NULL, key TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (kind, key));
"""


def _keep_to_owner(db: Path) -> None:
    """Let only its owner read the file: it holds API keys. It is so before anything is in it."""
    os.close(os.open(db, os.O_RDWR | os.O_CREAT, 0o600))
    db.chmod(0o600)


def _storable(key: str) -> str:
    """Return a key that SQLite takes: texts that people forge, such as an owner's login, need not be UTF-8."""
    return key.encode("utf-8", "backslashreplace").decode("utf-8")


def _json(document: Any) -> str:
    """Return a document as JSON text that reads back as the document.

    orjson is faster and stricter: it refuses lone surrogates and long integers, and makes null of what is no number.
    """
    try:
        text = orjson.dumps(document)
    except TypeError:
        return json.dumps(document)
    return json.dumps(document) if b"null" in text else text.decode()


class Store:
    """Documents by kind and key, in the order in which they were first put."""

    def __init__(self, db: Path | None = None) -> None:
        """Open the state.

        Args:
            db: the file that holds it; None for memory.
        """
        self._lock = threading.RLock()
        if db:
            _keep_to_owner(db)
        self._connection = sqlite3.connect(str(db) if db else ":memory:", check_same_thread=False, isolation_level=None)
        self._connection.executescript(_SCHEMA)
        # a crash of the machine may cost the sandbox's last writes; speed matters more here
        self._connection.execute("PRAGMA synchronous = OFF")

    def get(self, kind: str, key: str) -> Any:
        """Return a copy of a document, or None."""
        text = self.text(kind, key)
        return None if text is None else json.loads(text)

    def text(self, kind: str, key: str) -> str | None:
        """Return a document as JSON text, or None."""
        with self._lock:
            row = self._connection.execute(
                "SELECT json FROM document WHERE kind = ? AND key = ?", (kind, _storable(key))
            ).fetchone()
        return None if row is None else str(row[0])

    def put(self, kind: str, key: str, document: Any) -> None:
        """Store a document, in place of the one with its key."""
        self.put_text(kind, key, _json(document))

    def put_text(self, kind: str, key: str, text: str) -> None:
        """Store a document that is JSON text already."""
        with self._lock:
            self._connection.execute(
                "INSERT INTO document VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET json = excluded.json",
                (kind, _storable(key), text),
            )

    def delete(self, kind: str, key: str) -> bool:
        """Remove a document; tell whether there was one."""
        with self._lock:
            cursor = self._connection.execute("DELETE FROM document WHERE kind = ? AND key = ?", (kind, _storable(key)))
            return cursor.rowcount > 0

    def items(self, kind: str, prefix: str = "") -> Iterator[tuple[str, Any]]:
        """Yield the documents of a kind whose keys begin with `prefix`, as (key, document)."""
        for key, text in self.texts(kind, prefix):
            yield key, json.loads(text)

    def texts(self, kind: str, prefix: str = "") -> list[tuple[str, str]]:
        """Return the documents of a kind whose keys begin with `prefix`, as (key, JSON text)."""
        with self._lock:
            rows: list[tuple[str, str]] = self._connection.execute(
                "SELECT key, json FROM document WHERE kind = ? AND substr(key, 1, ?) = ? ORDER BY rowid",
                (kind, len(prefix), prefix),
            ).fetchall()
        return rows

    def delete_below(self, prefix: str) -> None:
        """Remove every document and blob, of any kind, whose key begins with `prefix`."""
        with self._lock:
            for table in ("document", "blob"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE substr(key, 1, ?) = ?",  # noqa: S608 - the two names above
                    (len(prefix), prefix),
                )

    def blob(self, kind: str, key: str) -> bytes | None:
        """Return the content of a blob, or None."""
        with self._lock:
            row = self._connection.execute(
                "SELECT content FROM blob WHERE kind = ? AND key = ?", (kind, key)
            ).fetchone()
        return None if row is None else bytes(row[0])

    def put_blob(self, kind: str, key: str, content: bytes) -> None:
        """Store a blob, in place of the one with its key."""
        with self._lock:
            self._connection.execute("INSERT OR REPLACE INTO blob VALUES (?, ?, ?)", (kind, key, content))

    def blobs(self, kind: str, prefix: str) -> list[tuple[str, int]]:
        """Return the keys of blobs that begin with `prefix`, and their sizes in bytes."""
        with self._lock:
            rows: list[tuple[str, int]] = self._connection.execute(
                "SELECT key, length(content) FROM blob WHERE kind = ? AND substr(key, 1, ?) = ? ORDER BY key",
                (kind, len(prefix), prefix),
            ).fetchall()
        return rows

    def delete_blob(self, kind: str, key: str) -> bool:
        """Remove a blob; tell whether there was one."""
        with self._lock:
            return self._connection.execute("DELETE FROM blob WHERE kind = ? AND key = ?", (kind, key)).rowcount > 0

    def locked(self) -> threading.RLock:
        """Return the lock that a read and the write that follows from it hold together."""
        return self._lock

    def close(self) -> None:
        """Close the state's file."""
        with self._lock:
            self._connection.close()
