"""Stage 4: did it work, and could the data tell if it had not?"""

from __future__ import annotations

import dataclasses

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.effect.benjamini_hochberg import benjamini_hochberg
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.noninferiority import noninferiority
from opsbook.methods.effect.synthetic_control import synthetic_control
from opsbook.methods.effect.synthetic_difference_in_differences import (
    synthetic_difference_in_differences,
)
from opsbook.methods.estimate import Estimate
from opsbook.project.metric import Guardrail, Metric
from opsbook.results import Grade
from opsbook.results.effect import (
    Check,
    Comparison,
    Design,
    EffectResult,
    GuardrailCheck,
    GuardrailStatus,
    Measurements,
    MetricCheck,
    Receipt,
    SideEffects,
)
from opsbook.stages import (
    effect_checks,
    effect_design,
    effect_measures,
    effect_receipt,
    effect_verdict,
)
from opsbook.stages.context import Context
from opsbook.stages.effect_experiment import randomised
from opsbook.stages.effect_measures import (
    at_level_before,
    history_panel,
    in_unit,
    params_of,
    tried,
    units_without,
)
from opsbook.stages.effect_units import unit_effects
from opsbook.stages.windows import around_launch, launch_date, naive_change, stacked, value_of
from opsbook.text import Period, Quantity, Statement, say

STATUS: dict[str, GuardrailStatus] = {
    "held": "safe",
    "broken": "harmed",
    "unclear": "cannot_tell",
}


def design(context: Context) -> Design:
    """How the effect is measured, what was passed over, and whether the plan was kept."""
    return effect_design.choose(context)


def comparison(context: Context) -> Comparison | None:
    """The windows before and after the launch, with the events that fall into them.

    None only for an experiment whose metric has no history around the launch.
    """
    params, series = params_of(context), context.series()
    launch = launch_date(params)
    try:
        before, after = around_launch(series, params, launch)
    except DataError:
        if params.experiment is None:
            raise
        return None
    first, last = before.periods[0], after.periods[-1]
    return Comparison(
        series=series.between(first, last).record(),
        launched=Period(start=launch),
        before=value_of(before),
        after=value_of(after),
        events=tuple(
            event
            for event in context.events
            if event.start.start <= last and (event.end is None or event.end.start >= first)
        ),
    )


def measure(context: Context, design: Design) -> Measurements:
    """The effect by the chosen design, beside the naive figure and the other designs."""
    has_windows = comparison(context) is not None
    naive = effect_measures.naive(context) if has_windows else None
    controlled = effect_measures.controlled(context) if has_windows else None
    interrupted = effect_measures.interrupted(context) if has_windows else None
    trial = randomised(context)
    staggered = effect_measures.staggered(context) if has_windows else None
    best: Estimate | None = None
    relative: float | None = None
    grade: Grade = design.grade
    match design.chosen:
        case "randomised" if trial is not None:
            best, relative = trial.estimate, trial.relative.effect if trial.relative else None
        case "staggered_adoption" if staggered is not None:
            best = staggered.estimate
        case "difference_in_differences" if controlled is not None:
            best, relative = controlled.estimate, controlled.relative
        case "synthetic_control" | "synthetic_difference_in_differences":
            best = _synthetic(context, design.chosen)
        case "covariance_averaged_gls" if interrupted is not None:
            best = interrupted.estimate
        case "count_interrupted_series" if interrupted is not None:
            best = at_level_before(context, interrupted.ratio)
            relative = None if interrupted.ratio is None else interrupted.ratio.effect - 1
        case "before_after" if naive is not None:
            best = naive.estimate
    if best is not None and relative is None and has_windows:
        relative = _relative(context, best)
    return Measurements(
        naive=naive,
        controlled=controlled,
        interrupted=interrupted,
        randomised=trial,
        staggered=staggered,
        best=best,
        grade=grade,
        relative=relative,
        units=unit_effects(context) if has_windows else (),
        missing=None if best is not None else _missing(context),
    )


def receipt(context: Context, measured: Measurements) -> Receipt:
    """How often this very rule is wrong on these very data, and how small an effect it sees."""
    return effect_receipt.receipt(context, measured)


def checks(
    context: Context,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
) -> tuple[Check, ...]:
    """The report card: what is fine, what to look at, what leaves no verdict standing."""
    return effect_checks.checks(context, design, comparison, measured, receipt)


