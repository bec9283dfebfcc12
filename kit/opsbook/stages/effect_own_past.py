"""Fake launches in one series' own past, by the rule that the verdict takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from opsbook.data.metric_series import Floats
from opsbook.methods.effect.count_interrupted_series import count_interrupted_series
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_launches
from opsbook.methods.effect.directed_claim import Claim, directed_claim
from opsbook.methods.effect.fake_launches import (
    PERIODS_AFTER,
    PERIODS_BEFORE,
    FakeLaunches,
    LaunchMethod,
    Times,
    fake_launches,
    launch_by_launch,
)
from opsbook.methods.estimate import Estimate
from opsbook.results.effect import FakeLaunch, ReceiptLine
from opsbook.stages.context import Context
from opsbook.stages.effect_interrupted import at_level_before, before_level
from opsbook.stages.effect_measures import params_of, tried
from opsbook.stages.effect_one_series import OneSeries, season_of
from opsbook.text import Period

#: An interval of 90 % leaves 5 % on the wanted side, as the verdict's rule does.
CONFIDENCE = 0.9
#: So many dates are worth fewer periods after each.
FEWEST_DATES = 5
#: Fake launches kept for the figure.
SHOWN_AT_MOST = 200


def past_by_values(context: Context, series: OneSeries, aim: float | None) -> ReceiptLine | None:
    """Fake launches at every date of the series' own past, by the interrupted series."""
    metric, model = context.project.metric, params_of(context).model
    at = {int(time): place for place, time in enumerate(series.time)}

    def method(values: Floats, time: Times, launches: Sequence[int]) -> list[Estimate]:
        rows = [at[int(each)] for each in time]
        season = season_of(time, context.tables.kpi.grain)
        columns = np.column_stack([season, series.beside[rows]])
        found = covariance_averaged_launches(
            values,
            launches=launches,
            time=time,
            model=model,
            covariates=columns if columns.shape[1] else None,
            confidence=CONFIDENCE,
        )
        return [each.average for each in found]

    target = aim if aim is not None else (1.0 if metric.better == "higher" else -1.0)
    found = tried(lambda: _faked(series, method, target=target))
    if found is None:
        return None
    return _line_of(context, series, found, found.estimates, found.detectable, aim)


def past_by_counts(context: Context, series: OneSeries, aim: float | None) -> ReceiptLine | None:
    """Fake launches in the own past by the ratio of counts, told at the level before the launch."""
    if series.counts is None:
        return None
    counts, exposure = series.counts
    past = slice(0, series.launch)
    at = {int(time): place for place, time in enumerate(series.time[past])}

    def method(values: Floats, time: Times, launch: int) -> Estimate:
        rows = [at[int(each)] for each in time]
        season = season_of(time, context.tables.kpi.grain)
        columns = np.column_stack([season, series.beside[rows]])
        return count_interrupted_series(
            values,
            launch=launch,
            time=time,
            exposure=exposure[rows],
            model=params_of(context).model,
            covariates=columns if columns.shape[1] else None,
            confidence=CONFIDENCE,
        ).average

    better = context.project.metric.better
    level = before_level(context)
    target = 1 + aim / level if aim is not None and level > 0 and aim > -level else None
    found = tried(
        lambda: _faked(
            dataclasses.replace(series, values=counts),
            launch_by_launch(method),
            target=target if target is not None else (2.0 if better == "higher" else 0.5),
        )
    )
    if found is None:
        return None
    told = [each for each in (at_level_before(context, e) for e in found.estimates) if each]
    detectable = None if found.detectable is None else abs(found.detectable - 1) * level
    return _line_of(context, series, found, told, detectable, aim if target is not None else None)


def _faked(series: OneSeries, method: LaunchMethod, *, target: float) -> FakeLaunches:
    """A method at the dates of the series' past that leave as much after as the real launch.

    Where the past is too short for that, fake launches have fewer periods after them.
    """
    past = slice(0, series.launch)
    after, before = (
        int(np.isfinite(side).sum())
        for side in (series.values[series.launch :], series.values[past])
    )
    room = max(PERIODS_AFTER, before - PERIODS_BEFORE - FEWEST_DATES + 1)
    return fake_launches(
        series.values[past],
        method,
        time=series.time[past],
        target=target,
        periods_after=min(max(after, 1), PERIODS_AFTER * 3, room),
    )


def _line_of(
    context: Context,
    series: OneSeries,
    found: FakeLaunches,
    estimates: Sequence[Estimate],
    detectable: float | None,
    aim: float | None,
) -> ReceiptLine:
    """A line of the receipt from fake launches in the own past."""
    claims = [directed_claim(each, better=context.project.metric.better) for each in estimates]
    fakes = [
        FakeLaunch(
            period=Period(start=series.periods[launch], grain=context.tables.kpi.grain),
            unit=None,
            effect=each.effect,
            claim=claim,
        )
        for launch, each, claim in zip(found.launches, estimates, claims, strict=True)
    ]
    return ReceiptLine(
        where="own_past",
        n=len(fakes),
        effective=share_of(claims, "improved"),
        harmful=share_of(claims, "worsened"),
        power=None if aim is None else found.power,
        detectable=detectable,
        launches=tuple(fakes[-SHOWN_AT_MOST:]),
    )


def share_of(claims: Sequence[Claim], wanted: Claim) -> float:
    """The share of fake launches that make a claim."""
    return float(np.mean([claim == wanted for claim in claims]))
