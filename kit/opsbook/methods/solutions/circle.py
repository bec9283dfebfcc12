"""A circle among things that must come before each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter


def circle(after: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return a circle if there is one: each name comes before the next, the last is the first.

    Args:
        after: For each name, the names that must come before it.

    Returns:
        The names of one circle, starting with the one declared first; empty if there is none.

    Examples:
        >>> circle({"build": ["design"], "design": ["test"], "test": ["build"]})
        ('build', 'test', 'design', 'build')
        >>> circle({"build": ["design"], "design": []})
        ()
    """
    try:
        TopologicalSorter(after).prepare()
    except CycleError as error:
        found: list[str] = error.args[1][:-1]
        declared = list(after)
        start = found.index(min(found, key=declared.index))
        return (*found[start:], *found[:start], found[start])
    return ()
