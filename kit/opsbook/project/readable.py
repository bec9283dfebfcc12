"""All faults at once: a wrong field is set aside, so that the others are looked at too."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from opsbook.project.faults import Fault, Path, fault_of
from opsbook.project.model import Project

#: Setting a field aside may uncover another fault, so often at most.
ROUNDS = 8
CHOICE = re.compile(r"'([^']*)'")


def checked(values: Mapping[str, Any]) -> tuple[Project | None, list[Fault]]:
    """Check a whole params file.

    Args:
        values: What it says.

    Returns:
        The project, as far as it can be read, or None; and every fault. A fault that only comes
        of another one, such as a reference to an item that is faulty itself, is not told.
    """
    try:
        return Project.model_validate(values), []
    except ValidationError:
        left: Any = copy.deepcopy(dict(values))
    faults: dict[tuple[Path, str], Fault] = {}
    aside: set[Path] = set()
    for _ in range(ROUNDS):
        try:
            return Project.model_validate(left), list(faults.values())
        except ValidationError as error:
            found = [(fault_of(detail, left), detail) for detail in error.errors()]
        found = [one for one in found if not _emptied(one, found)]
        told = [fault for fault, detail in found if not _follows(detail, aside)]
        faults |= {(fault.path, fault.message): fault for fault in told}
        # From the last to the first: taking an item out of a list moves those after it.
        for fault, detail in sorted(found, key=lambda one: _order(one[0].path), reverse=True):
            removed = _set_aside(left, fault.path, detail)
            if removed is None:
                return None, list(faults.values())
            aside.add(removed)
    return None, list(faults.values())


def _order(path: Path) -> list[tuple[bool, str | int]]:
    return [(isinstance(part, str), part) for part in path]


def _emptied(one: tuple[Fault, ErrorDetails], found: list[tuple[Fault, ErrorDetails]]) -> bool:
    """Whether a list is too short only because its items are faulty."""
    fault, detail = one
    inside = (other.path for other, _ in found if len(other.path) > len(fault.path))
    return detail["type"] == "too_short" and any(
        path[: len(fault.path)] == fault.path for path in inside
    )


def _follows(detail: ErrorDetails, aside: set[Path]) -> bool:
    """Whether a fault comes of what has been set aside."""
    if not aside:
        return False
    if detail["type"] == "reference":  # to an item of a list of which one was faulty
        to = tuple(detail["ctx"]["to"].split("."))
        return any(path[: len(to)] == to or to[: len(path)] == path for path in aside)
    return True  # the fields that it needs are no longer all there


def _set_aside(values: Any, path: Path, detail: ErrorDetails) -> Path | None:
    """Take out what is faulty, or the section or item that cannot do without it; its path."""
    if detail["type"] == "literal_error":
        first = CHOICE.search(detail["ctx"]["expected"])
        holder = _at(values, path[:-1])
        if first and isinstance(holder, dict):
            holder[path[-1]] = first[1]
            return path
    if detail["type"] == "missing":
        path = path[:-1]
    if not path:
        return None
    holder = _at(values, path[:-1])
    try:
        del holder[path[-1]]
    except (KeyError, IndexError, TypeError):
        return path  # it went with what held it
    return path


def _at(values: Any, path: Path) -> Any:
    for part in path:
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return None
    return values
