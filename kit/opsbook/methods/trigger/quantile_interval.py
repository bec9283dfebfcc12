"""A quantile of durations with an exact interval, whatever their distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from opsbook.errors import DataError
from opsbook.methods.trigger.series import as_one_series


@dataclass(frozen=True, kw_only=True)
class QuantileInterval:
    """A quantile and what is known of it.

    Attributes:
        value: The quantile of the values; None without any.
        lower: Lower limit; None where there are too few values to have one.
        upper: Upper limit, likewise.
        confidence: At least this level.
        n: Values that were present.
    """

    value: float | None
    lower: float | None
    upper: float | None
    confidence: float
    n: int


def quantile_interval(
    values: ArrayLike, quantile: float, *, confidence: float = 0.95
) -> QuantileInterval:
    """Tell how long half, or nine of ten, take, and how surely that is known.

    The limits are two of the values themselves: as many values lie below the true quantile as a
    coin of that chance shows heads, whatever their distribution. So they hold for long-tailed
    durations and are as wide as so few values deserve: nine of ten has no upper limit under 36
    values. Tied values only make the interval safer. The assumption that most often fails: cases
    must not depend on each other; a jam makes many late at once.

    Args:
        values: Durations, shape (n,); NaN for one not known.
        quantile: In (0, 1): 0.5 or 0.9.
        confidence: Least probability that the limits hold the true quantile.

    Raises:
        DataError: If quantile or confidence is not between 0 and 1.

    References:
        Conover (1999), Practical Nonparametric Statistics, 3rd ed., section 3.2.

    Examples:
        >>> found = quantile_interval([4, 5, 5, 6, 7, 8, 9, 11, 14, 30], 0.5)
        >>> found.value, found.lower, found.upper
        (7.5, 5.0, 14.0)
    """
    for name, number in (("quantile", quantile), ("confidence", confidence)):
        if not 0 < number < 1:
            raise DataError(f"A {name} of {number} is not between 0 and 1.", "Take 0.9, say.")
    given = np.asarray(values, dtype=np.float64)
    known = np.sort(given[~np.isnan(given)]) if given.size else given
    n = len(known)
    if n == 0:
        return QuantileInterval(value=None, lower=None, upper=None, confidence=confidence, n=0)
    as_one_series(known, "values")
    tail = (1 - confidence) / 2
    ranks = np.arange(n + 1)
    below = binom.cdf(ranks, n, quantile)  # chance that at most so many lie below
    low = int(np.count_nonzero(below <= tail))  # the low-th smallest value is a lower limit
    high = int(np.argmax(below >= 1 - tail)) + 1  # and the high-th an upper one
    return QuantileInterval(
        value=float(np.quantile(known, quantile)),
        lower=float(known[low - 1]) if low >= 1 else None,
        upper=float(known[high - 1]) if high <= n else None,
        confidence=confidence,
        n=n,
    )
