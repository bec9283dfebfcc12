"""What a cell of an executed notebook shows: which function, of which parts of the result.

A template's cells end in ``show.<function>(<names>)``, and the names are fields of the saved
result. So the report knows what an output is, and can draw it again in another language.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsbook.results import StageResult

MODULE = "show"
RESULT = "result"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of `opsbook.show`, as a cell's last line has it."""

    name: str
    arguments: tuple[ast.expr, ...]
    keywords: Mapping[str, ast.expr]


class NotSaved(Exception):  # noqa: N818 - a state of the notebook, not an error
    """The cell shows something that the saved result does not hold."""


def shown_call(source: str) -> Call | None:
    r"""Find the call that a cell shows, or None if it shows something of its own.

    Examples:
        >>> shown_call("a = f(context)\nshow.form(result.forms[0])").name
        'form'
        >>> shown_call("frame.head()") is None
        True
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return None
    match body[-1] if body else None:
        case ast.Expr(
            ast.Call(func=ast.Attribute(value=ast.Name(id="show"), attr=name)) as call
        ) if all(keyword.arg for keyword in call.keywords):
            keywords = {str(keyword.arg): keyword.value for keyword in call.keywords}
            return Call(name=name, arguments=tuple(call.args), keywords=keywords)
    return None


def bound(call: Call, result: StageResult) -> tuple[list[Any], dict[str, Any]]:
    """Give a call's arguments their values from the saved result.

    Raises:
        NotSaved: If an argument is no field of it, or more than a name, an item or a field.
    """
    return (
        [_value(argument, result) for argument in call.arguments],
        {name: _value(argument, result) for name, argument in call.keywords.items()},
    )


def _value(node: ast.expr, result: StageResult) -> Any:
    match node:
        case ast.Name(id=name) if name == RESULT:
            return result
        case ast.Name(id=name) if name in type(result).model_fields:
            return getattr(result, name)
        case ast.Attribute(value=inner, attr=name):
            value = _value(inner, result)
            if name in getattr(type(value), "model_fields", ()):
                return getattr(value, name)
        case ast.Subscript(value=inner, slice=ast.Constant(value=int(position))):
            value = _value(inner, result)
            if isinstance(value, tuple) and position < len(value):
                return value[position]
        case ast.Constant(value=value):
            return value
    raise NotSaved(ast.unparse(node))
