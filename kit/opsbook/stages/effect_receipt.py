"""The receipt: what the verdict's rule says where nothing was launched."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import cast

import numpy as np

from opsbook.data import MetricSeries
from opsbook.data.cube import Floats
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_launches
from opsbook.methods.effect.covariance_periods_needed import covariance_periods_needed
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.directed_claim import Claim, directed_claim
from opsbook.methods.effect.error_seasonality import error_seasonality
from opsbook.methods.effect.fake_launches import PERIODS_AFTER, Times, fake_launches
from opsbook.methods.effect.fake_treatment import (
    RANK_LIMIT,
    fake_treatment,
    further_periods,
    further_units,
    needed_improvement,
    one_against_many_error,
)
from opsbook.methods.effect.minimum_detectable_effect import minimum_detectable_effect
from opsbook.methods.effect.placebo_rank import placebo_rank
from opsbook.methods.estimate import Estimate
from opsbook.project.solutions import EffectGuess
from opsbook.results.effect import FakeLaunch, Measurements, Receipt, ReceiptLine
from opsbook.results.solutions import SolutionsResult
from opsbook.stages.context import Context
from opsbook.stages.effect_measures import (
    SEASON,
    OneSeries,
    one_series,
    params_of,
    tried,
    units_without,
)
from opsbook.stages.windows import around_launch, launch_date, stacked, value_of
from opsbook.text import Period, Statement, say

#: An interval of 90 % leaves 5 % on the wanted side, as the verdict's rule does.
CONFIDENCE = 0.9
#: Fake launches kept for the figure.
SHOWN_AT_MOST = 200


def receipt(context: Context, measured: Measurements) -> Receipt:
    """Fake launches over the controls and in the unit's own past, and the smallest effect seen."""
    aim, source = _aim(context, measured)
    lines: list[ReceiptLine] = []
    best = measured.best
    detectable = None
    periods = units = None
    if best is not None and measured.controlled is not None and measured.grade == "B":
        lines += [line for line in (_over_controls(context, aim), _own_past(context, aim)) if line]
        seen = _settling(best, lines)
        if aim is not None and seen is not None:
            units = further_units(controls=len(units_without(context)), seen=seen, aim=aim)
            periods = _further_periods(context, seen, aim)
    elif measured.interrupted is not None and measured.grade == "C":
        series = one_series(context)
        lines += [line for line in (_alone(context, series, aim),) if line]
        if aim is not None:
            periods = tried(
                lambda: covariance_periods_needed(
                    series.values,
                    launch=series.launch,
                    target=aim,
                    time=series.time,
                    covariates=series.covariates,
                    confidence=CONFIDENCE,
                )
            )
    if lines:
        detectable = lines[0].detectable
    elif best is not None and best.lower is not None and best.upper is not None:
        detectable = tried(lambda: minimum_detectable_effect(best))
    return Receipt(
        lines=tuple(lines),
        unit=context.project.metric.change_unit,
        aim=aim,
        aim_source=source,
        detectable=detectable,
        more_periods=periods,
        more_units=units,
    )


def forecast_of(context: Context) -> tuple[tuple[str, ...], EffectGuess | None]:
    """The options that were carried out and what they promised together."""
    solutions = context.project.solutions
    if solutions is None:
        return (), None
    chosen: tuple[str, ...] = ()
    saved = cast("SolutionsResult | None", context.upstream.get("solutions"))
    if solutions.decision is not None:
        chosen = solutions.decision.chosen
    elif saved is not None and saved.choice is not None:
        chosen = saved.choice.chosen
    promised = [o for o in solutions.options if o.id in chosen and o.effect is not None]
    guesses = [option.effect for option in promised if option.effect is not None]
    if not guesses:
        return (), None
    return tuple(option.title for option in promised), EffectGuess(
        low=sum(g.low for g in guesses),
        mode=sum(g.mode for g in guesses),
        high=sum(g.high for g in guesses),
    )


def level_before(context: Context, measured: Measurements) -> float | None:
    """The level that the target is to be reached from."""
    if measured.randomised is not None and measured.grade == "A":
        return measured.randomised.arms[0].level
    params = params_of(context)
    before, _ = around_launch(context.series(), params, launch_date(params))
    return value_of(before).value


def _aim(context: Context, measured: Measurements) -> tuple[float | None, Statement | None]:
    """The smallest change that matters, and where that comes from."""
    params, metric = params_of(context), context.project.metric
    if params.aim is not None:
        return params.aim, say("stated in effect.aim")
    sign = 1 if metric.better == "higher" else -1
    found: list[tuple[float, Statement]] = []
    _, promised = forecast_of(context)
    if promised is not None and promised.mode * sign > 0:
        found.append((promised.mode, say("the forecast of what was chosen")))
    before = level_before(context, measured)
    if metric.target is not None and before is not None and (metric.target - before) * sign > 0:
        found.append((metric.target - before, say("the way to the target")))
    if not found:
        return None, None
    return min(found, key=lambda one: abs(one[0]))


def _over_controls(context: Context, aim: float | None) -> ReceiptLine | None:
    """Each control plays the treated unit, over the real windows."""
    panel, params = units_without(context), params_of(context)
    metric = context.project.metric
    above, below, after = stacked(panel, params, launch_date(params))
    found = tried(
        lambda: fake_treatment(
            above, below, after=after, better_is_higher=metric.better == "higher", aim=aim
        )
    )
    if found is None:
        return None
    return ReceiptLine(
        where="controls",
        n=len(found.effects),
        effective=_share(found.claims, "improved"),
        harmful=_share(found.claims, "worsened"),
        power=found.power,
        detectable=found.detectable,
        launches=tuple(
            FakeLaunch(period=None, unit=name, effect=effect, claim=claim)
            for name, effect, claim in zip(panel, found.effects, found.claims, strict=True)
        ),
    )


