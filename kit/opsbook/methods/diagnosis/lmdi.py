"""Logarithmic mean Divisia index: a product's change by factor, without a rest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from opsbook.errors import DataError
from opsbook.methods.diagnosis.factor_split import (
    Array,
    FactorSplit,
    FactorTable,
    factor_split,
    factor_table,
)


def lmdi(
    before: ArrayLike,
    after: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    powers: Sequence[int] | None = None,
) -> FactorSplit:
    """Tell how much of a product's change came through each of its factors.

    Each factor's change of logarithm is weighed by the logarithmic mean of the product, so the
    parts add up to the change and swapping the periods only flips the signs. A factor at zero
    takes the limit: what starts from nothing explains all of the change, shared evenly where
    several factors do.

    Assumes that the factors are the right ones: the split is arithmetic and says nothing about
    why a factor moved, nor whether one factor drove another.

    Args:
        before: The factors before, shape (n_factors,), or (n_products, n_factors) for a sum of
            products, such as one product for each channel.
        after: The factors after, same shape.
        names: The factors' names; their positions from 0 if left out.
        powers: +1 for a factor that multiplies, -1 for one that divides; all multiply if left
            out.

    Returns:
        The split of ``after - before``, and of ``after / before`` where both are of one sign.

    Raises:
        DataError: As `factor_table`, and if a factor changes its sign, where logarithms fail:
            `shapley` has no such limit.

    References:
        Ang, Zhang & Choi (1998), Energy 23, 489-495. doi:10.1016/S0360-5442(98)00016-4
        Ang & Liu (2007), Energy Policy 35, 238-246 (zeros). doi:10.1016/j.enpol.2005.11.001

    Examples:
        >>> split = lmdi([100_000, 0.05, 0.02], [110_000, 0.04, 0.025])
        >>> [round(f.contribution, 2) for f in split.factors]
        [10.0, -23.41, 23.41]
    """
    table = factor_table(before, after, names=names, powers=powers)
    crossing = changes_sign(table.before, table.after)
    if crossing.any():
        where = table.names[int(np.argwhere(crossing)[0, 1])]
        raise DataError(
            f"Factor '{where}' changes its sign; logarithms cannot split that.",
            "Use shapley, which can.",
        )
    split = factor_split(table, lmdi_weights(table), method="lmdi")
    if split.before * split.after <= 0:
        return split
    mean = float(log_mean(np.array(split.before), np.array(split.after)))
    return factor_split(table, lmdi_weights(table), method="lmdi", log_change=mean)


def changes_sign(before: Array, after: Array) -> NDArray[np.bool_]:
    """Tell where a value is negative in one period and positive in the other.

    Examples:
        >>> changes_sign(np.array([1.0, 0.0]), np.array([-1.0, -1.0])).tolist()
        [True, False]
    """
    return np.sign(before) * np.sign(after) < 0


def log_mean(a: Array, b: Array) -> Array:
    """Give the logarithmic mean of two values of one sign; 0 where either is 0.

    Examples:
        >>> log_mean(np.array([1.0, 2.0, 3.0]), np.array([np.e, 2.0, 0.0])).round(4).tolist()
        [1.7183, 2.0, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        tilt = (a - b) / (a + b)
        # Near each other the quotient of differences loses digits; the series form does not.
        near = (a + b) / 2 * np.where(tilt == 0, 1.0, tilt / np.arctanh(tilt))
        far = (a - b) / np.log(a / b)
    return np.where((a == 0) | (b == 0), 0.0, np.where(np.abs(tilt) < 0.5, near, far))


def lmdi_weights(table: FactorTable) -> Array:
    """Give the weight that turns each factor's own change into its contribution.

    The weight is the logarithmic mean of the product over that of the factor, which stays finite
    where the factor did not move. So a node above can be split by the nodes below it even where
    their changes cancel.

    Args:
        table: Factors of which none changes its sign.

    Returns:
        Weights, shape (n_products, n_factors).

    Examples:
        >>> lmdi_weights(factor_table([2, 5], [2, 5])).tolist()
        [[5.0, 2.0]]
    """
    x0, x1, powers = table.before, table.after, table.powers
    zero0, zero1 = x0 == 0, x1 == 0
    count0, count1 = (z.sum(axis=1, keepdims=True) for z in (zero0, zero1))
    product0 = np.prod(x0**powers, axis=1, keepdims=True)
    product1 = np.prod(x1**powers, axis=1, keepdims=True)
    mean = log_mean(x0, x1)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = np.where(mean == 0, 0.0, powers * log_mean(product0, product1) / mean)
        # From nothing, or to nothing: the factors at zero share the whole product.
        weights = np.where(zero0 & ~zero1 & (count1 == 0), product1 / (count0 * x1), weights)
        weights = np.where(zero1 & ~zero0 & (count0 == 0), product0 / (count1 * x0), weights)
    # At zero in both periods, alone: what it would take is the mean of all other factors.
    others0 = np.prod(np.where(zero0, 1.0, x0) ** powers, axis=1, keepdims=True)
    others1 = np.prod(np.where(zero1, 1.0, x1) ** powers, axis=1, keepdims=True)
    alone = zero0 & zero1 & (count0 == 1) & (count1 == 1)
    return np.where(alone, log_mean(others0, others1), weights)
