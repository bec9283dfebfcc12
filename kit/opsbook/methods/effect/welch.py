"""Welch's t-test: the change in mean between two periods."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate


def welch(before: ArrayLike, after: ArrayLike, *, confidence: float = 0.95) -> Estimate:
    """Estimate the change in mean between two independent periods.

    Assumes independent observations. Daily operations data rarely are: see
    `covariance_averaged_gls` for those.

    Args:
        before: Observations before the change, shape (n_before,), the metric's unit.
        after: Observations after the change, shape (n_after,), same unit.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        Change in mean, ``mean(after) - mean(before)``.

    Raises:
        DataError: If a period has fewer than two finite observations, or neither varies.

    References:
        Welch (1947), Biometrika 34, 28-35. doi:10.1093/biomet/34.1-2.28

    Examples:
        >>> round(welch([10, 12, 11], [14, 15, 13]).effect, 2)
        3.0
    """
    first = _finite("before", before)
    second = _finite("after", after)
    # Squared errors of the two means, as shares of their sum, so that no scale is too small.
    unit = max(float(np.ptp(first)), float(np.ptp(second)))
    if unit == 0:
        raise DataError(
            f"Neither period varies ({first[0]:g} before, {second[0]:g} after).",
            "Choose a metric that varies, or count over longer periods.",
        )
    squares = np.array([(part / unit).var(ddof=1) / part.size for part in (first, second)])
    error = float(np.sqrt(squares.sum())) * unit
    freedom = squares.sum() ** 2 / (squares**2 / [first.size - 1, second.size - 1]).sum()
    effect = float(second.mean() - first.mean())
    reach = float(student.ppf((1 + confidence) / 2, freedom)) * error
    return Estimate(
        method="welch",
        effect=effect,
        lower=effect - reach,
        upper=effect + reach,
        confidence=confidence,
        p_value=float(2 * student.sf(abs(effect) / error, freedom)),
        n=first.size + second.size,
    )


def _finite(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return the finite values of a period; refuse fewer than two."""
    given = np.asarray(values, dtype=float).ravel()
    kept: NDArray[np.float64] = given[np.isfinite(given)]
    if kept.size < 2:
        raise DataError(
            f"The period '{name}' has {kept.size} finite value"
            f"{'' if kept.size == 1 else 's'} of {given.size}.",
            "At least two are needed; wait for more, or lengthen the period.",
        )
    return kept
