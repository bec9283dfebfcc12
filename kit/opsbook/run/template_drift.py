"""Where a workspace's notebooks have moved away from what the kit can run, and what mends it."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from opsbook.places import PACKAGE, SHIPPED
from opsbook.results import STAGES, Stage
from opsbook.results.saved import file_name
from opsbook.run.template_text import Notebook, in_language, language_of, source
from opsbook.run.workspace import Workspace

PARAMETERS = ("params_file", "overrides", "run_dir")
CONFLICT = "<<<<<<<"


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One thing about a notebook of the workspace.

    Attributes:
        template: The notebook's file.
        problem: What is so.
        fix: What to do about it.
        stops: Whether the stage cannot run as it is.
    """

    template: str
    problem: str
    fix: str
    stops: bool

    def __str__(self) -> str:
        return f"templates/{self.template}: {self.problem} {self.fix}"


class Found(Protocol):
    """Makes a drift of one notebook."""

    def __call__(self, problem: str, fix: str, *, stops: bool = True) -> Drift:
        """Say what is so, and what to do about it."""


def drift(workspace: Workspace) -> list[Drift]:
    """Everything by which the workspace's notebooks differ from what a run needs.

    A cell with code of the user's own is no drift: the notebooks are theirs.
    """
    if not (workspace.root / "templates").is_dir():
        return []
    return [found for stage in STAGES for found in _of_stage(workspace, stage)]


def newer_in_kit(workspace: Workspace, name: str) -> str | None:
    """The kit's notebook in the workspace's language, if it is newer than when it was brought."""
    brought = workspace.templates_as_shipped / name
    if not brought.is_file():
        return None
    before = brought.read_text(encoding="utf-8")
    language = language_of(json.loads(before))
    now = in_language((SHIPPED / "templates" / name).read_text(encoding="utf-8"), language)
    return None if now == before else now


def _of_stage(workspace: Workspace, stage: Stage) -> Iterator[Drift]:
    name = file_name(stage, ".ipynb")
    path = workspace.templates / name

    def found(problem: str, fix: str, *, stops: bool = True) -> Drift:
        return Drift(template=name, problem=problem, fix=fix, stops=stops)

    try:
        notebook: Notebook = json.loads(path.read_text(encoding="utf-8"))
        code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        sources = {str(cell.get("id", i)): source(cell) for i, cell in enumerate(code)}
    except FileNotFoundError:
        yield found("it is not there.", f"Copy it from {_shipped(name)}.")
        return
    except (ValueError, KeyError, TypeError):
        yield found("it is no notebook.", f"Copy it anew from {_shipped(name)}.")
        return
    tagged = [c for c in code if "parameters" in c.get("metadata", {}).get("tags", [])]
    missing = [word for word in PARAMETERS if not any(word in source(c) for c in tagged)]
    if not tagged:
        yield found(
            "no cell has the tag 'parameters', so that a run cannot say which project is meant.",
            "Give the tag to the cell that sets params_file (JupyterLab: Property Inspector).",
        )
    elif missing:
        yield found(f"its parameters cell does not set {', '.join(missing)}.", "Add the line.")
    if any(CONFLICT in text for text in sources.values()):
        cells = ", ".join(cell for cell, text in sources.items() if CONFLICT in text)
        yield found(
            f"a merge left conflicts in the cells {cells}.",
            f"Choose one side of each, and delete the lines {CONFLICT}, ======= and >>>>>>>.",
        )
    else:
        yield from _of_steps(stage, sources, found)
    if not any(_calls_save(text) for text in sources.values()):
        yield found("no cell saves the result.", "End it with save(context, result).")
    if any(cell.get("outputs") or cell.get("execution_count") for cell in code):
        yield found(
            "it is stored with outputs.",
            "In JupyterLab: Edit > Clear Outputs of All Cells, then save.",
            stops=False,
        )
    if newer_in_kit(workspace, name) is not None:
        yield found(
            "the kit's version of it is newer.", "Bring it in: opsbook upgrade.", stops=False
        )


def _of_steps(stage: Stage, sources: dict[str, str], found: Found) -> Iterator[Drift]:
    """Calls of steps that the kit does not have, or has under another name."""
    rooms = {stage: _names(PACKAGE / "stages" / f"{stage}.py"), "show": _shows()}
    for cell, text in sources.items():
        for room, step in _attributes(text, set(rooms)):
            if step not in rooms[room]:
                near = _nearest(step, rooms[room])
                choice = f"{room}.{near}, or what else is meant" if near else "a step that is there"
                yield found(
                    f"its cell '{cell}' calls {room}.{step}, which this version does not have.",
                    f"Call {choice}.",
                )


def _attributes(text: str, rooms: set[str]) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a magic, or a cell that is not finished: running it will tell
        return
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=room), attr=step) if room in rooms:
                yield room, step
            case _:
                pass


def _calls_save(text: str) -> bool:
    return "save(" in text


def _shipped(name: str) -> str:
    return f"{(SHIPPED / 'templates' / name)}"


@cache
def _names(module: Path) -> frozenset[str]:
    """What a module defines or imports at its top, told without importing it."""
    found: set[str] = set()
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.ImportFrom | ast.Import):
            found |= {alias.asname or alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return frozenset(found)


def _shows() -> frozenset[str]:
    return _names(PACKAGE / "show" / "__init__.py")


def _nearest(name: str, names: frozenset[str]) -> str:
    import difflib  # noqa: PLC0415 - only a fault needs it

    public = sorted(n for n in names if not n.startswith("_"))
    return next(iter(difflib.get_close_matches(name, public, n=1)), "")
