"""Where the live page is, and where it shows an item."""

from __future__ import annotations

import re
from urllib.parse import urlencode

MAX_ADDRESS_LENGTH = 500

_ADDRESS = re.compile(
    r"https?://([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?(/[a-z0-9._~%/-]*)?",
    re.IGNORECASE | re.ASCII,
)


def parse_page_address(text: object) -> str | None:
    """Return the address of the live page without what says where on it; None when it is no plain web address.

    It has no user, no query and no sign that HTML, Markdown or a sheet could take for its own.
    """
    if not isinstance(text, str):
        return None
    address = text.strip().partition("#")[0].rstrip("/")
    return address if len(address) <= MAX_ADDRESS_LENGTH and _ADDRESS.fullmatch(address) else None


def item_link(page_address: str, project_key: str) -> str:
    """Return the link that opens an item on the live page, as the page itself makes it (`frontend/src/live/route.ts`).

    Args:
        page_address: as `parse_page_address` returns it.
        project_key: the item's project.
    """
    return f"{page_address}#{urlencode({'page': 'item', 'item': project_key})}"


def review_link(page_address: str, address: str) -> str:
    """Return the link that opens the review of an item on the live page.

    Args:
        page_address: as `parse_page_address` returns it.
        address: the item's, as text.
    """
    return f"{page_address}#{urlencode({'page': 'review', 'item': address})}"
