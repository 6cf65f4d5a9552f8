"""Macros of the plugin, run through the API with the rights of who asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from govern_mirror.connection import path_part
from govern_mirror.dss.client import NOT_DSS, Client, api_errors
from govern_mirror.dss.instance import PLUGIN_ID
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, MoveRefused, NotFound, WriteUnclear

_REFUSED = re.compile(r"MacroFailed(?:'>)?:\s*(.+)", re.DOTALL)
"""A macro's own words (`components.results.MacroFailed`), wherever DSS puts them into its error."""


def run_macro(
    client: Client, project_key: str, macro_id: str, params: Mapping[str, Any], doing: str
) -> list[tuple[str, ...]]:
    """Run a macro of this plugin in a project, and return the rows of its result table.

    Args:
        client: of the person.
        project_key: the project that it runs in.
        macro_id: the macro's folder.
        params: its form.
        doing: what it does, for the message of an error.

    Raises:
        NotFound: the plugin is not there, or is older than this macro.
        MoveRefused: the macro refused, in its own words.
        WriteUnclear: it ended with an error of its own.
        GovernMirrorError: as `api_errors` says.
    """
    macro = client.get_project(path_part(project_key)).get_macro(f"pyrunnable_{PLUGIN_ID}_{macro_id}")
    try:
        with api_errors(project_key, doing):
            run = macro.run(params=dict(params), wait=True)
    except NotFound as error:
        raise NotFound(
            f"{error}: it takes the plugin {PLUGIN_ID} with its macro {macro_id} on the instance, and the right to "
            f"read {project_key}"
        ) from error
    try:
        with api_errors(project_key, doing):
            result = macro.get_result(run, as_type="json")
    except GovernMirrorError as error:
        refusal = _REFUSED.search(str(error.__cause__ or ""))
        if refusal:
            raise MoveRefused(refusal.group(1).strip()) from error
        is_preset = "preset" in str(error).lower()
        advice = "; an administrator makes the preset, and lets you use it" if is_preset else ""
        raise WriteUnclear(
            f"the macro {macro_id} ended with an error, and may have done its work before ({error}): look before you "
            f"try again{advice}"
        ) from error
    records = result.get("records") if isinstance(result, Mapping) else None
    if not isinstance(records, list):
        raise ConnectionFailed(NOT_DSS)
    return [tuple("" if cell is None else str(cell) for cell in record) for record in records]