def side_effects(context: Context, measured: Measurements) -> SideEffects:
    """Guardrails against their margins, and further metrics with chance held down."""
    if measured.naive is None:
        return SideEffects()
    further = [_change_of(context, metric) for metric in params_of(context).also]
    family = [None if measured.best is None else measured.best.p_value]
    family += [estimate.p_value for estimate in further]
    adjusted = benjamini_hochberg(family)
    return SideEffects(
        guardrails=tuple(_guardrail(context, rail) for rail in context.project.metric.guardrails),
        metrics=tuple(
            MetricCheck(
                name=metric.name,
                estimate=dataclasses.replace(estimate, unit=metric.change_unit),
                adjusted=adjusted.adjusted[i + 1],
                shown=adjusted.rejected[i + 1],
            )
            for i, (metric, estimate) in enumerate(
                zip(params_of(context).also, further, strict=True)
            )
        ),
    )


def conclude(
    context: Context,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
    receipt: Receipt,
    checks: tuple[Check, ...],
    side_effects: SideEffects,
) -> EffectResult:
    """The verdict, as strong as its evidence and no stronger."""
    return effect_verdict.conclude(
        context, design, comparison, measured, receipt, checks, side_effects
    )


def run(context: Context) -> EffectResult:
    """All steps of the stage, as its notebook takes them."""
    plan = design(context)
    windows = comparison(context)
    measured = measure(context, plan)
    paid = receipt(context, measured)
    card = checks(context, plan, windows, measured, paid)
    others = side_effects(context, measured)
    return conclude(context, plan, windows, measured, paid, card, others)


def _synthetic(context: Context, name: str) -> Estimate | None:
    """The synthetic design, its p-value that of the rank among placebos in its direction."""
    units = {"": context.series(), **units_without(context)}
    above, below, after = history_panel(context, units)
    matched = tried(lambda: synthetic_control(above, below, treated=0, after=after))
    found = (
        matched
        if name == "synthetic_control"
        else tried(
            lambda: synthetic_difference_in_differences(above, below, treated=0, after=after)
        )
    )
    if found is None or found.placebo is None:
        return None
    both_sides = min(1.0, 2 * found.placebo.p_value_one_sided)
    return in_unit(context, dataclasses.replace(found.estimate, p_value=both_sides))


def _relative(context: Context, estimate: Estimate) -> float | None:
    """The effect as a share of the level expected without it."""
    params = params_of(context)
    _, after = around_launch(context.series(), params, launch_date(params))
    expected = value_of(after).value - estimate.effect
    return estimate.effect / expected if expected > 0 else None


def _missing(context: Context) -> Statement:
    """Why nothing could be measured."""
    series = context.series()
    known = series.value[np.isfinite(series.value)]
    if known.size and np.ptp(known) == 0:
        return say("The metric is the same in all its periods: nothing can be compared.")
    params = params_of(context)
    launch = launch_date(params)
    before = sum(day < launch for day in series.periods)
    return say(
        "There are {before} periods before the launch and {after} after; the design chosen needs "
        "more, or its units do not vary.",
        before=Quantity(value=before, unit="count"),
        after=Quantity(value=len(series.periods) - before, unit="count"),
    )


def _change_of(context: Context, metric: Metric) -> Estimate:
    """The change of another metric, measured like the main one where there are controls."""
    params, launch = params_of(context), launch_date(params_of(context))
    if params.controls is not None and len(units_without(context)) > 1:
        panel = context.peers(params.controls, metric)
        touched = set(params.launches)
        units = {n: one for n, one in panel.items() if n not in touched}
        above, below, mask = stacked({"": context.series(metric), **units}, params, launch)
        found = tried(lambda: difference_in_differences(above, below, treated=0, after=mask))
        if found is not None:
            return found.estimate
    before, after = around_launch(context.series(metric), params, launch)
    if params.controls is None:
        alone = tried(lambda: effect_measures.step_of(context, metric))
        if alone is not None:
            return alone
    return naive_change(before, after).estimate


def _guardrail(context: Context, rail: Guardrail) -> GuardrailCheck:
    params = params_of(context)
    before, after = around_launch(context.series(rail), params, launch_date(params))
    estimate = _change_of(context, rail)
    judged = noninferiority(estimate, margin=rail.margin, better=rail.better)
    status = STATUS[judged.verdict]
    if status == "cannot_tell" and judged.worse:
        status = "worse"
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
