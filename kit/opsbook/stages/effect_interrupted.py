"""The effect as a break in the unit's own series."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from opsbook.data.metric_series import Floats
from opsbook.methods.effect.count_interrupted_series import count_interrupted_series
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_gls
from opsbook.methods.effect.mean_difference import as_ratio
from opsbook.methods.effect.newey_west import newey_west
from opsbook.methods.effect.prais_winsten import prais_winsten
from opsbook.methods.effect.segmented_ols import segmented_ols
from opsbook.methods.effect.state_space import state_space
from opsbook.methods.estimate import Estimate
from opsbook.project.metric import Metric
from opsbook.results.effect_measured import Interrupted
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import in_unit, params_of, tried, units_without
from opsbook.stages.effect_one_series import one_series
from opsbook.stages.windows import around_launch, launch_date, value_of


def interrupted(context: Context) -> Interrupted | None:
    """The effect as a break in the unit's own series, or None where it cannot be told.

    A single control enters as a covariate, beside those of the params. Where the trend may change
    too, the effect is the mean over the window after.
    """
    params, series = params_of(context), one_series(context)
    values, time, launch = series.values, series.time, series.launch
    season, covariates = series.season, series.covariates
    model: dict[str, Any] = {"launch": launch, "time": time, "covariates": covariates}
    model["model"] = params.model
    found = tried(lambda: covariance_averaged_gls(values, **model))
    if found is None:
        return None
    shapes: list[Callable[..., Any]] = [segmented_ols, newey_west, prais_winsten, state_space]
    peers = [tried(functools.partial(method, values, **model)) for method in shapes]
    ratio = None
    if series.counts is not None:
        counts, exposure = series.counts
        counted = tried(lambda: count_interrupted_series(counts, exposure=exposure, **model))
        ratio = None if counted is None else counted.average
    elif (values[np.isfinite(values)] > 0).all():
        logs = tried(lambda: covariance_averaged_gls(np.log(values), **model))
        ratio = None if logs is None else as_ratio(logs.average)
    seen = np.isfinite(values)
    with_control = params.controls is not None and len(units_without(context)) == 1
    return Interrupted(
        estimate=in_unit(context, found.average),
        grade="C",
        slope=None if found.slope is None else in_unit(context, found.slope),
        ratio=ratio,
        peers=tuple(in_unit(context, peer.average) for peer in peers if peer is not None),
        history=series.history,
        n_before=int((seen & (time < launch)).sum()),
        n_after=int((seen & (time >= launch)).sum()),
        season=season,
        autocorrelation=_autocorrelation(values, time, launch, covariates),
        with_control=with_control,
    )


def step_of(context: Context, metric: Metric) -> Estimate:
    """The change of another metric in the unit's own series, by the model of the main one.

    Raises:
        DataError: If the series does not allow it.
    """
    series = one_series(context, metric)
    return covariance_averaged_gls(
        series.values,
        launch=series.launch,
        time=series.time,
        model=params_of(context).model,
        covariates=series.covariates,
    ).average


def before_level(context: Context) -> float:
    """The metric over the window before the launch."""
    params = params_of(context)
    before, _ = around_launch(context.series(), params, launch_date(params))
    return value_of(before).value


def at_level_before(context: Context, ratio: Estimate | None) -> Estimate | None:
    """A ratio as the change that it makes of the level before the launch."""
    if ratio is None:
        return None
    level = before_level(context)

    def change(by: float | None) -> float | None:
        return None if by is None else level * (by - 1)

    return in_unit(
        context,
        dataclasses.replace(
            ratio,
            effect=level * (ratio.effect - 1),
            lower=change(ratio.lower),
            upper=change(ratio.upper),
            scale="difference",
        ),
    )


def _autocorrelation(
    values: Floats, time: NDArray[np.int64], launch: int, covariates: Floats | None
) -> float | None:
    """Correlation of neighbouring residuals, a line, a step and the covariates taken out."""
    columns = [np.ones(time.size), time.astype(float), (time >= launch).astype(float)]
    design = np.column_stack(columns if covariates is None else [*columns, covariates])
    seen = np.isfinite(values)
    if seen.sum() <= design.shape[1] + 2:
        return None
    fitted = design[seen] @ np.linalg.lstsq(design[seen], values[seen])[0]
    left = np.full(time.size, np.nan)
    left[seen] = values[seen] - fitted
    pairs = left[1:] * left[:-1]
    total = float(np.nansum(left**2))
    if total <= 0 or not np.isfinite(pairs).any():
        return None
    return float(np.nanmean(pairs) / (total / seen.sum()))
