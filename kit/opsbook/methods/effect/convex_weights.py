"""The mixture of some columns that comes closest to another: weights of a synthetic control."""

from __future__ import annotations

import numpy as np
from scipy import optimize

from opsbook.methods.effect.panel import Floats


def convex_weights(columns: Floats, target: Floats, *, ridge: float = 0.0) -> Floats:
    """Find the mixture of columns that comes closest to a target, in least squares.

    The weights are at least 0 and sum to 1, so that the mixture never extrapolates. Since they
    sum to 1, the distance is that of the columns' differences from the target to the origin, and
    a non-negative least-squares problem has the very same solution: no step size, no tolerance.

    Args:
        columns: Shape (rows, k), k at least 1.
        target: Shape (rows,).
        ridge: Penalty on the sum of squared weights, at least 0; spreads them.

    Returns:
        Weights, shape (k,).

    References:
        Wolfe (1976), Finding the nearest point in a polytope, Mathematical Programming 11,
        128-149.

    Examples:
        >>> convex_weights(np.array([[0.0, 4.0], [4.0, 0.0]]), np.array([1.0, 3.0])).round(6)
        array([0.75, 0.25])
    """
    k = columns.shape[1]
    distance = columns - target[:, None]
    if ridge > 0:
        distance = np.vstack([distance, np.sqrt(ridge) * np.eye(k)])
    size = float(np.sqrt((distance**2).sum(axis=0).max()))
    distance = distance / (size or 1.0)
    stacked = np.vstack([distance, np.ones(k)])
    goal = np.append(np.zeros(distance.shape[0]), 1.0)
    weights, _ = optimize.nnls(stacked, goal, maxiter=max(100, 30 * k))
    return np.asarray(weights / weights.sum(), dtype=float)
