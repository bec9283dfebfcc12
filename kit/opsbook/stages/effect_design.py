"""How to measure an effect: what the shape of the data allows, and what was passed over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from opsbook.methods.effect.segmented_series import PERIODS_BEFORE
from opsbook.project.effect import DesignName, EffectSection
from opsbook.results import Grade
from opsbook.results.effect import Design, DesignOption
from opsbook.stages.context import Context
from opsbook.stages.registration import registration
from opsbook.stages.windows import launch_date
from opsbook.text import Quantity, Statement, Term, say, term

#: Strongest evidence first; the first that the data allow is chosen.
GRADES: dict[DesignName, Grade] = {
    "randomised": "A",
    "staggered_adoption": "B",
    "difference_in_differences": "B",
    "synthetic_difference_in_differences": "B",
    "synthetic_control": "B",
    "covariance_averaged_gls": "C",
    "count_interrupted_series": "C",
    "before_after": "D",
}
WORDS: dict[str, Term] = {
    "randomised": term("randomised comparison (A/B)"),
    "staggered_adoption": term("staggered roll-out"),
    "difference_in_differences": term("difference-in-differences"),
    "synthetic_difference_in_differences": term("synthetic difference-in-differences"),
    "synthetic_control": term("synthetic control"),
    "covariance_averaged_gls": term("interrupted time series"),
    "count_interrupted_series": term("interrupted time series of counts"),
    "before_after": term("before/after"),
}
FEWEST_CONTROLS = 2
#: Below so many events a period, before or after, their scatter depends on their level.
FEW_EVENTS = 10.0


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the data look like, as far as the choice of a design depends on it.

    Attributes:
        events: Mean events a period, on the side of the launch that has fewer; None if the metric
            counts none.
    """

    experiment: bool
    launches: int
    controls: int
    before: int
    after: int
    events: float | None


def choose(context: Context) -> Design:
    """Choose how to measure, with the reason and what was passed over.

    A randomised comparison outranks controls, controls outrank a single series, and a bare
    before/after comparison is never chosen: it is only what is left. The user may fix the
    design; then the reason is theirs.
    """
    params = cast("EffectSection", context.project.effect)
    shape = _shape(context, params)
    possible = {name: why_not(name, shape) for name in GRADES}
    best = next(name for name, reason in possible.items() if reason is None)
    chosen = params.design or best
    reason = _reason(chosen, shape)
    if params.design is not None:
        reason = say("Fixed in the params, without a reason.")
        if params.design_reason:
            reason = say("Fixed in the params: {reason}", reason=params.design_reason)
    return Design(
        chosen=chosen,
        grade=GRADES[chosen],
        reason=reason,
        fixed=params.design is not None,
        rejected=tuple(
            DesignOption(design=name, reason=possible[name] or _passed_over(name, chosen, shape))
            for name in GRADES
            if name != chosen
        ),
        registration=registration(context.project, context.run_dir, before_data=shape.after == 0),
    )


def why_not(name: DesignName, shape: Shape) -> Statement | None:
    """Why the data do not allow a design, or None where they do."""
    controls = Quantity(value=shape.controls, unit="count")
    match name:
        case "randomised" if not shape.experiment:
            return say("No randomised comparison is named (effect.experiment).")
        case "staggered_adoption" if not shape.launches:
            return say("One unit and one launch date only (effect.launches names no other).")
        case "difference_in_differences" if shape.controls < FEWEST_CONTROLS:
            return say("It needs 2 units without the change; there are {n}.", n=controls)
        case "synthetic_control" | "synthetic_difference_in_differences" if (
            shape.controls < FEWEST_CONTROLS
        ):
            return say("It needs 2 units without the change; there are {n}.", n=controls)
        case "covariance_averaged_gls" | "count_interrupted_series" if (
            shape.before < PERIODS_BEFORE
        ):
            return say(
                "It needs {needed} periods before the launch; there are {n}.",
                needed=Quantity(value=PERIODS_BEFORE, unit="count"),
                n=Quantity(value=shape.before, unit="count"),
            )
        case "covariance_averaged_gls" if shape.events and shape.events < FEW_EVENTS:
            return say(
                "Only {n} events a period on one side of the launch: their scatter depends on "
                "their level.",
                n=Quantity(value=shape.events, digits=1),
            )
        case "count_interrupted_series" if shape.events is None:
            return say("The metric is no count of events over something.")
        case "count_interrupted_series" if not shape.events:
            return say("On one side of the launch there is no event: there is no ratio.")
    return None


def _shape(context: Context, params: EffectSection) -> Shape:
    series, launch = context.series(), launch_date(params)
    known = np.isfinite(series.value)
    late = np.array([day >= launch for day in series.periods])
    first = params.before.start.first if params.before else None
    early = ~late & np.array([first is None or day >= first for day in series.periods])
    sides = [series.numerator[side] for side in (known & early, known & late) if side.any()]
    counted = series.is_ratio and all((side % 1 == 0).all() for side in sides)
    events = min((float(side.mean()) for side in sides), default=None) if counted else None
    return Shape(
        experiment=params.experiment is not None,
        launches=len(params.launches),
        controls=0 if params.controls is None else len(context.peers(params.controls)),
        before=int((known & early).sum()),
        after=int((known & late).sum()),
        events=events,
    )


def _reason(chosen: DesignName, shape: Shape) -> Statement:
    controls = Quantity(value=shape.controls, unit="count")
    match chosen:
        case "randomised":
            return say("Users were assigned at random: nothing else can tell the arms apart.")
        case "staggered_adoption":
            return say(
                "The change reached {n} further units at dates of their own.",
                n=Quantity(value=shape.launches, unit="count"),
            )
        case "difference_in_differences":
            return say("{n} units without the change show what happened to everybody.", n=controls)
        case "covariance_averaged_gls":
            return say(
                "One series with {n} periods before the launch; its own past tells how it wanders.",
                n=Quantity(value=shape.before, unit="count"),
            )
        case "count_interrupted_series":
            return say(
                "One series of few events a period: they are compared as counts, by their ratio."
            )
        case _:
            return say("There are neither controls nor a history: nothing better is possible.")


def _passed_over(name: DesignName, chosen: DesignName, shape: Shape) -> Statement:
    """Why a design that the data allow was not taken."""
    if name == "before_after":
        return say("It holds everything else that happened; shown as the naive figure only.")
    if list(GRADES).index(name) < list(GRADES).index(chosen):
        return say("The data allow it; the params fix another.")
    if name in {"synthetic_control", "synthetic_difference_in_differences"}:
        if chosen == "difference_in_differences":
            return say("Its weights are fitted to the past; shown as a cross-check.")
        return say("Weaker evidence, or more assumptions, than the design chosen.")
    if name == "count_interrupted_series" and chosen == "covariance_averaged_gls":
        return say("Shown beside it, as a ratio.")
    if name == "covariance_averaged_gls" and shape.controls >= FEWEST_CONTROLS:
        return say("One series cannot take out what happened to everybody; shown for comparison.")
    return say("Weaker evidence, or more assumptions, than the design chosen.")
