"""Three-point guesses: low, most likely, high."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def triangular(
    quantiles: ArrayLike, low: ArrayLike, mode: ArrayLike, high: ArrayLike
) -> NDArray[np.float64]:
    """Turn quantiles into values of triangular distributions.

    What most often fails: "low" and "high" meant as likely limits and not as the ends; people's
    ends are too near, so the true spread is rather wider.

    Args:
        quantiles: Probabilities in [0, 1].
        low: Lowest possible values; all arguments broadcast.
        mode: Most likely values, ``low <= mode <= high`` (not checked here).
        high: Highest possible values; where it equals ``low``, the value is certain.

    Returns:
        The values, in the unit of the guesses.

    References:
        Kotz & van Dorp (2004), Beyond Beta, chapter 1. doi:10.1142/5720

    Examples:
        >>> triangular([0.0, 0.5, 1.0], 0, 5, 10).tolist()
        [0.0, 5.0, 10.0]
    """
    u, a, c, b = (np.asarray(part, dtype=float) for part in (quantiles, low, mode, high))
    span = b - a
    rising = u * span <= c - a
    reach = np.sqrt(np.where(rising, u * ((c - a) * span), (1 - u) * ((b - c) * span)))
    return np.asarray(np.where(rising, a + reach, b - reach))
