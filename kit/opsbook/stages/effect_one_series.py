"""The unit's own series, numbered, with what else moves it."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsbook.data.metric_series import Floats
from opsbook.methods.effect.error_seasonality import error_seasonality
from opsbook.project.metric import Metric
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import params_of, units_without
from opsbook.stages.windows import around_launch, launch_date
from opsbook.text import Grain, Period

#: Periods in a cycle; 1 where a period is a whole cycle.
SEASON: dict[Grain, int] = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}


@dataclasses.dataclass(frozen=True, kw_only=True)
class OneSeries:
    """The unit's own series, numbered, with what else moves it.

    Attributes:
        values: The metric, shape (n,), NaN where missing.
        time: Position of each period, shape (n,).
        launch: Position of the first period after the launch.
        counts: Numerators and denominators where the metric counts events, else None.
        beside: What else moves it, a single control and the covariates of the params, shape
            (n, m).
        covariates: Season and what stands beside, shape (n, k), or None.
        season: Columns of the season.
        history: First period.
        periods: First days, as many as values.
    """

    values: Floats
    time: NDArray[np.int64]
    launch: int
    counts: tuple[Floats, Floats] | None
    beside: Floats
    covariates: Floats | None
    season: int
    history: Period
    periods: tuple[Any, ...]


def one_series(context: Context, metric: Metric | None = None) -> OneSeries:
    """The unit's own series up to the end of the window after, from the params' first period on."""
    params, whole = params_of(context), context.series(metric)
    before, after = around_launch(whole, params, launch_date(params))
    first = params.before.start.first if params.before else None
    series = whole.between(first, after.periods[-1])
    launch = series.periods.index(after.periods[0])
    time = np.arange(len(series.periods))
    values = series.value.copy()
    # What lies between the windows belongs to neither: a launch period left out, a roll-out.
    values[series.periods.index(before.periods[-1]) + 1 : launch] = np.nan
    others = [context.series(covariate) for covariate in params.covariates]
    panel = units_without(context)
    if len(panel) == 1:
        others += panel.values()
    columns = []
    for other in others:
        column = other.between(first, after.periods[-1]).value
        known = np.isfinite(column)
        values = np.where(known, values, np.nan)
        columns.append(np.where(known, column, np.nanmean(column) if known.any() else 0.0))
    seen = np.isfinite(values)
    told = season_of(time[seen], series.grain) if seen.any() else np.empty((0, 0))
    season = np.zeros((time.size, told.shape[1]))
    season[seen] = told
    beside = np.column_stack(columns) if columns else np.empty((time.size, 0))
    covariates = np.column_stack([season, beside])
    counts = None
    present = np.isfinite(series.numerator)
    whole_numbers = (series.numerator[present] % 1 == 0).all()
    if series.is_ratio and whole_numbers:
        above = np.where(np.isfinite(values), series.numerator, np.nan)
        counts = above, np.where(series.denominator > 0, series.denominator, 1.0)
    return OneSeries(
        values=values,
        time=time,
        launch=launch,
        counts=counts,
        beside=beside,
        covariates=covariates if covariates.shape[1] else None,
        season=season.shape[1],
        history=Period(start=series.periods[0], grain=series.grain),
        periods=series.periods,
    )


def season_of(time: NDArray[np.int64], grain: Grain) -> Floats:
    """The columns that take the season of these periods out; none where there is none to tell."""
    length = SEASON[grain]
    return error_seasonality(time, length) if length > 1 else np.empty((time.size, 0))
