"""Quantiles of many groups at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def grouped_quantiles(
    values: NDArray[np.float64], groups: NDArray[np.int64], n_groups: int, shares: Sequence[float]
) -> NDArray[np.float64]:
    """Give quantiles of each group, interpolated between neighbours; NaN for an empty group.

    Args:
        values: Values, shape (n,), none missing.
        groups: Group of each value, from 0, shape (n,).
        n_groups: Number of groups.
        shares: Which quantiles, in [0, 1]; 0.9 is P90.

    Returns:
        Quantiles, shape (n_shares, n_groups), as ``numpy.quantile`` gives for each group.

    Examples:
        >>> values, groups = np.array([1.0, 5.0, 3.0, 8.0]), np.array([0, 0, 0, 1])
        >>> grouped_quantiles(values, groups, 3, [0.5]).tolist()
        [[3.0, 8.0, nan]]
    """
    ordered = values[np.lexsort((values, groups))]
    counts = np.bincount(groups, minlength=n_groups)
    first = np.cumsum(counts) - counts
    quantiles = np.full((len(shares), n_groups), np.nan)
    some = counts > 0
    place = np.asarray(shares)[:, None] * (counts[some] - 1)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, counts[some] - 1)
    below, above = ordered[first[some] + low], ordered[first[some] + high]
    quantiles[:, some] = below + (place - low) * (above - below)
    return quantiles
