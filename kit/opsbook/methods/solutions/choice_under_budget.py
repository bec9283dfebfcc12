"""Which options to do together, within money and people."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from opsbook.errors import DataError
from opsbook.methods.solutions.names import check_known, unique_names
from opsbook.methods.solutions.shortfall import Shortfall, shortfall, with_required

SLACK = 1e-9
"""Relative rounding allowed when amounts are added up against a limit."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An option that may be done.

    Attributes:
        name: Its name.
        value: What it brings, in any one unit (points, money); zero or less is never chosen
            for its own sake.
        cost: What it costs, in the currency of the budget.
        person_weeks: The work it takes.
        requires: Options that must be done with it.
        mandatory: Whether it is to be done in any case.
    """

    name: str
    value: float
    cost: float
    person_weeks: float = 0.0
    requires: tuple[str, ...] = ()
    mandatory: bool = False


@dataclass(frozen=True, kw_only=True)
class NextMoney:
    """The shadow option: what a little more money would buy.

    Attributes:
        extra: The money added to the budget.
        added: Options that would come in.
        dropped: Options that would make room for them.
        value_gain: What the change brings, in the unit of the values.
    """

    extra: float
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    value_gain: float


@dataclass(frozen=True, kw_only=True)
class ChoiceUnderBudget:
    """The best set of options that fits.

    Attributes:
        chosen: Names of the chosen options, in the order given; empty if nothing fits.
        value: The sum of their values.
        cost: The sum of their costs.
        person_weeks: The sum of their work.
        money_left: Budget not spent, or None without a budget.
        person_weeks_left: Work not used, or None without such a limit.
        missing: If nothing was chosen, what each option of worth lacks, least money first; or
            what the mandatory options lack together. Where nothing is lacking, options that
            exclude each other stand in the way.
        next_money: What the next money would buy, or None if it was not asked for.
    """

    chosen: tuple[str, ...]
    value: float
    cost: float
    person_weeks: float
    money_left: float | None
    person_weeks_left: float | None
    missing: tuple[Shortfall, ...]
    next_money: NextMoney | None


def choice_under_budget(
    candidates: Sequence[Candidate],
    *,
    budget: float | None,
    person_weeks: float | None = None,
    exclusives: Sequence[Sequence[str]] = (),
    extra: float | None = None,
) -> ChoiceUnderBudget:
    """Find the options that together bring most within the budget.

    An exact 0-1 programme, solved to the end; of sets equal in value (to a millionth) the
    cheapest. What most often fails: values that do not add up, because two options mend the
    same thing; declare them exclusive, or offer their combination as an option of its own.

    Args:
        candidates: The options.
        budget: Money to spend; None for no limit.
        person_weeks: Work to spend; None for no limit.
        exclusives: Groups of options of which at most one may be done.
        extra: Money for the shadow option ("what would 20,000 more buy?"); None to leave it.

    Returns:
        The chosen set, what is left, what is missing, and the shadow option.

    Raises:
        DataError: If an option is named twice, a name is unknown, a number is not finite, or a
            cost, amount of work or limit is negative.

    References:
        Kellerer, Pferschy & Pisinger (2004), Knapsack Problems.
        doi:10.1007/978-3-540-24777-7

    Examples:
        >>> a = Candidate(name="A", value=60, cost=10)
        >>> b = Candidate(name="B", value=100, cost=20)
        >>> c = Candidate(name="C", value=120, cost=30)
        >>> result = choice_under_budget([a, b, c], budget=40, extra=10)
        >>> result.chosen, result.value
        (('A', 'C'), 180.0)
        >>> result.next_money.added, result.next_money.dropped
        (('B',), ('A',))
    """
    _check(candidates, budget, person_weeks, exclusives, extra)
    chosen = _best(candidates, budget, person_weeks, exclusives)
    value, cost, work = _sums(candidates, chosen)
    next_money = None
    if extra is not None and budget is not None:
        richer = _best(candidates, budget + extra, person_weeks, exclusives)
        next_money = NextMoney(
            extra=extra,
            added=_names(candidates, richer & ~chosen),
            dropped=_names(candidates, chosen & ~richer),
            value_gain=_sums(candidates, richer)[0] - value,
        )
    return ChoiceUnderBudget(
        chosen=_names(candidates, chosen),
        value=value,
        cost=cost,
        person_weeks=work,
        money_left=None if budget is None else budget - cost,
        person_weeks_left=None if person_weeks is None else person_weeks - work,
        missing=() if chosen.any() else _missing(candidates, budget, person_weeks),
        next_money=next_money,
    )


def _check(
    candidates: Sequence[Candidate],
    budget: float | None,
    person_weeks: float | None,
    exclusives: Sequence[Sequence[str]],
    extra: float | None,
) -> None:
    names = unique_names("option", [candidate.name for candidate in candidates])
    for candidate in candidates:
        where = f"the options that '{candidate.name}' requires"
        check_known("option", candidate.requires, names, where)
        if not math.isfinite(candidate.value):
            raise DataError(
                f"The value of option '{candidate.name}' is {candidate.value}.",
                "Give a finite number.",
            )
        for what, amount in (("cost", candidate.cost), ("work", candidate.person_weeks)):
            if not 0 <= amount < math.inf:
                raise DataError(
                    f"The {what} of option '{candidate.name}' is {amount}.",
                    "Give a number that is zero or more.",
                )
    for group in exclusives:
        check_known("option", group, names, "a group of exclusive options")
    limits = (("budget", budget), ("limit of person-weeks", person_weeks), ("extra money", extra))
    for what, limit in limits:
        if limit is not None and not 0 <= limit < math.inf:
            raise DataError(f"The {what} is {limit}.", "Give a number that is zero or more.")


def _best(
    candidates: Sequence[Candidate],
    budget: float | None,
    person_weeks: float | None,
    exclusives: Sequence[Sequence[str]],
) -> NDArray[np.bool_]:
    """Return the set of highest value, of several the cheapest; nothing if none is allowed."""
    place = {candidate.name: i for i, candidate in enumerate(candidates)}
    value = np.array([candidate.value for candidate in candidates], dtype=float)
    cost = np.array([candidate.cost for candidate in candidates], dtype=float)
    rows: list[NDArray[np.float64]] = []
    most: list[float] = []
    if budget is not None:
        rows.append(cost)
        most.append(budget * (1 + SLACK))
    if person_weeks is not None:
        rows.append(np.array([candidate.person_weeks for candidate in candidates], dtype=float))
        most.append(person_weeks * (1 + SLACK))
    for group in exclusives:
        row = np.zeros(len(candidates))
        row[[place[name] for name in group]] = 1
        rows.append(row)
        most.append(1)
    for i, candidate in enumerate(candidates):
        for needed in set(candidate.requires) - {candidate.name}:
            row = np.zeros(len(candidates))
            row[i], row[place[needed]] = 1, -1
            rows.append(row)
            most.append(0)
    forced = np.array([float(candidate.mandatory) for candidate in candidates])
    scale = max(float(np.abs(value).max()), 1e-300)
    chosen = _solve(-value / scale, rows, most, forced)
    if chosen is None:
        return np.zeros(len(candidates), dtype=bool)
    if cost.any():
        worth = float(value[chosen].sum()) / scale
        cheaper = _solve(cost / cost.max(), rows, most, forced, worth=(value / scale, worth))
        chosen = chosen if cheaper is None else cheaper
    wanted = [c.name for c in candidates if chosen[place[c.name]] and (c.value > 0 or c.mandatory)]
    used = with_required(wanted, {c.name: c.requires for c in candidates})
    return np.array([candidate.name in used for candidate in candidates])


def _solve(
    objective: NDArray[np.float64],
    rows: list[NDArray[np.float64]],
    most: list[float],
    forced: NDArray[np.float64],
    worth: tuple[NDArray[np.float64], float] | None = None,
) -> NDArray[np.bool_] | None:
    """Solve to the end; the solver takes 0.999999 for 1, so each answer is held to the limits.

    A set that breaks a limit by so little is forbidden by name, and the next best sought. The
    worth to keep, if given, is kept to a millionth.
    """
    sizes = [float(np.abs(row).max()) or 1.0 for row in rows]
    held = [row / size for row, size in zip(rows, sizes, strict=True)]
    ends = [limit / size for limit, size in zip(most, sizes, strict=True)]
    if worth is not None:
        held.append(-worth[0])
        ends.append(SLACK - worth[1])
    while True:
        answer = milp(
            objective,
            integrality=np.ones(len(objective), dtype=np.int64),
            bounds=Bounds(forced, 1),
            constraints=LinearConstraint(np.array(held), ub=np.array(ends)) if held else (),
            options={"mip_rel_gap": 0.0},
        )
        if answer.x is None:
            return None
        chosen = np.asarray(answer.x > 0.5)
        sums = [math.fsum(row[chosen]) for row in rows]
        if all(total <= limit + SLACK for total, limit in zip(sums, most, strict=True)):
            return chosen
        held.append(np.where(chosen, 1.0, -1.0))
        ends.append(float(chosen.sum()) - 1.0)


def _sums(candidates: Sequence[Candidate], chosen: NDArray[np.bool_]) -> tuple[float, float, float]:
    taken = [candidate for candidate, is_in in zip(candidates, chosen, strict=True) if is_in]
    return (
        math.fsum(candidate.value for candidate in taken),
        math.fsum(candidate.cost for candidate in taken),
        math.fsum(candidate.person_weeks for candidate in taken),
    )


def _names(candidates: Sequence[Candidate], chosen: NDArray[np.bool_]) -> tuple[str, ...]:
    pairs = zip(candidates, chosen, strict=True)
    return tuple(candidate.name for candidate, is_in in pairs if is_in)


def _missing(
    candidates: Sequence[Candidate], budget: float | None, person_weeks: float | None
) -> tuple[Shortfall, ...]:
    requires = {candidate.name: candidate.requires for candidate in candidates}
    mandatory = [candidate.name for candidate in candidates if candidate.mandatory]
    single = [[candidate.name] for candidate in candidates if candidate.value > 0]
    lacking = [
        shortfall(
            [name for name in requires if name in with_required(wanted, requires)],
            cost={candidate.name: candidate.cost for candidate in candidates},
            work={candidate.name: candidate.person_weeks for candidate in candidates},
            budget=budget,
            person_weeks=person_weeks,
        )
        for wanted in ([mandatory] if mandatory else single)
    ]
    return tuple(sorted(lacking, key=lambda short: (short.money, short.person_weeks)))
