"""The templates of what is governed besides projects: bundles, and versions of models, agents and augmented LLMs.

Their steps are Govern's: Development, Review, Deployment, Production. *Review* is the one that is signed off, and the
one that people see first. Source: the sample of a model version's template in Dataiku's documentation; that bundles
have the same four is an assumption, since only *Review* is public.
"""

from __future__ import annotations

from functools import cache

from govern_mirror.model.address import ItemKind
from govern_mirror.model.blueprint import Blueprint, shipped_template

REVIEW_STEP = "review"
"""The step that is signed off."""

MADE = "overview.made"
"""The path of what DSS told, when the item was last written, of when it was made and by whom: it shows whether what is
recorded is of the item that is there now."""


@cache
def item_template(kind: ItemKind) -> Blueprint:
    """Return the template of a kind of item.

    Raises:
        ValueError: it is that of a project, which the plugin's settings name.
    """
    if kind is ItemKind.PROJECT:
        raise ValueError("the template of projects is a setting")
    return shipped_template("bundle" if kind is ItemKind.BUNDLE else "model_version")
