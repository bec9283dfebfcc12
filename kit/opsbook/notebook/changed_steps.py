"""Which steps of a template somebody has changed in the notebook that is running, who and why.

A changed step says so itself, in a comment: `# override: Ann Lee, 2025-11-03: the reason`.
A cell that only looks at results, and binds none of the template's names, changes nothing.
"""

from __future__ import annotations

import ast
import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from opsbook.places import SHIPPED
from opsbook.results import Caution, Stage, StageResult
from opsbook.results.saved import file_name
from opsbook.text import Period, say

TOLD = re.compile(
    r"#\s*(?:override|改动)\s*[:：]\s*(?P<who>[^,，:：\n]+?)\s*[,，]\s*"
    r"(?P<when>\d{4}-\d{2}-\d{2})\s*[:：]\s*(?P<why>\S.*)"
)
#: Cells before the first step: which project, and the opening itself.
OPENING = ("parameters", "open")


@dataclass(frozen=True, kw_only=True)
class ChangedStep:
    """A step that ran with other code than the kit's.

    Attributes:
        step: The template's cell; of a new cell, the first that uses a name it binds.
        who: Who changed it; None if nobody says so.
        when: On which day.
        why: For what reason.
    """

    step: str
    who: str | None = None
    when: dt.date | None = None
    why: str | None = None


def changed_steps(
    stage: Stage, executed: Mapping[str, str], plain: Callable[[str], str] = str
) -> tuple[ChangedStep, ...]:
    """The steps of a stage that ran with other code than the kit's own template has.

    Args:
        stage: The stage.
        executed: Cell → its code as it was last run.
        plain: Turns a cell's code, magics included, into Python.
    """
    steps = _steps(stage)
    names = {step: _names(code) for step, code in steps.items()}
    shipped = {_meaning(code) for code in steps.values()}
    found: dict[str, ChangedStep] = {}
    for cell, code in executed.items():
        python = plain(code)
        if _meaning(python) in shipped:
            continue
        touched = _bound(python)
        near = [step for step in names if names[step] & touched]
        if near:
            step = cell if cell in steps else near[0]
            found[step] = _told(step, code)
    return tuple(found.values())


def with_cautions(result: StageResult, changed: Iterable[ChangedStep]) -> StageResult:
    """The result with each changed step among what its reader must know."""
    told = tuple(_caution(step) for step in changed)
    return result.model_copy(update={"cautions": (*result.cautions, *told)}) if told else result


class ExecutedCells:
    """The code that a notebook has run since its stage was opened; the last of each cell."""

    def __init__(self) -> None:
        self.code: dict[str, str] = {}

    def __call__(self, info: Any) -> None:
        """Note a cell that is about to run; the notebook's shell calls this."""
        cell = getattr(info, "cell_id", None) or f"cell {len(self.code) + 1}"
        self.code.pop(cell, None)
        self.code[cell] = info.raw_cell


def _steps(stage: Stage) -> dict[str, str]:
    text = (SHIPPED / "templates" / file_name(stage, ".ipynb")).read_text(encoding="utf-8")
    return {
        cell["id"]: "".join(cell["source"])
        for cell in json.loads(text)["cells"]
        if cell["cell_type"] == "code" and cell["id"] not in OPENING
    }


def _meaning(code: str) -> str:
    """What code does, whatever its layout and comments."""
    try:
        return ast.dump(ast.parse(code))
    except SyntaxError:
        return code


def _names(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _bound(code: str) -> set[str]:
    """Names that code binds, or whose attributes or items it sets, at the top or inside."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return set()
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(ctx=ast.Store() | ast.Del()):
                found.add(node.id)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                found |= {n.id for n in ast.walk(node.value) if isinstance(n, ast.Name)}
            case ast.FunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Call(func=ast.Name(id="save")):
                found.add("save")
            case _:
                pass
    return found


def _told(step: str, code: str) -> ChangedStep:
    told = TOLD.search(code)
    if told is None:
        return ChangedStep(step=step)
    try:
        when = dt.date.fromisoformat(told["when"])
    except ValueError:
        return ChangedStep(step=step)
    return ChangedStep(step=step, who=told["who"], when=when, why=told["why"].strip())


def _caution(changed: ChangedStep) -> Caution:
    name = f"changed-{changed.step}"
    if changed.who is None or changed.when is None or changed.why is None:
        return Caution(
            id=name,
            statement=say(
                "The step '{step}' was changed by hand, and nobody says why.", step=changed.step
            ),
            settles=say("Say it in its cell: # override: your name, 2025-11-30: the reason"),
        )
    return Caution(
        id=name,
        statement=say(
            "The step '{step}' was changed by hand by {who} on {when}: {why}",
            step=changed.step,
            who=changed.who,
            when=Period(start=changed.when),
            why=changed.why,
        ),
    )
