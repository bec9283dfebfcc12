"""Individuals and moving range chart (XmR), for one value per period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from opsbook.methods.trigger.control_limits import (
    ALL_PERIODS,
    Baseline,
    ControlChart,
    control_limits,
)
from opsbook.methods.trigger.series import Bools, Floats, as_one_series, or_none

D2 = 1.128
"""Mean range of two normal values in sigmas; 3 / D2 is the 2.66 of the tables."""
RANGE_LIMIT = 3.268
"""Upper limit of a moving range, in mean moving ranges."""


@dataclass(frozen=True, kw_only=True)
class XmrChart(ControlChart):
    """An individuals chart with its moving ranges.

    Attributes:
        moving_range: Distance of each period from the one before; None beside a gap and at the
            start of a stage.
        range_upper: Upper limit of the moving range, 3.268 mean moving ranges.
        range_outside: Positions of the moving ranges beyond it.
    """

    moving_range: tuple[float | None, ...]
    range_upper: tuple[float | None, ...]
    range_outside: tuple[int, ...]


def mean_or_nan(values: Floats) -> Floats:
    """Return the mean over the last axis, NaN where nothing is present.

    Examples:
        >>> mean_or_nan(np.array([[1.0, np.nan, 3.0], [np.nan] * 3]))
        array([ 2., nan])
    """
    present = ~np.isnan(values)
    count = present.sum(axis=-1)
    total = np.where(present, values, 0.0).sum(axis=-1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)


def moving_range_sigma(values: Floats) -> Floats:
    """Return sigma from the mean moving range, for many series at once.

    Args:
        values: Shape (..., n), gaps NaN. A range is never taken across a gap.

    Returns:
        Shape (...,): mean moving range / 1.128; NaN where no two neighbours are present.

    Examples:
        >>> moving_range_sigma(np.array([10.0, 11.128, 10.0])).round(6)
        np.float64(1.0)
    """
    return np.asarray(mean_or_nan(np.abs(np.diff(values, axis=-1))) / D2)


def xmr_chart(
    values: ArrayLike, *, baseline: Baseline = ALL_PERIODS, width: float = 3.0
) -> XmrChart:
    """Find the periods that ordinary variation between neighbours does not explain.

    Limits are the mean ± 2.66 mean moving ranges. The assumption that most often fails: values
    must not depend on their neighbours. Positive autocorrelation makes the limits too narrow;
    `combined_verdict` allows for it.

    Args:
        values: Shape (n,), the metric's unit; NaN marks a gap, across which no range is taken.
        baseline: Which periods set the limits.
        width: Distance of the limits in sigmas.

    Returns:
        The chart; limits are None if the reference is constant or has no two neighbours.

    Raises:
        DataError: If the values are no series of numbers, or the baseline does not fit them.

    References:
        NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2; Wheeler (2000), Understanding
        Variation.

    Examples:
        >>> chart = xmr_chart([49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
        >>> round(chart.upper[0], 4), round(chart.lower[0], 4), chart.trial
        (55.8041, 45.8159, True)
    """
    series = as_one_series(values)
    n = len(series)

    def fit(reference: Bools) -> tuple[Floats, Floats]:
        chosen = np.where(reference, series, np.nan)
        return np.full(n, mean_or_nan(chosen)), np.full(n, moving_range_sigma(chosen))

    chart = control_limits("xmr_chart", series, fit, baseline=baseline, width=width)
    ranges = np.full(n, np.nan)
    ranges[1:] = np.abs(np.diff(series))
    ranges[list(chart.stages)] = np.nan
    sigma = np.array([np.nan if s is None else s for s in chart.sigma])
    range_upper = RANGE_LIMIT * D2 * sigma
    return XmrChart(
        **vars(chart),
        moving_range=or_none(ranges),
        range_upper=or_none(range_upper),
        range_outside=tuple(int(i) for i in np.flatnonzero(ranges > range_upper)),
    )
