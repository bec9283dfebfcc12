"""Which steps of a template ran with other code than the kit's.

What counts are statements: one that the kit's notebook does not have, and that binds a name which
a step uses. A cell that only looks at results changes nothing.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from opsbook.notebook.overrides import reason_in, run_by
from opsbook.places import SHIPPED
from opsbook.results import Override, Stage
from opsbook.results.saved import file_name

#: The cells before the first step.
OPENING = ("parameters", "open")
#: Magics that run the Python below them.
TRANSPARENT = ("time", "timeit", "capture", "prun")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def changed_steps(
    stage: Stage,
    executed: Mapping[str, str],
    plain: Callable[[str], str] = str,
    brought: Path | None = None,
) -> tuple[Override, ...]:
    """The steps of a stage that ran with other code than the kit's own template has.

    Args:
        stage: The stage.
        executed: Cell → its code as it was last run.
        plain: Turns a cell's code, magics included, into Python.
        brought: The kit's template as it was brought into the workspace, maybe by an older kit.
    """
    template = _cells(SHIPPED / "templates" / file_name(stage, ".ipynb"))
    older = _cells(brought) if brought else {}
    codes = (*template.values(), *older.values())
    kits = {piece for code in codes for piece, _ in _statements(code)}
    names = {step: _names(code) for step, code in template.items() if step not in OPENING}
    found: dict[str, Override] = {}
    for cell, code in executed.items():
        own = [one for piece, one in _statements(plain(code)) if piece not in kits]
        touched = {name for statement in own for name in _bound(statement)}
        near = [step for step, used in names.items() if used & touched]
        step = cell if cell in template else next(iter(near), "")
        if near and (step not in found or found[step].who is None):
            found[step] = Override(what="step", name=step, **reason_in(code), **run_by())
    return tuple(found.values())


class ExecutedCells:
    """The code that a notebook has run since its stage was opened; the last of each cell."""

    def __init__(self) -> None:
        self.code: dict[str, str] = {}
        self.brought: Path | None = None

    def __call__(self, info: Any) -> None:
        """Note a cell that is about to run; the notebook's shell calls this."""
        cell = getattr(info, "cell_id", None) or f"cell {len(self.code) + 1}"
        self.code.pop(cell, None)
        self.code[cell] = info.raw_cell

    def begin(self, opening: str, brought: Path | None) -> None:
        """Forget what ran before the cell that opens the stage, which runs now."""
        self.code = {"open": opening}
        self.brought = brought


def _cells(notebook: Path) -> dict[str, str]:
    """A notebook's code, cell by cell."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}


def _statements(code: str) -> Iterator[tuple[str, ast.AST]]:
    """The statements of a cell, each with its meaning, whatever its layout and comments.

    The one that opens the stage is left out: what it sets otherwise is told as a field.
    """
    try:
        body = ast.parse(code).body
    except SyntaxError:  # it has not run
        return
    for statement in body:
        match statement:
            case ast.Expr(
                ast.Call(
                    func=ast.Attribute(attr="run_cell_magic"),
                    args=[ast.Constant(value=magic), _, ast.Constant(value=str(inner))],
                )
            ) if magic in TRANSPARENT:
                yield from _statements(inner)
            case ast.Assign(value=ast.Call(func=ast.Name(id="open_stage"))):
                pass
            case ast.ImportFrom(module=module):
                for alias in statement.names:
                    yield f"{module} {ast.dump(alias)}", alias
            case _:
                yield ast.dump(statement), statement


def _names(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _bound(statement: ast.AST) -> set[str]:
    """Names that a statement binds, or whose attributes or items it sets."""
    found = set()
    for node in _outside_functions(statement):
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                found.add(node.id)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                found |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.alias():
                found.add(node.asname or node.name.split(".")[0])
            case ast.Call(func=ast.Name(id="save")):
                found.add("save")
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[ast.Name(id=name), *_]):
                found.add(name)
            case ast.Call(func=ast.Name(id="exec")):  # what it binds is not seen here
                found.add("context")
            case ast.Call(
                func=ast.Attribute(attr="run_line_magic"), args=[ast.Constant(value="run"), *_]
            ):
                found.add("context")
            case _:
                pass
    return found | {n for g in ast.walk(statement) if isinstance(g, ast.Global) for n in g.names}


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement that bind names where the statement stands."""
    yield node
    if isinstance(node, FUNCTIONS):
        return
    if isinstance(node, COMPREHENSIONS):
        for child in ast.walk(node):
            if isinstance(child, ast.NamedExpr):
                yield child.target
        return
    for child in ast.iter_child_nodes(node):
        yield from _outside_functions(child)
