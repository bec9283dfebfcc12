"""What a cell of an executed notebook shows: which function, of which parts of the result.

A template's cells end in ``show.<function>(<names>)``, and the names are fields of the saved
result. So the report knows what an output is, and can draw it again in another language.
"""

from __future__ import annotations

import ast
from typing import Any

from opsbook.results import StageResult

RESULT = "result"


class NotSaved(Exception):  # noqa: N818 - a state of the notebook, not an error
    """The cell shows something that the saved result does not hold."""


def shown_calls(source: str) -> list[str]:
    r"""Name the function of `opsbook.show` behind each output of a cell.

    Returns:
        A name per output, empty where an output is something else; no names if the cell's last
        line shows nothing of ours.

    Examples:
        >>> shown_calls("a = f(context)\nshow.form(result.forms[0])")
        ['form']
        >>> shown_calls("display(show.headline(result), frame)")
        ['headline', '']
        >>> shown_calls("frame.head()")
        []
    """
    match _last_line(source):
        case ast.Expr(ast.Call(func=ast.Name(id="display"), args=shown)):
            return [_name(node) for node in shown]
        case ast.Expr(node) if name := _name(node):
            return [name]
    return []


def _name(node: ast.expr) -> str:
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="show"), attr=name)):
            return name
    return ""


def _last_line(source: str) -> ast.stmt | None:
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return None
    return body[-1] if body else None


def drawn(source: str, show: Any, result: StageResult) -> list[Any]:
    """Draw again what a cell shows, from the saved result: calls, their sum, or a display.

    Args:
        source: The cell's code.
        show: The module `opsbook.show`.
        result: What the stage saved.

    Raises:
        NotSaved: If the cell shows anything else than calls of `opsbook.show` on saved fields.
    """
    match _last_line(source):
        case ast.Expr(ast.Call(func=ast.Name(id="display"), args=nodes, keywords=[])):
            return [_drawn(node, show, result) for node in nodes]
        case ast.Expr(ast.Call(func=ast.Name(id="save"))):
            return [show.overrides(result)]
        case ast.Expr(node):
            return [_drawn(node, show, result)]
    raise NotSaved(source)


def _drawn(node: ast.expr, show: Any, result: StageResult) -> Any:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _drawn(left, show, result) + _drawn(right, show, result)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="show"), attr=name)) if hasattr(
            show, name
        ):
            arguments = [_value(argument, result) for argument in node.args]
            keywords = {str(one.arg): _value(one.value, result) for one in node.keywords}
            return getattr(show, name)(*arguments, **keywords)
    raise NotSaved(ast.unparse(node))


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
