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
    may be missing: the state is carried over the hole.

    Args:
        columns: Columns to whiten, shape (n, columns), in the order of `time`.
        time: Increasing positions of the rows, shape (n,), in periods.
        grid: The error covariances, K members.

    Returns:
        The whitened columns, shape (K, n, columns), and the logarithm of the determinant of each
        covariance, shape (K,).
    """
    rows = time.size
    carried = np.empty((rows, grid.carry.size))
    gain = np.empty_like(carried)
    spread = np.empty_like(carried)
    variance = grid.start
    for row in range(rows):
        total = variance + grid.noise
        gain[row] = variance / total
        spread[row] = total
        if row + 1 < rows:
            gap = int(time[row + 1] - time[row])
            carried[row] = grid.carry**gap
            kept = variance * grid.noise / total
            variance = carried[row] ** 2 * kept + _innovation(grid, gap)
    whitened = np.empty((rows, grid.carry.size, columns.shape[1]))
    expected = np.zeros(whitened.shape[1:])
    for row in range(rows):
        surprise = np.subtract(columns[row], expected, out=whitened[row])
        if row + 1 < rows:
            expected += gain[row, :, None] * surprise
            expected *= carried[row, :, None]
    whitened /= np.sqrt(spread)[:, :, None]
    return np.moveaxis(whitened, 0, 1), np.log(spread).sum(axis=0)


def _innovation(grid: CovarianceGrid, gap: int) -> NDArray[np.float64]:
    """Return the variance that the state gains over `gap` periods."""
    if gap == 1:
        return grid.innovation
    square = grid.carry**2
    walk = square == 1
    sums = np.where(walk, gap, (1 - square**gap) / np.where(walk, 1, 1 - square))
    gained: NDArray[np.float64] = grid.innovation * sums
    return gained
