"""Which cause moved a ratio whose numerator is a sum of causes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError


@dataclass(frozen=True, kw_only=True)
class CauseShift:
    """One cause's part in the change.

    Attributes:
        cause: Its name.
        before: Its amount for each unit of the denominator before.
        after: The same after.
        change: ``after - before``.
        share_of_change: ``change`` divided by the total change; None where the total did not
            change. Above 1 or below 0 where causes moved against each other.
    """

    cause: str
    before: float
    after: float
    change: float
    share_of_change: float | None


@dataclass(frozen=True, kw_only=True)
class AdditiveCauses:
    """The change of a ratio, cause by cause.

    Attributes:
        before: The ratio before.
        after: The ratio after.
        total: ``after - before``.
        unattributed: Change of what no cause accounts for: ``total`` minus all causes' changes.
            Zero but for rounding where the numerator is the sum of its causes.
        causes: Every cause's part, in the order given.
    """

    before: float
    after: float
    total: float
    unattributed: float
    causes: tuple[CauseShift, ...]


def additive_causes(
    causes_before: ArrayLike,
    denominator_before: float,
    causes_after: ArrayLike,
    denominator_after: float,
    *,
    names: Sequence[str] | None = None,
    numerator_before: float | None = None,
    numerator_after: float | None = None,
) -> AdditiveCauses:
    """Tell how much of a ratio's change came through each cause that its numerator is made of.

    Every cause is divided by the same denominator, so the changes add up: no order of steps and
    no interaction is involved.

    Assumes that each case is booked under the cause it belongs to. A change of booking practice
    looks the same as a change of causes.

    Args:
        causes_before: Amount of each cause before, shape (n_causes,).
        denominator_before: The denominator before, above 0.
        causes_after: Amount of each cause after, same shape.
        denominator_after: The denominator after, above 0.
        names: The causes' names; their positions from 0 if left out.
        numerator_before: The numerator before, where it is recorded beside its causes and need
            not be their exact sum; the sum if left out. Give both numerators or neither.
        numerator_after: The same after.

    Returns:
        The change by cause, in the ratio's own unit.

    Raises:
        DataError: If the causes differ in number between the periods or from the names, a value
            is not finite, a denominator is not above 0, or only one numerator is given.

    Examples:
        >>> late = additive_causes([5, 5], 100, [5, 25], 150, names=["carrier", "traffic"])
        >>> [(c.cause, round(c.change, 4)) for c in late.causes]
        [('carrier', -0.0167), ('traffic', 0.1167)]
        >>> round(late.total, 4)
        0.1
    """
    amount0 = np.asarray(causes_before, dtype=float)
    amount1 = np.asarray(causes_after, dtype=float)
    if amount0.ndim != 1 or amount0.size == 0 or amount0.shape != amount1.shape:
        raise DataError(
            f"Causes must be one-dimensional, not empty and equally many before and after "
            f"(got {amount0.shape} and {amount1.shape}).",
            "Give one amount for each cause in both periods.",
        )
    labels = tuple(map(str, range(amount0.size) if names is None else names))
    if len(labels) != amount0.size:
        raise DataError(
            f"There are {len(labels)} names for {amount0.size} causes.",
            "Give one name for each cause.",
        )
    if (numerator_before is None) != (numerator_after is None):
        raise DataError(
            "Only one of numerator_before and numerator_after is given.",
            "Give both, or neither where the causes add up to the numerator.",
        )
    top0 = math.fsum(amount0) if numerator_before is None else float(numerator_before)
    top1 = math.fsum(amount1) if numerator_after is None else float(numerator_after)
    for period, amounts, top, base in (
        ("before", amount0, top0, denominator_before),
        ("after", amount1, top1, denominator_after),
    ):
        if not np.isfinite(amounts).all():
            where = labels[int(np.flatnonzero(~np.isfinite(amounts))[0])]
            raise DataError(
                f"Cause '{where}' is not a finite number in period '{period}'.",
                "Fill the gap, or leave the cause out of both periods.",
            )
        if not math.isfinite(top):
            raise DataError(
                f"The numerator of period '{period}' is {top}.", "Choose a period that has data."
            )
        if not (math.isfinite(base) and base > 0):
            raise DataError(
                f"The denominator of period '{period}' is {base}; it must be above 0.",
                "Choose a period that has data.",
            )

    rate0, rate1 = amount0 / denominator_before, amount1 / denominator_after
    change = rate1 - rate0
    before, after = top0 / denominator_before, top1 / denominator_after
    total = after - before
    return AdditiveCauses(
        before=before,
        after=after,
        total=total,
        unattributed=math.fsum([after, -before, *(-change)]),
        causes=tuple(
            CauseShift(
                cause=label,
                before=float(rate0[i]),
                after=float(rate1[i]),
                change=float(change[i]),
                share_of_change=float(change[i]) / total if total != 0 else None,
            )
            for i, label in enumerate(labels)
        ),
    )
