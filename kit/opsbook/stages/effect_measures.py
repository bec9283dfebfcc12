"""The effect measured in every way that the data allow."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from opsbook.data import MetricSeries
from opsbook.data.cube import Floats, pool
from opsbook.errors import DataError
from opsbook.methods.effect.count_interrupted_series import count_interrupted_series
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_gls
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.error_seasonality import error_seasonality
from opsbook.methods.effect.mean_difference import as_ratio
from opsbook.methods.effect.newey_west import newey_west
from opsbook.methods.effect.placebo_rank import PlaceboRank, placebo_rank
from opsbook.methods.effect.prais_winsten import prais_winsten
from opsbook.methods.effect.segmented_ols import segmented_ols
from opsbook.methods.effect.staggered_adoption import staggered_adoption
from opsbook.methods.effect.state_space import state_space
from opsbook.methods.effect.synthetic_control import synthetic_control
from opsbook.methods.effect.synthetic_difference_in_differences import (
    synthetic_difference_in_differences,
)
from opsbook.methods.estimate import Estimate
from opsbook.project.effect import EffectSection
from opsbook.project.metric import Metric
from opsbook.results.effect import (
    Controlled,
    CrossCheck,
    Interrupted,
    Measured,
    PlaceboUnit,
    Staggered,
    StaggeredLaunch,
)
from opsbook.stages.context import Context
from opsbook.stages.windows import around_launch, launch_date, naive_change, stacked, value_of
from opsbook.text import Grain, Period

Found = TypeVar("Found")
#: Periods in a cycle; 1 where a period is a whole cycle.
SEASON: dict[Grain, int] = {"day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}


def params_of(context: Context) -> EffectSection:
    """The section `effect`, which is there when the stage is due."""
    return cast("EffectSection", context.project.effect)


def in_unit(context: Context, estimate: Estimate) -> Estimate:
    """An estimate with the unit of a change of the metric."""
    return dataclasses.replace(estimate, unit=context.project.metric.change_unit)


def naive(context: Context) -> Measured:
    """Before and after, as everybody would compare them: grade D, whatever it shows."""
    params = params_of(context)
    before, after = around_launch(context.series(), params, launch_date(params))
    return Measured(estimate=in_unit(context, naive_change(before, after).estimate), grade="D")


def controlled(context: Context) -> Controlled | None:
    """The change beyond the controls' change, ranked among launches that never happened.

    None where there are fewer than two controls.
    """
    params = params_of(context)
    panel = units_without(context)
    if len(panel) < 2:
        return None
    launch = launch_date(params)
    units = {"": context.series(), **panel}
    above, below, after = stacked(units, params, launch)
    difference = difference_in_differences(above, below, treated=0, after=after)
    placebo = tried(lambda: placebo_rank(above, below, treated=0, after=after))
    logs = None
    if difference.ratio is not None:
        logs = tried(lambda: placebo_rank(above, below, treated=0, after=after, scale="log"))
    names = list(panel)
    first, last = (side.periods for side in around_launch(context.series(), params, launch))
    return Controlled(
        estimate=in_unit(context, difference.estimate),
        grade="B",
        controls=pool(panel).between(first[0], last[-1]).record(),
        controls_change=difference.control_change,
        placebos=tuple(
            PlaceboUnit(unit=names[position - 1], effect=effect)
            for position, effect in zip(placebo.controls, placebo.placebos, strict=True)
        )
        if placebo
        else (),
        rank=placebo.rank if placebo else None,
        p_value=placebo.estimate.p_value if placebo else None,
        ratio=None if difference.ratio is None else difference.ratio.effect,
        ratio_rank=None if logs is None else logs.rank,
        ratio_p_value=None if difference.ratio is None else difference.ratio.p_value,
        scales_disagree=_disagree(difference.estimate, placebo, difference.ratio, logs),
        relative=difference.relative,
        cross_checks=_cross_checks(context, units),
    )


def interrupted(context: Context) -> Interrupted | None:
    """The effect as a break in the unit's own series, or None where it cannot be told.

    A single control enters as a covariate.
    """
    params, series = params_of(context), one_series(context)
    values, time, launch = series.values, series.time, series.launch
    season, covariates = series.season, series.covariates
    model: dict[str, Any] = {"launch": launch, "time": time, "covariates": covariates}
    found = tried(lambda: covariance_averaged_gls(values, **model))
    if found is None:
        return None
    shapes: list[Callable[..., Any]] = [segmented_ols, newey_west, prais_winsten, state_space]
    peers = [tried(functools.partial(method, values, **model)) for method in shapes]
    ratio = None
    if series.counts is not None:
        counts, exposure = series.counts
        counted = tried(lambda: count_interrupted_series(counts, exposure=exposure, **model))
        ratio = None if counted is None else counted.step
    elif (values[np.isfinite(values)] > 0).all():
        logs = tried(lambda: covariance_averaged_gls(np.log(values), **model))
        ratio = None if logs is None else as_ratio(logs.step)
    seen = np.isfinite(values)
    with_control = params.controls is not None and len(units_without(context)) == 1
    return Interrupted(
        estimate=in_unit(context, found.step),
        grade="C",
        ratio=ratio,
        peers=tuple(in_unit(context, peer.step) for peer in peers if peer is not None),
        history=series.history,
        n_before=int((seen & (time < launch)).sum()),
        n_after=int((seen & (time >= launch)).sum()),
        season=season,
        autocorrelation=_autocorrelation(values, time, launch, covariates),
        with_control=with_control,
    )


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


def staggered(context: Context) -> Staggered | None:
    """A roll-out that reached units at different dates, or None where there is none."""
    params = params_of(context)
    if not params.launches or params.controls is None:
        return None
    focus = context.project.data.kpi.focus[params.controls.dimension]
    panel = context.tables.kpi.panel(
        context.project.metric, params.controls.dimension, context.project.data.kpi.focus
    )
    dates = {name: when.first for name, when in params.launches.items()}
    if unknown := sorted(set(dates) - set(panel)):
        raise DataError(
            f"effect.launches names '{unknown[0]}'; there are: {', '.join(panel)}.",
            "Correct the unit's name.",
        )
    dates |= {str(name): launch_date(params) for name in _as_tuple(focus)}
    without = set(units_without(context)) - set(dates)
    units = {name: one for name, one in panel.items() if name in without | set(dates)}
    periods = next(iter(units.values())).periods
    first = [
        next((i for i, day in enumerate(periods) if day >= dates[name]), None)
        if name in dates
        else None
        for name in units
    ]
    values = np.array([one.value for one in units.values()])
    found = tried(lambda: staggered_adoption(values, launched=first, controls="not_yet"))
    if found is None:
        return None
    grain = context.tables.kpi.grain
    return Staggered(
        estimate=in_unit(context, found.simple),
        grade="B",
        launches=tuple(
            StaggeredLaunch(
                launched=Period(start=periods[index], grain=grain),
                units=tuple(n for n, start in zip(units, first, strict=True) if start == index),
                estimate=in_unit(context, estimate),
            )
            for index, estimate in found.by_launch
        ),
        controls=len(without),
    )


def units_without(context: Context) -> Mapping[str, MetricSeries]:
    """The units without the change; none where the params name none."""
    params = params_of(context)
    if params.controls is None:
        return {}
    found = context.peers(params.controls)
    return {name: one for name, one in found.items() if name not in params.launches}


def tried(method: Callable[[], Found]) -> Found | None:
    """What a method finds, or None where it refuses the data: it is one view of several."""
    try:
        return method()
    except DataError:
        return None


@dataclasses.dataclass(frozen=True, kw_only=True)
class OneSeries:
    """The unit's own series, numbered, with what else moves it.

    Attributes:
        values: The metric, shape (n,), NaN where missing.
        time: Position of each period, shape (n,).
        launch: Position of the first period after the launch.
        counts: Numerators and denominators where the metric counts events, else None.
        covariates: Season and control, shape (n, k), or None.
        season: Columns of the season.
        history: First period.
        periods: First days, as many as values.
    """

    values: Floats
    time: NDArray[np.int64]
    launch: int
    counts: tuple[Floats, Floats] | None
    covariates: Floats | None
    season: int
    history: Period
    periods: tuple[Any, ...]


def step_of(context: Context, metric: Metric) -> Estimate:
    """The step of another metric in the unit's own series.

    Raises:
        DataError: If the series does not allow it.
    """
    series = one_series(context, metric)
    return covariance_averaged_gls(
        series.values, launch=series.launch, time=series.time, covariates=series.covariates
    ).step


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
    length = SEASON[series.grain]
    season = error_seasonality(time, length) if length > 1 else np.empty((time.size, 0))
    columns = [season]
    panel = units_without(context)
    if len(panel) == 1:
        beside = next(iter(panel.values())).between(first, after.periods[-1]).value
        known = np.isfinite(beside)
        values = np.where(known, values, np.nan)
        columns.append(np.where(known, beside, np.nanmean(beside))[:, None])
    covariates = np.column_stack(columns)
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
        covariates=covariates if covariates.shape[1] else None,
        season=season.shape[1],
        history=Period(start=series.periods[0], grain=series.grain),
        periods=series.periods,
    )


def _cross_checks(context: Context, units: Mapping[str, MetricSeries]) -> tuple[CrossCheck, ...]:
    """The synthetic designs, matched on twice the periods of the window before."""
    above, below, after = history_panel(context, units)
    found = []
    matched = tried(lambda: synthetic_control(above, below, treated=0, after=after))
    if matched is not None:
        found.append(CrossCheck(estimate=in_unit(context, matched.estimate), fit=matched.fit_ratio))
    weighted = tried(
        lambda: synthetic_difference_in_differences(above, below, treated=0, after=after)
    )
    if weighted is not None:
        found.append(CrossCheck(estimate=in_unit(context, weighted.estimate)))
    return tuple(found)


def history_panel(
    context: Context, units: Mapping[str, MetricSeries]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Units × periods, with twice the window before: a match needs more past than a mean."""
    params = params_of(context)
    longer = params
    if params.before is None:
        before, _ = around_launch(next(iter(units.values())), params, launch_date(params))
        longer = params.model_copy(update={"periods": 2 * len(before.periods)})
        after = around_launch(next(iter(units.values())), params, launch_date(params))[1]
        above, below, mask = stacked(units, longer, launch_date(params))
        keep = np.cumsum(mask) <= len(after.periods)
        return above[:, keep], below[:, keep], mask[keep]
    return stacked(units, params, launch_date(params))


def _disagree(
    points: Estimate,
    rank: PlaceboRank | None,
    ratio: Estimate | None,
    ratio_rank: PlaceboRank | None,
) -> bool:
    """Whether one scale shows a change in its direction and the other does not."""
    if ratio is None or rank is None or ratio_rank is None:
        return False

    def shown(estimate: Estimate, placebo: PlaceboRank) -> bool:
        return (
            estimate.p_value is not None and estimate.p_value / 2 <= 0.05 and placebo.rank <= 0.05
        )

    return (points.effect > 0) != (ratio.effect > 1) or shown(points, rank) != shown(
        ratio, ratio_rank
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


def _as_tuple(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
