"""JSON of thousands of projects: orjson, and the standard library where orjson is stricter than JSON as DSS has it.

orjson refuses what `json` takes (lone surrogates, NaN, deep nesting); then `json` decides. Integers beyond 64 bits are
read as floats, so what is read this way must not be written back.
"""

from __future__ import annotations

import json
from typing import Any

import orjson


def loads(text: str) -> Any:
    """Read JSON.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deep.
    """
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)


def dumps(document: Any) -> bytes:
    """Compact JSON in UTF-8; what cannot be UTF-8 becomes a question mark."""
    try:
        return orjson.dumps(document)
    except (TypeError, ValueError):
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
