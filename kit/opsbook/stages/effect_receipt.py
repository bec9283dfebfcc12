"""The receipt: what the verdict's rule says where nothing was launched."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from typing import cast

import numpy as np

from opsbook.data import MetricSeries
from opsbook.data.metric_series import Floats
from opsbook.methods.effect.covariance_periods_needed import covariance_periods_needed
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.directed_claim import directed_claim
from opsbook.methods.effect.fake_treatment import (
    POWER,
    RANK_LIMIT,
    FakeTreatment,
    fake_treatment,
    further_periods,
    further_units,
    needed_improvement,
    one_against_many_error,
)
from opsbook.methods.effect.minimum_detectable_effect import minimum_detectable_effect
from opsbook.methods.effect.placebo_claims import placebo_claims
from opsbook.methods.effect.placebo_rank import placebo_rank
from opsbook.methods.estimate import Estimate
from opsbook.results.effect import FakeLaunch, Receipt, ReceiptLine
from opsbook.results.effect_measured import Controlled, Measurements
from opsbook.results.plan import Forecast as Promise
from opsbook.results.solutions import SolutionsResult
from opsbook.stages.context import Context
from opsbook.stages.effect_interrupted import before_level
from opsbook.stages.effect_measures import params_of, tried, units_without
from opsbook.stages.effect_one_series import one_series
from opsbook.stages.effect_own_past import (
    CONFIDENCE,
    SHOWN_AT_MOST,
    past_by_counts,
    past_by_values,
    share_of,
)
from opsbook.stages.windows import around_launch, launch_date, stacked
from opsbook.text import Period, Statement, say

#: A share of fewer fake launches says nothing.
FEWEST_LAUNCHES = 5


def receipt(context: Context, measured: Measurements) -> Receipt:
    """Fake launches over the controls and in the unit's own past, and the smallest effect seen."""
    aim, source = _aim(context, measured)
    lines: list[ReceiptLine] = []
    best = measured.best
    detectable = None
    periods = units = users = None
    if best is not None and measured.controlled is not None and measured.grade == "B":
        if best.method.startswith("synthetic"):
            played = [_over_placebos(context, measured.controlled, aim)]
        else:
            played = [_over_controls(context, aim), _own_past(context, aim)]
        lines += [line for line in played if line]
        seen = _settling(best, lines)
        if aim is not None and seen is not None:
            units = further_units(controls=len(units_without(context)), seen=seen, aim=aim)
            periods = _further_periods(context, seen, aim)
    elif measured.interrupted is not None and measured.grade == "C":
        series = one_series(context)
        counted = best is not None and best.method == "count_interrupted_series"
        line = (past_by_counts if counted else past_by_values)(context, series, aim)
        lines += [line] if line is not None else []
        if aim is not None and not counted and params_of(context).model == "step":
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
        if measured.randomised is not None and measured.grade == "A" and detectable and aim:
            there = sum(arm.users for arm in measured.randomised.arms)
            users = max(0, math.ceil(there * ((detectable / aim) ** 2 - 1)))
    return Receipt(
        lines=tuple(lines),
        unit=context.project.metric.change_unit,
        aim=aim,
        aim_source=source,
        detectable=detectable,
        more_periods=periods,
        more_units=units,
        more_users=users,
    )


def forecast_of(context: Context) -> Promise | None:
    """What the chosen options promised, as stage 3 saved it; None where it saved nothing."""
    saved = cast("SolutionsResult | None", context.upstream.get("solutions"))
    return None if saved is None else saved.forecast


def level_before(context: Context, measured: Measurements) -> float | None:
    """The level that the target is to be reached from."""
    if measured.randomised is not None and measured.grade == "A":
        return measured.randomised.arms[0].level
    return before_level(context)


def way_to_target(context: Context, measured: Measurements) -> float | None:
    """The change from the level before to the target; None without one, or where it was met."""
    metric, before = context.project.metric, level_before(context, measured)
    if metric.target is None or before is None:
        return None
    way = metric.target - before
    wanted = way > 0 if metric.better == "higher" else way < 0
    return way if wanted else None


def _aim(context: Context, measured: Measurements) -> tuple[float | None, Statement | None]:
    """The smallest change that matters, and where that comes from."""
    params, metric = params_of(context), context.project.metric
    if params.aim is not None:
        return params.aim, say("stated in effect.aim")
    sign = 1 if metric.better == "higher" else -1
    found: list[tuple[float, Statement]] = []
    promised, way = forecast_of(context), way_to_target(context, measured)
    if promised is not None and promised.mode * sign > 0:
        found.append((promised.mode, say("the forecast of what was chosen")))
    if way is not None:
        found.append((way, say("the way to the target")))
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
    return None if found is None else _played(found, panel)


def _over_placebos(
    context: Context, controlled: Controlled, aim: float | None
) -> ReceiptLine | None:
    """Each control's placebo of a synthetic design, ranked among those of the others."""
    better = context.project.metric.better
    found = tried(
        lambda: placebo_claims(
            [one.effect for one in controlled.placebos],
            better_is_higher=better == "higher",
            aim=aim,
        )
    )
    return None if found is None else _played(found, [one.unit for one in controlled.placebos])


def _played(found: FakeTreatment, names: Iterable[str]) -> ReceiptLine:
    """A line of the receipt from units that played the treated one."""
    return ReceiptLine(
        where="controls",
        n=len(found.effects),
        effective=share_of(found.claims, "improved"),
        harmful=share_of(found.claims, "worsened"),
        power=found.power,
        detectable=found.detectable,
        launches=tuple(
            FakeLaunch(period=None, unit=name, effect=effect, claim=claim)
            for name, effect, claim in zip(names, found.effects, found.claims, strict=True)
        ),
    )


def _own_past(context: Context, aim: float | None) -> ReceiptLine | None:
    """The same comparison at every date of the past that leaves both windows before the launch.

    Windows that hold a known intervention are passed over: a change there is no false alarm.
    """
    params, metric = params_of(context), context.project.metric
    units = {"": context.series(), **units_without(context)}
    before, after = around_launch(units[""], params, launch_date(params))
    n_before, n_after = len(before.periods), len(after.periods)
    above, below = _panel(units)
    end = units[""].periods.index(after.periods[0])
    periods, ends = units[""].periods, units[""].ends
    interventions = [e.start.start for e in context.events if e.kind == "intervention"]
    grain, launches, needed = context.tables.kpi.grain, [], []
    for start in range(n_before, end - n_after + 1):
        window = slice(start - n_before, start + n_after)
        if any(periods[window.start] < day < ends[window.stop - 1] for day in interventions):
            continue
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
    if len(launches) < FEWEST_LAUNCHES:
        return None
    claims = [one.claim for one in launches]
    return ReceiptLine(
        where="own_past",
        n=len(launches),
        effective=share_of(claims, "improved"),
        harmful=share_of(claims, "worsened"),
        power=None if aim is None else float(np.mean(abs(aim) >= np.array(needed))),
        detectable=max(float(np.quantile(needed, POWER, method="inverted_cdf")), 0.0),
        launches=tuple(launches[-SHOWN_AT_MOST:]),
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
