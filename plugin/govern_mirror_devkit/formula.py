"""The little of DSS's expressions that scenarios and forms use: conditions, and `${name}` in texts.

Sources: docs (scenarios, reporters and variables), hl (`outcome != 'SUCCESS'`, `stepOutcome_build == 'FAILED'`).
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|&&|\|\||!(?!=)|\b(?:true|false|null)\b""")
_PYTHON = {"&&": " and ", "||": " or ", "!": " not ", "true": "True", "false": "False", "null": "None"}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {ast.Eq: operator.eq, ast.NotEq: operator.ne}
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_.]*)\}")


def holds(condition: str, variables: Mapping[str, Any]) -> bool:
    """Return whether a run condition is true: `==` and `!=` of variables, texts and numbers, with `&&`, `||`, `!`.

    Raises ValueError for a formula outside that, and for a variable that has no value.
    """
    source = _TOKEN.sub(lambda token: _PYTHON.get(token[0], token[0]), condition).strip()
    try:
        tree = ast.parse(source, mode="eval")
    except SyntaxError:
        raise ValueError(f"Cannot read the condition {condition!r}") from None
    return bool(_value(tree.body, variables, condition))


def _value(node: ast.expr, variables: Mapping[str, Any], condition: str) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in variables:
            return variables[name]
        case ast.Name(id=name):
            raise ValueError(f"Unknown variable {name!r} in the condition {condition!r}")
        case ast.Attribute(value=ast.Name(id=name), attr=attribute) if isinstance(variables.get(name), Mapping):
            # a form's `model.x` is undefined, not an error, while the field is empty
            return variables[name].get(attribute)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(part, variables, condition) for part in values)
        case ast.BoolOp(values=values):
            return any(_value(part, variables, condition) for part in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, variables, condition)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            compare = _COMPARE[type(op)]
            return compare(_value(left, variables, condition), _value(right, variables, condition))
    raise ValueError(f"Cannot read the condition {condition!r}")


def expand(text: str, variables: Mapping[str, Any]) -> str:
    """Return the text with `${name}` replaced by the variable's value; an unknown name stays as it is written."""
    return _VARIABLE.sub(lambda match: str(variables.get(match[1], match[0])), text)


def expand_all(value: Any, variables: Mapping[str, Any]) -> Any:
    """Return a JSON value with `expand` applied to every text in it."""
    if isinstance(value, str):
        return expand(value, variables)
    if isinstance(value, list):
        return [expand_all(part, variables) for part in value]
    if isinstance(value, dict):
        return {key: expand_all(part, variables) for key, part in value.items()}
    return value
