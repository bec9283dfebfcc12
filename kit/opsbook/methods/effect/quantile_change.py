"""Did the slow cases get faster? The change in a quantile, such as the 90th percentile."""

from __future__ import annotations

from dataclasses import dataclass

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
    before = _Group.of(control, "control", quantile)
    after = _Group.of(treatment, "treatment", quantile)
    limits = _limits(before, after, confidence)
    return Estimate(
        method="quantile_change",
        effect=after.level - before.level,
        lower=limits[0] if limits else None,
        upper=limits[1] if limits else None,
        confidence=confidence,
        p_value=_p_value(before, after),
        n=before.values.size + after.values.size,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Group:
    """A group's sorted values, its quantile, and how likely k or fewer values are below it."""

    values: Floats
    level: float
    below: Floats

    @classmethod
    def of(cls, values: ArrayLike, name: str, quantile: float) -> _Group:
        column = np.sort(per_user(values, f"{name} group"))
        counts = np.arange(column.size + 1)
        return cls(
            values=column,
            level=float(np.quantile(column, quantile)),
            below=np.asarray(special.bdtr(counts, column.size, quantile)),
        )

    def limits(self, confidence: float) -> tuple[float, float] | None:
        """Two of the values between which the quantile lies with at least this confidence."""
        tail = (1 - confidence) / 2
        low = int(np.searchsorted(self.below, tail, side="right")) - 1
        high = int(np.searchsorted(self.below, 1 - tail))
        if low < 0 or high >= self.values.size:
            return None
        return min(float(self.values[low]), self.level), max(float(self.values[high]), self.level)


def _limits(before: _Group, after: _Group, confidence: float) -> tuple[float, float] | None:
    """Limits of the difference, or None where a group cannot bound its quantile."""
    own, other = after.limits(confidence), before.limits(confidence)
    if own is None or other is None:
        return None
    effect = after.level - before.level
    down = float(np.hypot(after.level - own[0], other[1] - before.level))
    up = float(np.hypot(own[1] - after.level, before.level - other[0]))
    return effect - down, effect + up


def _p_value(before: _Group, after: _Group) -> float | None:
    """One less the largest confidence whose interval excludes 0, to three digits."""
    if _limits(before, after, 0.5) is None:
        return None
    inside, outside = 1.0, 0.0  # confidences whose interval includes, and excludes, 0
    while inside - outside > 1e-4:
        middle = (inside + outside) / 2
        limits = _limits(before, after, middle)
        if limits is None or limits[0] <= 0 <= limits[1]:
            inside = middle
        else:
            outside = middle
    return 1 - outside
