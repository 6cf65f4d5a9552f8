"""The little of FreeMarker that mails of scenarios use: `${name}`, and `${name!"default"}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_INTERPOLATION = re.compile(r"\$\{([^}]*)\}")
_EXPRESSION = re.compile(rf"""\s*({_NAME})\s*(!\s*(?:"([^"]*)"|'([^']*)')?)?\s*""")


def render(template: str, variables: Mapping[str, Any]) -> str:
    """Return the template with its interpolations replaced.

    Raises:
        ValueError: a variable has no value and the template no default for it: FreeMarker then renders nothing at all
            (seen on DSS 14.7); or the template uses more of FreeMarker than the sandbox knows.
    """
    if "<#" in template or "<@" in template:
        raise ValueError("The sandbox knows no FreeMarker directives")
    return _INTERPOLATION.sub(lambda match: _value(match[1], variables), template)


def _value(expression: str, variables: Mapping[str, Any]) -> str:
    match = _EXPRESSION.fullmatch(expression)
    if not match:
        raise ValueError(f"The sandbox cannot read the FreeMarker expression {expression!r}")
    name, has_default, *defaults = match.groups()
    if variables.get(name) is not None:
        return str(variables[name])
    if not has_default:
        raise ValueError(f"InvalidReferenceException: {name} is not defined")
    return next((default for default in defaults if default is not None), "")
