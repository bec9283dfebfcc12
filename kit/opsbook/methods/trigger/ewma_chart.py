"""EWMA chart: a weighted memory of the past that shows small lasting shifts."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.trigger.control_limits import TRIAL_POINTS, ControlChart
from opsbook.methods.trigger.series import Floats, as_one_series, or_none
from opsbook.methods.trigger.xmr_chart import mean_or_nan, moving_range_sigma


def exponentially_weighted(values: Floats, start: Floats, weight: float) -> Floats:
    """Return the exponentially weighted mean after each period, for many series at once.

    Args:
        values: Shape (..., n), gaps NaN; a gap leaves the mean as it was.
        start: Mean before the first period, shape (...,).
        weight: Weight of the newest value.

    Returns:
        Shape (..., n).

    Examples:
        >>> exponentially_weighted(np.array([52.0, 47.0]), np.array(50.0), 0.3)
        array([50.6 , 49.52])
    """
    smooth = np.empty_like(values)
    level = np.asarray(start, dtype=np.float64)
    for period in range(values.shape[-1]):
        value = values[..., period]
        level = np.where(np.isnan(value), level, level + weight * (value - level))
        smooth[..., period] = level
    return smooth


def ewma_chart(
    values: ArrayLike,
    *,
    weight: float = 0.2,
    width: float = 2.7,
    baseline: int | None = None,
    centre: float | None = None,
    sigma: float | None = None,
) -> ControlChart:
    """Find when a small shift has lasted long enough to show in the weighted mean.

    Limits are centre ± width · σ √(w (1 - (1 - w)^2t)/(2 - w)), t counting the values so far. The
    assumption that most often fails: values must not depend on their neighbours.

    Args:
        values: Shape (n,), the metric's unit; NaN marks a gap, which leaves the mean as it was.
        weight: Weight of the newest value, in (0, 1].
        width: Distance of the limits in sigmas of the weighted mean.
        baseline: Number of leading periods that set centre and sigma; None for all.
        centre: Known centre, instead of the baseline's mean.
        sigma: Known standard deviation of the values, instead of the baseline's moving-range one.

    Returns:
        The chart of the weighted means; no limits if the baseline is constant.

    Raises:
        DataError: If weight or sigma are out of range.

    References:
        NIST/SEMATECH e-Handbook, 6.3.2.4; Lucas and Saccucci (1990), Technometrics 32, 1-12.

    Examples:
        >>> chart = ewma_chart([52.0, 47.0, 53.0], weight=0.3, centre=50, sigma=2)
        >>> [round(mean, 2) for mean in chart.values]
        [50.6, 49.52, 50.56]
    """
    series = as_one_series(values)
    if not 0 < weight <= 1:
        raise DataError(f"A weight of {weight} is not in (0, 1].", "Take 0.2, say.")
    if sigma is not None and not sigma > 0:
        raise DataError(f"A sigma of {sigma} is not positive.", "Leave it out to estimate it.")
    n = len(series)
    head = series[: n if baseline is None else baseline]
    middle = float(mean_or_nan(head)) if centre is None else centre
    spread = float(moving_range_sigma(head)) if sigma is None else sigma
    gap = np.isnan(series)
    smooth = exponentially_weighted(series, np.array(middle), weight)
    smooth[gap] = np.nan
    seen = np.cumsum(~gap)
    spread = spread if spread > 0 else np.nan
    deviation = spread * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * seen)))
    deviation[gap] = np.nan
    lower, upper = middle - width * deviation, middle + width * deviation
    estimated = centre is None or sigma is None
    reference = np.flatnonzero(~np.isnan(head)) if estimated else np.array([], dtype=np.int64)
    return ControlChart(
        method="ewma_chart",
        values=or_none(smooth),
        centre=or_none(np.full(n, middle)),
        sigma=or_none(deviation),
        lower=or_none(lower),
        upper=or_none(upper),
        outside=tuple(int(i) for i in np.flatnonzero((smooth < lower) | (smooth > upper))),
        reference=tuple(int(i) for i in reference),
        screened=(),
        stages=(0,),
        trial=estimated and len(reference) < TRIAL_POINTS,
    )
