"""Addresses of governed items: a project, or one of its bundles, model versions or agent versions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from govern_mirror.errors import InputError
from govern_mirror.text import checked_text, clipped, has_unseen

_KEY = re.compile(r"[A-Za-z0-9_]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

FORMS = "KEY, KEY/bundle/ID, KEY/model/SAVED_MODEL/VERSION or KEY/agent/ID/VERSION"
"""The forms that an address has."""


class ItemKind(str, Enum):
    """What a governed item is; the values are the words in addresses."""

    PROJECT = "project"
    BUNDLE = "bundle"
    MODEL_VERSION = "model"
    AGENT_VERSION = "agent"

    @property
    def label(self) -> str:
        """The kind for people, such as `model version`."""
        return {"model": "model version", "agent": "agent version"}.get(self.value, self.value)


_PARTS = {ItemKind.BUNDLE: 1, ItemKind.MODEL_VERSION: 2, ItemKind.AGENT_VERSION: 2}
"""How many ids follow the word of a kind."""


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a governed item stands.

    Attributes:
        project_key: the project.
        kind: what the item is.
        ids: below the project: a bundle's id; a saved model's or agent's id and the id of its version. Empty for the
            project itself.
    """

    project_key: str
    kind: ItemKind = ItemKind.PROJECT
    ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The address as people type it; `parse` reads it."""
        return "/".join((self.project_key, *([self.kind.value] if self.ids else []), *self.ids))

    @property
    def label(self) -> str:
        """The item for people, such as `bundle v12 of CHURN`."""
        if self.kind is ItemKind.PROJECT:
            return self.project_key
        return f"{self.kind.label} {' of '.join(reversed(self.ids))} of {self.project_key}"

    def label_of(self, model_name: str | None) -> str:
        """As `label`, with the name of the model in place of its id, where that is known."""
        if not model_name:
            return self.label
        return f"{self.kind.label} {self.ids[-1]} of {model_name} of {self.project_key}"


def parse_address(text: str) -> Address:
    """Read an address.

    Raises:
        InputError: it is none, or an id in it is empty, `.`, `..`, or holds control characters, so that a request
            for it would lead elsewhere; or it holds what nobody sees, or has a blank at an end, so that it would look
            like another.
    """
    key, *rest = checked_text(text, "an address").split("/")
    if not _KEY.fullmatch(key):
        raise InputError(f"{clipped(key)!r} is not a project key: a key has letters, digits and _ only; use {FORMS}")
    if not rest:
        return Address(key)
    kind = next((kind for kind in _PARTS if kind.value == rest[0]), None)
    if kind is None or len(rest) - 1 != _PARTS[kind]:
        raise InputError(f"{clipped(text)!r} is no address of a governed item: use {FORMS}")
    for id_ in rest[1:]:
        if id_.strip() in ("", ".", "..") or id_ != id_.strip() or _CONTROL.search(id_) or has_unseen(id_):
            raise InputError(f"{clipped(text)!r} holds an id that cannot be one: use {FORMS}")
    return Address(key, kind, tuple(rest[1:]))
