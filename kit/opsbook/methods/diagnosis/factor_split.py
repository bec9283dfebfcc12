"""What every split of a product's change returns, and the table it starts from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class FactorShift:
    """One factor's part in the change of a product.

    Attributes:
        factor: Its name.
        contribution: Its part of ``after - before``, in the product's unit.
        share_of_change: ``contribution`` divided by the total change; None where the total did
            not change.
        times: Its part of ``after / before``: all factors' ``times`` multiply to it. None where
            the method has none, or the product is zero or changes its sign.
    """

    factor: str
    contribution: float
    share_of_change: float | None
    times: float | None


@dataclass(frozen=True, kw_only=True)
class FactorSplit:
    """The change of a product, or of a sum of products, factor by factor.

    Attributes:
        method: ``lmdi`` or ``shapley``.
        before: The sum of products before.
        after: The same after.
        total: ``after - before``, the sum of all contributions.
        residual: ``total`` minus all contributions: rounding only.
        factors: Every factor's part, in the order given.
    """

    method: str
    before: float
    after: float
    total: float
    residual: float
    factors: tuple[FactorShift, ...]


@dataclass(frozen=True, kw_only=True)
class FactorTable:
    """Checked factors of both periods.

    Attributes:
        before: Shape (n_products, n_factors).
        after: Same shape.
        powers: +1 where the factor multiplies, -1 where it divides, shape (n_factors,).
        names: The factors' names.
    """

    before: Array
    after: Array
    powers: NDArray[np.int64]
    names: tuple[str, ...]


def factor_table(
    before: ArrayLike,
    after: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    powers: Sequence[int] | None = None,
) -> FactorTable:
    """Check the factors of two periods and bring them into one shape.

    Args:
        before: The factors before, shape (n_factors,), or (n_products, n_factors) for a sum of
            products.
        after: The factors after, same shape.
        names: The factors' names; their positions from 0 if left out.
        powers: +1 for a factor that multiplies, -1 for one that divides; all multiply if left
            out.

    Returns:
        The checked table.

    Raises:
        DataError: If shapes or lengths differ, a value is not finite, a power is neither +1 nor
            -1, or a dividing factor is zero.

    Examples:
        >>> factor_table([2, 4], [3, 4], powers=[1, -1]).before.shape
        (1, 2)
    """
    x0, x1 = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    if x0.shape != x1.shape or x0.ndim not in (1, 2) or x0.size == 0:
        raise DataError(
            f"Factors must have one shape in both periods, (n_factors,) or (n_products, "
            f"n_factors), and not be empty (got {x0.shape} and {x1.shape}).",
            "Give every factor in both periods.",
        )
    x0, x1 = np.atleast_2d(x0), np.atleast_2d(x1)
    labels = tuple(map(str, range(x0.shape[1]) if names is None else names))
    signs = np.asarray([1] * x0.shape[1] if powers is None else powers, dtype=np.int64)
    if len(labels) != x0.shape[1] or signs.shape != (x0.shape[1],):
        raise DataError(
            f"There are {x0.shape[1]} factors, {len(labels)} names and {signs.size} powers.",
            "Give one name and one power for each factor.",
        )
    if not np.isin(signs, (1, -1)).all():
        raise DataError(
            f"Powers must be +1 or -1 (got {signs.tolist()}).",
            "Repeat a factor to raise it to a higher power.",
        )
    for period, values in (("before", x0), ("after", x1)):
        for wrong, words in (
            (~np.isfinite(values), "is not a finite number"),
            ((values == 0) & (signs < 0), "divides and is 0"),
        ):
            if wrong.any():
                where = labels[int(np.argwhere(wrong)[0, 1])]
                raise DataError(
                    f"Factor '{where}' {words} in period '{period}'.",
                    "Leave out the product in both periods, or choose a period that has data.",
                )
    return FactorTable(before=x0, after=x1, powers=signs, names=labels)


def factor_split(
    table: FactorTable, weights: Array, *, method: str, log_change: float | None = None
) -> FactorSplit:
    """Turn weights into the split: a contribution is its weight times the factor's own change.

    Args:
        table: The factors.
        weights: Weight of each factor in each product, shape (n_products, n_factors).
        method: Name of the method that made the weights.
        log_change: Logarithmic mean of the two totals, where the method splits the ratio of the
            totals too.

    Returns:
        The split, products added up.

    Examples:
        >>> table = factor_table([2, 5], [4, 5])
        >>> factor_split(table, np.array([[5.0, 3.0]]), method="shapley").factors[0].contribution
        10.0
    """
    parts = weights * (table.after - table.before)
    before = math.fsum(np.prod(table.before**table.powers, axis=1))
    after = math.fsum(np.prod(table.after**table.powers, axis=1))
    total = after - before
    sums = [math.fsum(column) for column in parts.T]
    return FactorSplit(
        method=method,
        before=before,
        after=after,
        total=total,
        residual=math.fsum([after, -before, *(-parts).ravel()]),
        factors=tuple(
            FactorShift(
                factor=name,
                contribution=part,
                share_of_change=part / total if total != 0 else None,
                times=None if log_change is None else math.exp(part / log_change),
            )
            for name, part in zip(table.names, sums, strict=True)
        ),
    )
