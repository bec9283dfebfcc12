"""What else moved: guardrails against their margins, further metrics with chance held down."""

from __future__ import annotations

import dataclasses

from opsbook.methods.effect.benjamini_hochberg import benjamini_hochberg
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.noninferiority import noninferiority
from opsbook.methods.estimate import Estimate
from opsbook.project.metric import Guardrail, Metric
from opsbook.results import Grade
from opsbook.results.effect import GuardrailCheck, GuardrailStatus, MetricCheck, SideEffects
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_experiment import in_the_arms
from opsbook.stages.effect_interrupted import step_of
from opsbook.stages.effect_measures import params_of, tried, units_without
from opsbook.stages.windows import around_launch, launch_date, naive_change, stacked, value_of

STATUS: dict[str, GuardrailStatus] = {
    "held": "safe",
    "broken": "harmed",
    "unclear": "cannot_tell",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Change:
    """How another metric changed, with its levels without and with the change."""

    estimate: Estimate
    before: float
    after: float
    grade: Grade


def side_effects(context: Context, measured: Measurements) -> SideEffects:
    """Guardrails by non-inferiority, further metrics by Benjamini and Hochberg.

    Measured like the main metric: between the arms of an experiment, else against the controls,
    else in the own series. What the arms of an experiment do not hold is not measured at all: in
    the periods around the launch both arms are mixed, which would hide a harm.
    """
    also, guardrails = params_of(context).also, context.project.metric.guardrails
    further = [_change_of(context, measured, metric) for metric in also]
    family = [None if measured.best is None else measured.best.p_value]
    family += [None if change is None else change.estimate.p_value for change in further]
    adjusted = benjamini_hochberg(family)
    return SideEffects(
        guardrails=tuple(
            _guardrail(rail, _change_of(context, measured, rail)) for rail in guardrails
        ),
        metrics=tuple(
            MetricCheck(
                name=metric.name,
                estimate=None if change is None else _in(metric, change.estimate),
                adjusted=adjusted.adjusted[place],
                shown=adjusted.rejected[place],
            )
            for place, (metric, change) in enumerate(zip(also, further, strict=True), start=1)
        ),
    )


def _change_of(context: Context, measured: Measurements, metric: Metric) -> _Change | None:
    """The change of another metric, or None where nothing tells it."""
    if measured.grade == "A":
        arms = in_the_arms(context, metric)
        if arms is None:
            return None
        return _Change(
            estimate=arms.difference, before=arms.levels[0], after=arms.levels[1], grade="A"
        )
    if measured.naive is None:
        return None
    params, launch = params_of(context), launch_date(params_of(context))
    before, after = around_launch(context.series(metric), params, launch)
    estimate = naive_change(before, after).estimate
    grade: Grade = "D"
    against = _against_controls(context, metric)
    alone = None
    if params.controls is None:
        alone = tried(lambda: step_of(context, metric))
    if against is not None:
        estimate, grade = against, "B"
    elif alone is not None:
        estimate, grade = alone, "C"
    return _Change(
        estimate=estimate,
        before=value_of(before).value,
        after=value_of(after).value,
        grade=grade,
    )


def _against_controls(context: Context, metric: Metric) -> Estimate | None:
    """The change beyond that of the units without the change, where there are two or more."""
    params = params_of(context)
    if params.controls is None or len(units_without(context)) < 2:
        return None
    panel = context.peers(params.controls, metric)
    units = {name: one for name, one in panel.items() if name not in params.launches}
    above, below, after = stacked(
        {"": context.series(metric), **units}, params, launch_date(params)
    )
    found = tried(lambda: difference_in_differences(above, below, treated=0, after=after))
    return None if found is None else found.estimate


def _guardrail(rail: Guardrail, change: _Change | None) -> GuardrailCheck:
    status: GuardrailStatus = "cannot_tell"
    if change is not None:
        judged = noninferiority(change.estimate, margin=rail.margin, better=rail.better)
        status = STATUS[judged.verdict]
        if status == "cannot_tell" and judged.worse:
            status = "worse"
    return GuardrailCheck(
        name=rail.name,
        unit=rail.value_unit,
        change_unit=rail.change_unit,
        before=None if change is None else change.before,
        after=None if change is None else change.after,
        estimate=None if change is None else _in(rail, change.estimate),
        grade=None if change is None else change.grade,
        margin=rail.margin,
        status=status,
    )


def _in(metric: Metric, estimate: Estimate) -> Estimate:
    """An estimate with the unit of a change of its metric."""
    return dataclasses.replace(estimate, unit=metric.change_unit)
