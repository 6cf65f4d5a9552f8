"""What the HTML report holds for its script."""

from __future__ import annotations

import base64
import gzip
import json
import re
from typing import Any


def unpacked(page: str, name: str = "data") -> Any:
    """Read a packed part of a page: `data`, or `details-0` and so on."""
    packed = re.search(rf'<script type="text/plain" id="{name}">([^<]*)</script>', page)
    assert packed, f"the page has no {name}"
    return json.loads(gzip.decompress(base64.b64decode(packed[1], validate=True)))


def projects_of(page: str) -> list[dict[str, Any]]:
    """Return the projects that the page's script finds in it, one object each, as `frontend/src/data` reads them."""
    table = unpacked(page)

    def value(column: Any, at: int) -> Any:
        return column[at] if isinstance(column, list) else column["values"][column["codes"][at]]

    return [{name: value(column, at) for name, column in table["columns"].items()} for at in range(table["count"])]
