"""Seasonal adjustment: take the weekday, the month or the season out of a series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import fdtrc
from statsmodels.tsa.stl._stl import STL

from opsbook.errors import DataError
from opsbook.methods.trigger.series import Floats, as_series
from opsbook.methods.trigger.xmr_chart import mean_or_nan

CYCLES_FOR_EFFECTS = 3
"""With fewer full cycles a season cannot be told from chance."""
CYCLES_FOR_STL = 6
"""From so many cycles without a gap on, the season may change slowly (one series at a time)."""

Means = Literal["none", "effects", "stl"]
Reason = Literal["season_removed", "no_season_found", "too_short"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SeasonalAdjustment:
    """A series without its season.

    Attributes:
        adjusted: The values less the season, shape (..., n); NaN at gaps.
        seasonal: What was taken off, shape (..., n); sums to about zero over a cycle.
        means: How it was estimated; ``none`` where nothing was taken off.
        reason: Why, by key; for many series, one entry each.
        p_value: p-value of "no season", shape (...,); NaN where it was not tested.
    """

    adjusted: Floats
    seasonal: Floats
    means: tuple[Means, ...]
    reason: tuple[Reason, ...]
    p_value: Floats


def centred_mean(values: Floats, period: int) -> Floats:
    """Return the mean of one full cycle centred on each period (ends of even cycles halved).

    Args:
        values: Shape (..., n), gaps NaN.
        period: Periods in a cycle.

    Returns:
        Shape (..., n); NaN near the ends and wherever the cycle holds a gap.

    Examples:
        >>> centred_mean(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), 4)
        array([nan, nan,  3., nan, nan])
    """
    half = period // 2
    weights = np.full(2 * half + 1, 1.0 / period)
    if period % 2 == 0:
        weights[[0, -1]] /= 2
    means = np.full(values.shape, np.nan)
    if values.shape[-1] >= len(weights):
        windows = np.lib.stride_tricks.sliding_window_view(values, len(weights), axis=-1)
        means[..., half : values.shape[-1] - half] = windows @ weights
    return means


def _effects(series: Floats, period: int) -> tuple[Floats, Floats]:
    """Return the effect of each phase, shape (..., period), and the p-value of "none"."""
    deviation = series - centred_mean(series, period)
    phase = np.arange(series.shape[-1]) % period
    groups = [deviation[..., phase == p] for p in range(period)]
    counts = np.stack([(~np.isnan(g)).sum(axis=-1) for g in groups], axis=-1)
    effects = np.stack([mean_or_nan(g) for g in groups], axis=-1)
    within = np.zeros(series.shape[:-1])
    for p, group in enumerate(groups):
        within += np.nansum((group - effects[..., p, None]) ** 2, axis=-1)
    effects = effects - effects.mean(axis=-1, keepdims=True)
    between = (counts * effects**2).sum(axis=-1)
    freedom = counts.sum(axis=-1) - period
    tested = (counts.min(axis=-1) >= CYCLES_FOR_EFFECTS - 1) & (freedom > 0) & ~np.isnan(between)
    exact = within <= 1e-24 * np.maximum(between, 1e-300)
    ratio = (between / max(period - 1, 1)) / np.where(
        exact | ~tested, 1.0, within / np.maximum(freedom, 1)
    )
    p_value = fdtrc(period - 1, np.maximum(freedom, 1), np.where(tested, ratio, 0.0))
    p_value = np.where(exact, np.where(between > 0, 0.0, 1.0), p_value)
    return effects, np.where(tested, p_value, np.nan)


def seasonal_adjustment(
    values: ArrayLike, period: int, *, alpha: float = 0.01
) -> SeasonalAdjustment:
    """Take the season out of a series, if it has one.

    Deviations from a centred mean over one cycle are averaged by phase (weekday, month), and kept
    as the season only if they differ by more than chance (F test). A single series of six cycles
    without a gap is then decomposed by robust STL instead, whose season may change slowly. No
    mean and no cycle is ever taken across a gap.

    Effects work on many series at once. The assumption that most often fails: the season must add
    to the level; where it multiplies, pass logarithms. Autocorrelated noise makes the F test find
    a season somewhat too often, hence the strict level.

    Args:
        values: Shape (..., n), the metric's unit; NaN marks a gap. Periods must be equally spaced.
        period: Periods in a cycle: 7 for days, 12 for months, 52 for weeks.
        alpha: Level of the test.

    Raises:
        DataError: If a cycle has fewer than two periods.

    References:
        Cleveland et al. (1990), Journal of Official Statistics 6, 3-73.

    Examples:
        >>> days = [5.0, 5, 5, 5, 5, 9, 9] * 5
        >>> result = seasonal_adjustment(days, 7)
        >>> result.means, result.seasonal[:7].round(2).tolist()
        (('effects',), [-1.14, -1.14, -1.14, -1.14, -1.14, 2.86, 2.86])
    """
    series = as_series(values)
    if period < 2:
        raise DataError(f"A cycle of {period} periods has no season.", "Give 7, 12 or 52, say.")
    n = series.shape[-1]
    effects, p_value = _effects(series, period)
    found = p_value < alpha
    seasonal = np.where(found[..., None], effects[..., np.arange(n) % period], 0.0)
    means: list[Means] = ["effects" if f else "none" for f in np.ravel(found)]
    whole = series.ndim == 1 and not np.isnan(series).any()
    if whole and found and n >= CYCLES_FOR_STL * period:
        seasonal = np.asarray(STL(series, period=period, seasonal=13, robust=True).fit().seasonal)
        means = ["stl"]
    reason: list[Reason] = [
        "season_removed" if f else "too_short" if np.isnan(p) else "no_season_found"
        for f, p in zip(np.ravel(found), np.ravel(p_value), strict=True)
    ]
    return SeasonalAdjustment(
        adjusted=series - seasonal,
        seasonal=seasonal,
        means=tuple(means),
        reason=tuple(reason),
        p_value=p_value,
    )
