"""A quantile of many cells' cases at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def quantiles(
    cell: NDArray[np.integer[Any]], values: Floats, cases: Floats, quantile: float, *, size: int
) -> Floats:
    """A quantile of each cell's cases, as numpy's `quantile` gives it; NaN where there is none.

    Args:
        cell: The cell of each row, in 0..size-1, shape (n,).
        values: The value of each row's cases, shape (n,).
        cases: How many cases have it, whole numbers from 1, shape (n,).
        quantile: In (0, 1).
        size: How many cells there are.

    Examples:
        >>> quantiles(np.array([1, 1, 0]), np.array([5.0, 9.0, 2.0]), np.array([3.0, 1.0, 1.0]),
        ...           0.5, size=3)
        array([ 2.,  5., nan])
    """
    if not len(values):
        return np.full(size, np.nan)
    order = np.lexsort((values, cell))
    values, behind = values[order], np.cumsum(cases[order])
    n = np.bincount(cell, cases, size)
    first = np.cumsum(n) - n
    rank = np.maximum(n - 1, 0) * quantile
    low, high = (
        values[np.minimum(np.searchsorted(behind, first + at, side="right"), len(values) - 1)]
        for at in (np.floor(rank), np.ceil(rank))
    )
    found: Floats = np.where(n > 0, low + (high - low) * (rank - np.floor(rank)), np.nan)
    return found
