"""Did the slow cases get faster? The change in a quantile, such as the 90th percentile."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import per_user
from opsbook.methods.effect.panel import Floats
from opsbook.methods.estimate import Estimate


def quantile_change(
    control: ArrayLike,
    treatment: ArrayLike,
    *,
    quantile: float = 0.9,
    confidence: float = 0.95,
) -> Estimate:
    """Estimate how much a quantile differs between two groups.

    Each group's quantile has an interval between two of its own sorted values, which holds for
    any shape; the two are combined as Newcombe combines two proportions. Assumes independent
    cases: the cases of one bad day are not.

    Args:
        control: One number per case, shape (n_control,); before, or the control arm.
        treatment: The same after, or in the treatment arm.
        quantile: Which quantile, in (0, 1): 0.5 the median, 0.9 what nine of ten stay below.
        confidence: Confidence level of the interval, in (0, 1).

    Returns:
        Quantile of the treatment less that of the control, in the metric's unit. No interval
        where a group is too small to bound its quantile at this confidence.

    Raises:
        DataError: If a group has fewer than two cases or a gap, or the quantile is outside (0, 1).

    References:
        Hahn & Meeker (1991), Statistical Intervals, section 5.2, for one quantile; Zou & Donner
        (2008), Statistics in Medicine 27, 1693-1702, for combining two.

    Examples:
        >>> quantile_change(range(100), range(50, 150), quantile=0.5).effect
        50.0
    """
    if not 0 < quantile < 1:
        raise DataError(f"The quantile is {quantile:g}.", "Give one between 0 and 1; P90 is 0.9.")
    before = np.sort(per_user(control, "control group"))
    after = np.sort(per_user(treatment, "treatment group"))
    effect = float(np.quantile(after, quantile) - np.quantile(before, quantile))
    limits = _limits(before, after, quantile, confidence)
    return Estimate(
        method="quantile_change",
        effect=effect,
        lower=limits[0] if limits else None,
        upper=limits[1] if limits else None,
        confidence=confidence,
        p_value=_p_value(before, after, quantile),
        n=before.size + after.size,
    )


def _limits(
    before: Floats, after: Floats, quantile: float, confidence: float
) -> tuple[float, float] | None:
    """Limits of the difference, or None where a group cannot bound its quantile."""
    own = [_between_values(group, quantile, confidence) for group in (before, after)]
    if own[0] is None or own[1] is None:
        return None
    (low0, high0), (low1, high1) = own[0], own[1]
    q0, q1 = float(np.quantile(before, quantile)), float(np.quantile(after, quantile))
    down, up = np.hypot(q1 - low1, high0 - q0), np.hypot(high1 - q1, q0 - low0)
    return float(q1 - q0 - down), float(q1 - q0 + up)


def _between_values(
    group: Floats, quantile: float, confidence: float
) -> tuple[float, float] | None:
    """Two of the sorted values between which the quantile lies with at least this confidence."""
    counts = np.arange(group.size + 1)
    below = special.bdtr(counts, group.size, quantile)  # at most so many values are below it
    tail = (1 - confidence) / 2
    low = int(np.searchsorted(below, tail, side="right")) - 1
    high = int(np.searchsorted(below, 1 - tail)) + 1
    if low < 0 or high > group.size:
        return None
    return (
        min(float(group[low]), float(np.quantile(group, quantile))),
        max(float(group[high - 1]), float(np.quantile(group, quantile))),
    )


def _p_value(before: Floats, after: Floats, quantile: float) -> float | None:
    """One less the largest confidence whose interval excludes 0, to three digits."""
    if _limits(before, after, quantile, 0.5) is None:
        return None
    inside, outside = 1.0, 0.0  # confidences whose interval includes, and excludes, 0
    while inside - outside > 1e-4:
        middle = (inside + outside) / 2
        limits = _limits(before, after, quantile, middle)
        if limits is None or limits[0] <= 0 <= limits[1]:
            inside = middle
        else:
            outside = middle
    return 1 - outside
