"""CUSUM chart: deviations from the level, summed until they cannot be chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.trigger.control_limits import TRIAL_POINTS, Numbers
from opsbook.methods.trigger.series import Floats, as_one_series, or_none
from opsbook.methods.trigger.xmr_chart import mean_or_nan, moving_range_sigma


@dataclass(frozen=True, kw_only=True)
class CusumChart:
    """Two one-sided sums; every tuple has one entry per period.

    Attributes:
        method: ``cusum_chart``.
        rising: Sum of what lies above the level, in the metric's unit; None without a sigma.
        falling: Sum of what lies below it, positive, likewise.
        threshold: A sum beyond it is an alarm; None if the baseline is constant.
        alarms_up: Positions at which the rising sum is beyond the threshold.
        alarms_down: Positions at which the falling sum is beyond it.
        onset: Last period before the first alarm at which the alarming sum was zero, plus one:
            when the shift most likely began. None without an alarm.
        centre: The level; None if nothing is known of it.
        sigma: Standard deviation of the values; None if unknown.
        trial: Whether level and sigma rest on fewer than 12 points.
    """

    method: str = "cusum_chart"
    rising: Numbers
    falling: Numbers
    threshold: float | None
    alarms_up: tuple[int, ...]
    alarms_down: tuple[int, ...]
    onset: int | None
    centre: float | None
    sigma: float | None
    trial: bool

    @property
    def first_alarm(self) -> int | None:
        """Position of the first alarm in either direction, or None."""
        return min((*self.alarms_up, *self.alarms_down), default=None)


def one_sided_sum(deviations: Floats) -> Floats:
    """Return the sum since it was last at its lowest, for many series at once.

    Args:
        deviations: Shape (..., n), the slack already taken off; NaN (a gap) adds nothing.

    Returns:
        Shape (..., n): s[t] = max(0, s[t-1] + deviation[t]).

    Examples:
        >>> one_sided_sum(np.array([1.0, -3.0, 2.0, 0.5]))
        array([1. , 0. , 2. , 2.5])
    """
    total = np.cumsum(np.nan_to_num(deviations), axis=-1)
    lowest = np.minimum(np.minimum.accumulate(total, axis=-1), 0.0)
    return np.asarray(total - lowest)


def cusum_chart(
    values: ArrayLike,
    *,
    slack: float = 0.5,
    decision: float = 5.0,
    baseline: int | None = None,
    centre: float | None = None,
    sigma: float | None = None,
) -> CusumChart:
    """Find when a lasting shift of about two slacks began.

    The sums are not reset after an alarm. The assumption that most often fails: values must not
    depend on their neighbours; on weekly noise with a lag-1 correlation of one half, slack .5 and
    decision 5 give some two false starts a year (`rule_replay` tells how many on this series).

    Args:
        values: Shape (n,), the metric's unit; NaN marks a gap, which adds nothing.
        slack: Deviation that adds nothing, in sigmas: half of the shift to be found.
        decision: Sum that is an alarm, in sigmas.
        baseline: Number of leading periods that set centre and sigma; None for all.
        centre: Known level, instead of the baseline's mean.
        sigma: Known standard deviation, instead of the baseline's moving-range one.

    Raises:
        DataError: If slack, decision or sigma are out of range.

    References:
        NIST/SEMATECH e-Handbook, 6.3.2.3; Page (1954), Biometrika 41, 100-115.

    Examples:
        >>> chart = cusum_chart([0, 0, 3, 3, 3], centre=0, sigma=1)
        >>> chart.first_alarm, chart.onset
        (4, 2)
    """
    series = as_one_series(values)
    if slack < 0 or decision <= 0:
        raise DataError(
            f"slack = {slack} and decision = {decision} make no chart.", "Take 0.5 and 5, say."
        )
    if sigma is not None and not sigma > 0:
        raise DataError(f"A sigma of {sigma} is not positive.", "Leave it out to estimate it.")
    head = series[: len(series) if baseline is None else baseline]
    level = float(mean_or_nan(head)) if centre is None else centre
    spread = float(moving_range_sigma(head)) if sigma is None else sigma
    known = spread > 0 and np.isfinite(level)
    trial = (centre is None or sigma is None) and int((~np.isnan(head)).sum()) < TRIAL_POINTS
    nothing: Numbers = (None,) * len(series)
    if not known:
        return CusumChart(
            rising=nothing,
            falling=nothing,
            threshold=None,
            alarms_up=(),
            alarms_down=(),
            onset=None,
            centre=level if np.isfinite(level) else None,
            sigma=None,
            trial=trial,
        )
    rising = one_sided_sum(series - level - slack * spread)
    falling = one_sided_sum(level - series - slack * spread)
    threshold = decision * spread
    up, down = (tuple(int(i) for i in np.flatnonzero(s > threshold)) for s in (rising, falling))
    onset = None
    if up or down:
        first = min((*up, *down))
        alarming = rising if first in up else falling
        zeros = np.flatnonzero(alarming[:first] == 0)
        onset = int(zeros[-1]) + 1 if len(zeros) else 0
    return CusumChart(
        rising=or_none(rising),
        falling=or_none(falling),
        threshold=threshold,
        alarms_up=up,
        alarms_down=down,
        onset=onset,
        centre=level,
        sigma=spread,
        trial=trial,
    )
