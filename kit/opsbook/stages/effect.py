"""Stage 4: did it work, and could the data tell if it had not?"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from opsbook.data import MetricSeries
from opsbook.data.cube import Floats, pool
from opsbook.errors import DataError
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.placebo_rank import placebo_rank
from opsbook.project.effect import EffectSection
from opsbook.project.metric import Guardrail
from opsbook.results.effect import (
    Comparison,
    Controlled,
    EffectResult,
    GuardrailCheck,
    GuardrailStatus,
    Measured,
    PlaceboUnit,
)
from opsbook.stages import effect_verdict
from opsbook.stages.context import Context
from opsbook.stages.windows import around_launch, naive_change, value_of
from opsbook.text import Period

FEWEST_CONTROLS = 2
BOTH = 2


def comparison(context: Context) -> Comparison:
    """The windows before and after the launch, with the events that fall into them."""
    series = context.series()
    before, after = _windows(context, series)
    shown = series.between(before.periods[0], after.periods[-1])
    first, last = before.periods[0], after.periods[-1]
    return Comparison(
        series=shown.record(),
        launched=Period(start=_launch(context)),
        before=value_of(before),
        after=value_of(after),
        events=tuple(
            event
            for event in context.events
            if event.start.start <= last and (event.end is None or event.end.start >= first)
        ),
    )


def naive(context: Context) -> Measured:
    """Before and after, as everybody would compare them: grade D, whatever it shows."""
    before, after = _windows(context, context.series())
    unit = context.project.metric.change_unit
    estimate = naive_change(before, after).estimate
    return Measured(estimate=dataclasses.replace(estimate, unit=unit), grade="D")


def controlled(context: Context) -> Controlled | None:
    """The change beyond the controls' change, ranked among launches that never happened.

    None where the params name no controls.
    """
    peers = _params(context).controls
    if peers is None:
        return None
    panel = context.peers(peers)
    if len(panel) < FEWEST_CONTROLS:
        raise DataError(
            f"effect.controls leaves {len(panel)} control; a placebo test needs {FEWEST_CONTROLS}.",
            "Exclude fewer, or leave effect.controls out.",
        )
    units = {"": context.series(), **panel}
    above, below, after = _stacked(context, units)
    difference = difference_in_differences(above, below, treated=0, after=after)
    placebo = placebo_rank(above, below, treated=0, after=after)
    logs = None
    if difference.ratio is not None:
        logs = placebo_rank(above, below, treated=0, after=after, scale="log")
    names = list(panel)
    controls = pool(panel)
    first, last = (w.periods for w in _windows(context, context.series()))
    return Controlled(
        estimate=dataclasses.replace(
            difference.estimate,
            unit=context.project.metric.change_unit,
        ),
        grade="B",
        controls=controls.between(first[0], last[-1]).record(),
        controls_change=difference.control_change,
        placebos=tuple(
            PlaceboUnit(unit=names[position - 1], effect=effect)
            for position, effect in zip(placebo.controls, placebo.placebos, strict=True)
        ),
        rank=placebo.rank,
        p_value=placebo.estimate.p_value,
        ratio=None if difference.ratio is None else difference.ratio.effect,
        ratio_rank=None if logs is None else logs.rank,
    )


def guardrails(context: Context) -> tuple[GuardrailCheck, ...]:
    """Whether the change harmed something else: each guardrail against its margin."""
    return tuple(_guardrail(context, rail) for rail in context.project.metric.guardrails)


def conclude(
    context: Context,
    comparison: Comparison,
    naive: Measured,
    controlled: Controlled | None,
    guardrails: tuple[GuardrailCheck, ...],
) -> EffectResult:
    """The verdict, as strong as its evidence and no stronger."""
    return effect_verdict.conclude(context, comparison, naive, controlled, guardrails)


def run(context: Context) -> EffectResult:
    """All steps of the stage, as its notebook takes them."""
    return conclude(
        context, comparison(context), naive(context), controlled(context), guardrails(context)
    )


def _params(context: Context) -> EffectSection:
    return cast("EffectSection", context.project.effect)


def _launch(context: Context) -> dt.date:
    launched = _params(context).launched
    if launched is None:
        raise DataError("The params give no launch date.", "Fill in effect.launched.")
    return launched.first


def _windows(context: Context, series: MetricSeries) -> tuple[MetricSeries, MetricSeries]:
    return around_launch(series, _params(context), _launch(context))


def _stacked(
    context: Context, units: Mapping[str, MetricSeries]
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Units × periods of both windows, numerators scaled so that a cell is in the unit."""
    cut = {name: _windows(context, series) for name, series in units.items()}
    before, after = next(iter(cut.values()))
    mask = np.array([False] * len(before.periods) + [True] * len(after.periods))
    above = [[*(b.numerator * b.scale), *(a.numerator * a.scale)] for b, a in cut.values()]
    below = [[*b.denominator, *a.denominator] for b, a in cut.values()]
    return np.array(above), np.array(below), mask


def _guardrail(context: Context, rail: Guardrail) -> GuardrailCheck:
    before, after = _windows(context, context.series(rail))
    peers = _params(context).controls
    if peers is None:
        estimate = naive_change(before, after).estimate
    else:
        units = {"": context.series(rail), **context.peers(peers, rail)}
        above, below, mask = _stacked(context, units)
        estimate = difference_in_differences(above, below, treated=0, after=mask).estimate
    worse = 1 if rail.better == "lower" else -1
    limits = [limit * worse for limit in (estimate.lower, estimate.upper) if limit is not None]
    status: GuardrailStatus = "cannot_tell"
    if len(limits) == BOTH:
        if max(limits) < rail.margin:
            status = "safe"
        elif min(limits) > 0:
            status = "harmed"
    return GuardrailCheck(
        name=rail.name,
        unit=rail.value_unit,
        change_unit=rail.change_unit,
        before=value_of(before).value,
        after=value_of(after).value,
        estimate=dataclasses.replace(estimate, unit=rail.change_unit),
        margin=rail.margin,
        status=status,
    )
