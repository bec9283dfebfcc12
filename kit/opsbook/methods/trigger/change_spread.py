"""Find when a series became steadier or more erratic, its level and trend aside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import kolmogorov

from opsbook.errors import DataError

LEAST = 20  # points below which a spread before and after says nothing
EDGE = 5  # points needed on each side


@dataclass(frozen=True, kw_only=True)
class SpreadChange:
    """Where the spread changed most.

    Attributes:
        index: First point of the new spread.
        before: Standard deviation before.
        after: Standard deviation after.
        p_value: Probability of such a difference somewhere if the spread were constant.
    """

    index: int
    before: float
    after: float
    p_value: float


def change_spread(residuals: ArrayLike) -> SpreadChange | None:
    """Tell where the spread of residuals changed most, and how likely chance would do it.

    The cumulative sum of squares is compared with its straight path; the distance is scaled by
    the long-run variance of the squares, so that heavy tails and clusters of large values do not
    count as a change. The assumption that most often fails: residuals around a trend that does
    not fit, whose squares rise wherever the misfit is.

    Args:
        residuals: Deviations from level and trend in time order, shape (n,); missing ones are NaN.

    Returns:
        The likeliest place, or None with fewer than 20 residuals or without any spread.

    Raises:
        DataError: If residuals is not one-dimensional or has an infinite value.

    References:
        Inclan & Tiao (1994), J. American Statistical Association 89, 913-923.
        doi:10.1080/01621459.1994.10476824
        Sanso, Arago & Carrion (2004), Revista de Economia Financiera 4, 32-53.

    Examples:
        >>> wave = np.sin(np.arange(80) ** 2)
        >>> found = change_spread(wave * np.repeat([1.0, 4.0], 40))
        >>> found.index, found.p_value < 0.01
        (40, True)
    """
    series = np.asarray(residuals, dtype=np.float64)
    if series.ndim != 1 or np.isinf(series).any():
        raise DataError(
            f"Residuals must be one finite series; got shape {series.shape}.",
            "Pass the residuals of one series, missing ones as NaN.",
        )
    known = np.flatnonzero(np.isfinite(series))
    n = len(known)
    if n < LEAST:
        return None
    scale = float(np.abs(series[known]).max())
    if scale == 0.0:
        return None
    squares = (series[known] / scale) ** 2
    away = squares - squares.mean()
    lags = int(4 * (n / 100) ** (2 / 9))  # Newey and West's rule
    long_run = float(away @ away) / n
    for lag in range(1, lags + 1):
        long_run += 2 * (1 - lag / (lags + 1)) * float(away[lag:] @ away[:-lag]) / n
    if long_run <= 1e-12 * float(squares.mean()) ** 2:
        return None
    path = np.abs(np.cumsum(away))[EDGE - 1 : n - EDGE] / np.sqrt(n * long_run)
    at = int(np.argmax(path)) + EDGE
    return SpreadChange(
        index=int(known[at]),
        before=float(np.sqrt(squares[:at].mean())) * scale,
        after=float(np.sqrt(squares[at:].mean())) * scale,
        p_value=float(kolmogorov(path.max())),
    )