def _own_past(context: Context, aim: float | None) -> ReceiptLine | None:
    """The same comparison at every date of the past that leaves both windows before the launch."""
    params, metric = params_of(context), context.project.metric
    units = {"": context.series(), **units_without(context)}
    before, after = around_launch(units[""], params, launch_date(params))
    n_before, n_after = len(before.periods), len(after.periods)
    above, below = _panel(units)
    end = units[""].periods.index(after.periods[0])
    grain, launches, needed = context.tables.kpi.grain, [], []
    for start in range(n_before, end - n_after + 1):
        window = slice(start - n_before, start + n_after)
        mask = np.arange(n_before + n_after) >= n_before
        compare = functools.partial(
            difference_in_differences, above[:, window], below[:, window], treated=0, after=mask
        )
        found = tried(compare)
        if found is None or found.estimate.lower is None:
            continue
        estimate = found.estimate
        claim = directed_claim(estimate, better=metric.better)
        if claim != "nothing":
            rank = tried(
                functools.partial(
                    placebo_rank, above[:, window], below[:, window], treated=0, after=mask
                )
            )
            if rank is None or rank.rank > RANK_LIMIT:
                claim = "nothing"
        launches.append(
            FakeLaunch(
                period=Period(start=units[""].periods[start], grain=grain),
                unit=None,
                effect=estimate.effect,
                claim=claim,
            )
        )
        needed.append(needed_improvement(estimate, better_is_higher=metric.better == "higher"))
    if not launches:
        return None
    claims = [one.claim for one in launches]
    return ReceiptLine(
        where="own_past",
        n=len(launches),
        effective=_share(claims, "improved"),
        harmful=_share(claims, "worsened"),
        power=None if aim is None else float(np.mean(abs(aim) >= np.array(needed))),
        detectable=max(float(np.quantile(needed, 0.8, method="higher")), 0.0),
        launches=tuple(launches[-SHOWN_AT_MOST:]),
    )


def _alone(context: Context, series: OneSeries, aim: float | None) -> ReceiptLine | None:
    """Fake launches at every date of the series' own past, by the interrupted series."""
    metric = context.project.metric
    past = slice(0, series.launch)
    after = int(np.isfinite(series.values[series.launch :]).sum())
    length = SEASON[context.tables.kpi.grain]

    def method(values: Floats, time: Times, launches: Sequence[int]) -> list[Estimate]:
        season = error_seasonality(time, length) if length > 1 else np.empty((time.size, 0))
        found = covariance_averaged_launches(
            values,
            launches=launches,
            time=time,
            covariates=season if season.shape[1] else None,
            confidence=CONFIDENCE,
        )
        return [each.step for each in found]

    target = aim if aim is not None else (1.0 if metric.better == "higher" else -1.0)
    found = tried(
        lambda: fake_launches(
            series.values[past],
            method,
            time=series.time[past],
            target=target,
            periods_after=min(max(after, 1), PERIODS_AFTER * 3),
        )
    )
    if found is None:
        return None
    claims = [directed_claim(each, better=metric.better) for each in found.estimates]
    fakes = [
        FakeLaunch(
            period=Period(start=series.periods[launch], grain=context.tables.kpi.grain),
            unit=None,
            effect=each.effect,
            claim=claim,
        )
        for launch, each, claim in zip(found.launches, found.estimates, claims, strict=True)
    ]
    return ReceiptLine(
        where="own_past",
        n=len(fakes),
        effective=_share(claims, "improved"),
        harmful=_share(claims, "worsened"),
        power=None if aim is None else found.power,
        detectable=found.detectable,
        launches=tuple(fakes[-SHOWN_AT_MOST:]),
    )


def _settling(best: Estimate, lines: Sequence[ReceiptLine]) -> float | None:
    """The size that this comparison either shows or excludes."""
    sizes = [line.detectable for line in lines[:1] if line.detectable is not None]
    freedom = max(best.n - 2, 1)
    found = tried(lambda: minimum_detectable_effect(best, freedom=freedom))
    return max([*sizes, *([] if found is None else [found])], default=None)


def _further_periods(context: Context, seen: float, aim: float) -> int | None:
    """Periods after the launch that would show the aim, by how the error shrank in the past."""
    params = params_of(context)
    units = {"": context.series(), **units_without(context)}
    before, after = around_launch(units[""], params, launch_date(params))
    n_before, n_after = len(before.periods), len(after.periods)
    above, below = _panel(units)
    end = units[""].periods.index(after.periods[0])
    errors: list[float] = []
    for more in range(end - n_before - n_after + 1):
        squares = []
        for start in range(n_before, end - n_after - more + 1, max(1, n_after // 2)):
            window = slice(start - n_before, start + n_after + more)
            mask = np.arange(n_before + n_after + more) >= n_before
            compare = functools.partial(
                difference_in_differences,
                above[:, window],
                below[:, window],
                treated=0,
                after=mask,
            )
            found = tried(compare)
            if found is not None and found.estimate.lower is not None:
                squares.append(one_against_many_error(found.estimate) ** 2)
        if not squares:
            break
        errors.append(math.sqrt(float(np.mean(squares))))
    return further_periods(errors, seen=seen, aim=aim) if errors and errors[0] > 0 else None


def _panel(units: dict[str, MetricSeries]) -> tuple[Floats, Floats]:
    above = np.array([one.numerator * one.scale for one in units.values()])
    return above, np.array([one.denominator for one in units.values()])


def _share(claims: Sequence[Claim], wanted: Claim) -> float:
    return float(np.mean([claim == wanted for claim in claims]))
