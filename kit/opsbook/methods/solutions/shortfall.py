"""What is missing to do an option with all that it requires."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """What is missing to do some options together.

    Attributes:
        options: The options that must be done together.
        money: Money missing, zero or more.
        person_weeks: Person-weeks missing, zero or more.
    """

    options: tuple[str, ...]
    money: float
    person_weeks: float


def shortfall(
    options: Iterable[str],
    *,
    cost: Mapping[str, float],
    work: Mapping[str, float],
    budget: float | None,
    person_weeks: float | None,
) -> Shortfall:
    """Tell how much money and work is missing to do the options together.

    Args:
        options: The options, with all that they require.
        cost: Cost per option.
        work: Person-weeks per option.
        budget: Money to spend; None for no limit.
        person_weeks: Work to spend; None for no limit.

    Returns:
        What is missing.

    Examples:
        >>> need = {"A": 7.0, "B": 6.0}
        >>> shortfall(need, cost=need, work=need, budget=10, person_weeks=None).money
        3.0
    """
    names = tuple(options)
    money = math.fsum(cost[name] for name in names)
    weeks = math.fsum(work[name] for name in names)
    return Shortfall(
        options=names,
        money=0.0 if budget is None else max(0.0, money - budget),
        person_weeks=0.0 if person_weeks is None else max(0.0, weeks - person_weeks),
    )


def with_required(options: Iterable[str], requires: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the options with all that they require, and what that requires in turn.

    Examples:
        >>> sorted(with_required(["B"], {"A": [], "B": ["A"], "C": ["B"]}))
        ['A', 'B']
    """
    together: set[str] = set()
    waiting = list(options)
    while waiting:
        name = waiting.pop()
        if name not in together:
            together.add(name)
            waiting.extend(requires[name])
    return frozenset(together)
