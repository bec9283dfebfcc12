"""Shapley value: a product's change by factor, averaged over every order of change."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.diagnosis.factor_split import (
    Array,
    FactorSplit,
    FactorTable,
    factor_split,
    factor_table,
)


def shapley(
    before: ArrayLike,
    after: ArrayLike,
    *,
    names: Sequence[str] | None = None,
    powers: Sequence[int] | None = None,
) -> FactorSplit:
    """Tell how much of a product's change came through each factor, whatever their signs.

    Let the factors move from before to after one by one, in every order; a factor's part is the
    average of what its step changed. Zeros and changes of sign need no special care.

    Assumes that every order of change is as good as another, as `lmdi` does not; where factors
    move far, the two methods differ and neither is the truth.

    Args:
        before: The factors before, shape (n_factors,), or (n_products, n_factors) for a sum of
            products.
        after: The factors after, same shape.
        names: The factors' names; their positions from 0 if left out.
        powers: +1 for a factor that multiplies, -1 for one that divides; all multiply if left
            out.

    Returns:
        The split of ``after - before``.

    Raises:
        DataError: As `factor_table`.

    References:
        Shapley (1953), in Contributions to the Theory of Games II, 307-317.
        Owen (1972), Management Science 18, P64-P79 (the integral used here).

    Examples:
        >>> split = shapley([100_000, 0.05, 0.02], [110_000, 0.04, 0.025])
        >>> [round(f.contribution, 2) for f in split.factors]
        [10.08, -23.67, 23.58]
    """
    table = factor_table(before, after, names=names, powers=powers)
    return factor_split(table, shapley_weights(table), method="shapley")


def shapley_weights(table: FactorTable) -> Array:
    """Give the weight that turns each factor's own change into its contribution.

    The average over all orders equals an integral along the straight line between the periods
    (Owen 1972). Its integrand is a polynomial of degree ``n_factors - 1``, which Gauss-Legendre
    nodes integrate without error: no listing of orders, however many factors.

    Args:
        table: The factors.

    Returns:
        Weights, shape (n_products, n_factors).

    Examples:
        >>> shapley_weights(factor_table([2, 4], [3, -4])).round(3).tolist()
        [[0.0, 2.5]]
    """
    factor0, factor1 = table.before**table.powers, table.after**table.powers
    n = factor0.shape[1]
    nodes, masses = np.polynomial.legendre.leggauss((n + 1) // 2)
    weights = np.zeros_like(factor0)
    for node, mass in zip((nodes + 1) / 2, masses / 2, strict=True):
        between = (1 - node) * factor0 + node * factor1
        ones = np.ones((factor0.shape[0], 1))
        left = np.cumprod(np.hstack([ones, between[:, :-1]]), axis=1)
        right = np.cumprod(np.hstack([ones, between[:, :0:-1]]), axis=1)[:, ::-1]
        weights += mass * left * right
    # A dividing factor moves its reciprocal: 1/x1 - 1/x0 = (x1 - x0) * -1/(x0 x1).
    dividing = np.where(table.powers < 0, -factor0 * factor1, 1.0)
    return weights * dividing
