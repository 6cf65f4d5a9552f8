"""Tags, as DSS stores them."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any


def stored_tags(tags: Any) -> Any:
    """Return tags as DSS hands them back: duplicates collapsed, in an order of its own.

    Tags are stored unordered (live 15: amrutp24/terraform-provider-dataiku compares them as sets). The order here is
    that of a hash, so that it is the same each time and nobody's. What is no list of texts stays as it is.
    """
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        return tags
    return sorted(set(tags), key=lambda tag: blake2b(tag.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def tag_color(tag: object) -> str:
    """Return the colour of a tag that nobody gave one; which one DSS picks is not known."""
    return f"#{blake2b(str(tag).encode('utf-8', 'surrogatepass'), digest_size=3).hexdigest()}"
