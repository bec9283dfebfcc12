"""The verdict in one sentence."""

from __future__ import annotations

from opsbook.results.effect import Comparison, Design, Verdict
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.text import Quantity, Statement, Term, say, term

WORDS: dict[Verdict, Term] = {
    "effective": term("Effective"),
    "ineffective": term("Not effective"),
    "harmful": term("Harmful"),
    "cannot_tell": term("The data cannot tell"),
}

AGAINST_CONTROLS = say(
    "{verdict}: {kpi} moved {effect} against the controls; the naive comparison says {naive}."
)
ON_AVERAGE = say(
    "{verdict}: {kpi} moved {effect} on average off its own past; the naive comparison says "
    "{naive}."
)
OFF_ITS_PAST = say(
    "{verdict}: {kpi} stepped {effect} off its own past; the naive comparison says {naive}."
)


def headline(
    context: Context,
    verdict: Verdict,
    design: Design,
    comparison: Comparison | None,
    measured: Measurements,
) -> Statement:
    """The verdict, the net effect and, beside it, the naive one."""
    metric, best = context.project.metric, measured.best
    if best is None:
        return say(
            "{verdict}: the effect on {kpi} could not be measured.",
            verdict=WORDS[verdict],
            kpi=metric.name,
        )
    if design.chosen == "before_after" and comparison is not None:
        return say(
            "{verdict}: {kpi} went from {before} to {after} ({change}); before/after only.",
            verdict=WORDS[verdict],
            kpi=metric.name,
            before=Quantity(value=comparison.before.value, unit=metric.value_unit),
            after=Quantity(value=comparison.after.value, unit=metric.value_unit),
            change=change(context, best.effect),
        )
    if measured.naive is None or design.grade == "A":
        return say(
            "{verdict}: {kpi} changed {effect} in the treatment arm, against the control arm.",
            verdict=WORDS[verdict],
            kpi=metric.name,
            effect=change(context, best.effect),
        )
    told = OFF_ITS_PAST
    if design.grade == "B":
        told = AGAINST_CONTROLS
    elif measured.interrupted is not None and measured.interrupted.slope is not None:
        told = ON_AVERAGE
    return Statement(
        message=told.message,
        values={
            "verdict": WORDS[verdict],
            "kpi": metric.name,
            "effect": change(context, best.effect),
            "naive": change(context, measured.naive.estimate.effect),
        },
    )


def change(context: Context, value: float) -> Quantity:
    """A change of the metric, with its sign and unit."""
    return Quantity(value=value, unit=context.project.metric.change_unit, signed=True)
