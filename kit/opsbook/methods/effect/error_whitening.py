"""Whitening of columns under many error covariances at once, in time linear in the periods."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from opsbook.methods.effect.covariance_grid import CovarianceGrid


def error_whitening(
    columns: NDArray[np.float64], time: NDArray[np.int64], grid: CovarianceGrid
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turn columns with correlated errors into columns with independent errors of variance one.

    A Kalman filter runs over the periods, for every member and column side by side; it replaces
    a Cholesky factor of each covariance, whose cost grows with the cube of the periods. Periods
    may be missing: walk and autoregression are carried over the hole.

    Args:
        columns: Columns to whiten, shape (n, columns), in the order of `time`.
        time: Increasing positions of the rows, shape (n,), in periods.
        grid: The error covariances, K members.

    Returns:
        The whitened columns, shape (K, n, columns), and the logarithm of the determinant of each
        covariance, shape (K,).

    References:
        Durbin & Koopman (2012), Time Series Analysis by State Space Methods, 2nd ed., chapter 4.
    """
    walk_gain, fast_gain, decay, variance = _gains(time, grid)
    whitened = np.empty((time.size, grid.prior.size, columns.shape[1]))
    walk = np.zeros(whitened.shape[1:])
    fast = np.zeros(whitened.shape[1:])
    for row in range(time.size):
        surprise = np.subtract(columns[row], walk, out=whitened[row])
        surprise -= fast
        walk += walk_gain[row, :, None] * surprise
        fast += fast_gain[row, :, None] * surprise
        fast *= decay[row, :, None]
    whitened /= np.sqrt(variance)[:, :, None]
    return np.moveaxis(whitened, 0, 1), np.log(variance).sum(axis=0)


def _gains(
    time: NDArray[np.int64], grid: CovarianceGrid
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the filter's gains, the decay to the next row and each row's variance, (n, K)."""
    gaps = np.diff(time, append=time[-1] + 1)
    decay = grid.correlation ** gaps[:, None]
    walk_gain, fast_gain, variance = np.empty((3, time.size, grid.prior.size))
    walk, both, fast = grid.walk, np.zeros_like(grid.walk), np.ones_like(grid.walk)
    for row, gap in enumerate(gaps):
        total = walk + 2 * both + fast
        to_walk, to_fast = (walk + both) / total, (both + fast) / total
        walk_gain[row], fast_gain[row], variance[row] = to_walk, to_fast, total
        walk = walk - total * to_walk**2 + gap * grid.walk
        both = decay[row] * (both - total * to_walk * to_fast)
        fast = decay[row] ** 2 * (fast - total * to_fast**2 - 1) + 1
    return walk_gain, fast_gain, decay, variance
