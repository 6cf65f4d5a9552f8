"""Trends as JSON, a contract for tools.

`FORMAT_VERSION` history: 1, the first.
"""

from __future__ import annotations

from typing import Any

from govern_mirror.history.trends import Trends, fetch

FORMAT_VERSION = 1

_KEYS = {
    "flow": ("day", "step", "projects"),
    "cycle_time": ("step", "finished", "median_days", "p85_days"),
    "throughput": ("month", "delivered"),
    "age": ("project_key", "step", "days"),
    "changes": ("project_key", "field", "from", "to", "day"),
    "mix": ("day", "field", "rating", "projects"),
}


def trends_json(trends: Trends) -> dict[str, Any]:
    """Compute all trends. Days and months are ISO 8601; days of steps have two decimals."""
    document: dict[str, Any] = {"format_version": FORMAT_VERSION}
    for name, keys in _KEYS.items():
        document[name] = [{key: row[key] for key in keys} for row in fetch(trends, name)]
    return document
