"""Stage 4: did it work, and could the data tell if it had not?"""

from __future__ import annotations

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.estimate import Estimate
from opsbook.results import Grade
from opsbook.results.effect import Check, Comparison, Design, EffectResult, Receipt, SideEffects
from opsbook.results.effect_measured import Measurements
from opsbook.stages import (
    effect_checks,
    effect_controlled,
    effect_design,
    effect_interrupted,
    effect_measures,
    effect_receipt,
    effect_side_effects,
    effect_staggered,
    effect_synthetic,
    effect_verdict,
)
from opsbook.stages.context import Context
from opsbook.stages.effect_experiment import randomised
from opsbook.stages.effect_measures import (
    params_of,
)
from opsbook.stages.effect_units import unit_effects
from opsbook.stages.windows import around_launch, launch_date, value_of
from opsbook.text import Period, Quantity, Statement, say


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
    controlled = effect_controlled.controlled(context) if has_windows else None
    interrupted = effect_interrupted.interrupted(context) if has_windows else None
    trial = randomised(context)
    staggered = effect_staggered.staggered(context) if has_windows else None
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
            controlled = effect_synthetic.synthetic(context, design.chosen, controlled)
            best = None if controlled is None else controlled.estimate
        case "covariance_averaged_gls" if interrupted is not None:
            best = interrupted.estimate
        case "count_interrupted_series" if interrupted is not None:
            best = effect_interrupted.at_level_before(context, interrupted.ratio)
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
    return effect_side_effects.side_effects(context, measured)


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
    early = np.array([day < launch for day in series.periods])
    sides = [series.value[side & np.isfinite(series.value)] for side in (early, ~early)]
    if all(side.size and np.ptp(side) == 0 for side in sides):
        return say(
            "The metric is the same in all periods before the launch, and in all after: there is "
            "no noise to judge the change by."
        )
    return say(
        "Periods with data: {before} before the launch, {after} after; the design chosen needs "
        "more, or its units do not vary.",
        before=Quantity(value=sides[0].size, unit="count"),
        after=Quantity(value=sides[1].size, unit="count"),
    )
