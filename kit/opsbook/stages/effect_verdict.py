"""The verdict on a change: never stronger than its evidence."""

from __future__ import annotations

from opsbook.methods.estimate import Estimate
from opsbook.results import Caution, Finding, Form, FormField, Tone
from opsbook.results.effect import (
    Comparison,
    Controlled,
    EffectResult,
    GuardrailCheck,
    Measured,
    Verdict,
)
from opsbook.stages.context import Context
from opsbook.stages.kick_off import as_it_is
from opsbook.text import Quantity, Statement, Term, say, term

#: A placebo rank above this is what launches that never happened bring about.
RANK_LIMIT = 0.05
#: A launch that leaves less than this of its period under the change dilutes nothing.
SLIVER = 0.1
WORDS: dict[Verdict, Term] = {
    "effective": term("Effective"),
    "ineffective": term("No effect found"),
    "harmful": term("Harmful"),
    "cannot_tell": term("The data cannot tell"),
}
TONES: dict[Verdict, Tone] = {
    "effective": "good",
    "ineffective": "warn",
    "harmful": "bad",
    "cannot_tell": "unknown",
}
GUARDRAIL_WORDS = {
    "safe": term("not harmed"),
    "harmed": term("harmed"),
    "cannot_tell": term("the data cannot tell"),
}


def conclude(
    context: Context,
    comparison: Comparison,
    naive: Measured,
    controlled: Controlled | None,
    guardrails: tuple[GuardrailCheck, ...],
) -> EffectResult:
    """Weigh the estimates; without controls an effect needs to be far beyond its interval.

    With controls the interval and the placebo rank must agree. Without, a before/after
    comparison is all there is: its verdict is capped by its evidence grade.
    """
    verdict = _verdict(context, naive, controlled)
    best = controlled.estimate if controlled else naive.estimate
    attainment = _attainment(context, comparison, best)
    return EffectResult(
        project=context.project.project.id,
        headline=_headline(context, verdict, comparison, naive, controlled),
        tone=TONES[verdict],
        verdict=verdict,
        findings=_findings(context, comparison, naive, controlled, guardrails),
        cautions=_cautions(comparison, naive, controlled, guardrails),
        forms=(_form(context, verdict, comparison, naive, controlled, guardrails, attainment),),
        comparison=comparison,
        naive=naive,
        controlled=controlled,
        guardrails=guardrails,
        attainment=attainment,
        provenance=context.provenance,
    )


def _verdict(context: Context, naive: Measured, controlled: Controlled | None) -> Verdict:
    estimate = controlled.estimate if controlled else naive.estimate
    shown = estimate.excludes_zero
    if controlled is not None:
        shown = shown and controlled.rank <= RANK_LIMIT
    if not shown:
        return "cannot_tell"
    improved = (estimate.effect > 0) == (context.project.metric.better == "higher")
    return "effective" if improved else "harmful"


def _attainment(context: Context, comparison: Comparison, estimate: Estimate) -> float | None:
    """Share of the way from the level before to the target that the effect went."""
    target = context.project.metric.target
    if target is None or target == comparison.before.value:
        return None
    return estimate.effect / (target - comparison.before.value)


def _headline(
    context: Context,
    verdict: Verdict,
    comparison: Comparison,
    naive: Measured,
    controlled: Controlled | None,
) -> Statement:
    metric = context.project.metric
    if controlled is None:
        return say(
            "{verdict}: {kpi} went from {before} to {after} ({change}); before/after only.",
            verdict=WORDS[verdict],
            kpi=metric.name,
            before=Quantity(value=comparison.before.value, unit=metric.value_unit),
            after=Quantity(value=comparison.after.value, unit=metric.value_unit),
            change=_change(context, naive.estimate.effect),
        )
    return say(
        "{verdict}: {kpi} moved {effect} against the controls; the naive comparison says {naive}.",
        verdict=WORDS[verdict],
        kpi=metric.name,
        effect=_change(context, controlled.estimate.effect),
        naive=_change(context, naive.estimate.effect),
    )


def _findings(
    context: Context,
    comparison: Comparison,
    naive: Measured,
    controlled: Controlled | None,
    guardrails: tuple[GuardrailCheck, ...],
) -> tuple[Finding, ...]:
    unit = context.project.metric.value_unit
    findings = [
        Finding(
            id="naive",
            statement=say(
                "Before/after alone: {before} to {after}, {change}.",
                before=Quantity(value=comparison.before.value, unit=unit),
                after=Quantity(value=comparison.after.value, unit=unit),
                change=_change(context, naive.estimate.effect),
            ),
            estimate=naive.estimate,
            grade=naive.grade,
        )
    ]
    if controlled is not None:
        findings.append(
            Finding(
                id="controlled",
                statement=say(
                    "Against {n} units without the change: {effect}; they moved {controls} "
                    "meanwhile.",
                    n=Quantity(value=len(controlled.placebos), unit="count"),
                    effect=_change(context, controlled.estimate.effect),
                    controls=_change(context, controlled.controls_change),
                ),
                estimate=controlled.estimate,
                grade=controlled.grade,
            )
        )
        further = round(controlled.rank * len(controlled.placebos))
        findings.append(
            Finding(
                id="placebo",
                statement=say(
                    "Placebo test: {further} of {n} units without the change moved as far in that "
                    "direction by themselves (rank {rank}).",
                    further=Quantity(value=further, unit="count"),
                    n=Quantity(value=len(controlled.placebos), unit="count"),
                    rank=Quantity(value=controlled.rank, digits=2),
                ),
                grade=controlled.grade,
            )
        )
    findings += [
        Finding(
            id=f"guardrail_{i}",
            statement=say(
                "Guardrail {name}: {change} against a margin of {margin}: {status}.",
                name=rail.name,
                change=Quantity(value=rail.estimate.effect, unit=rail.change_unit, signed=True),
                margin=Quantity(value=rail.margin, unit=rail.change_unit),
                status=GUARDRAIL_WORDS[rail.status],
            ),
            estimate=rail.estimate,
            grade=controlled.grade if controlled else "D",
        )
        for i, rail in enumerate(guardrails)
    ]
    return tuple(findings)


def _cautions(
    comparison: Comparison,
    naive: Measured,
    controlled: Controlled | None,
    guardrails: tuple[GuardrailCheck, ...],
) -> tuple[Caution, ...]:
    cautions = []
    if controlled is None:
        cautions.append(
            Caution(
                id="before_after_only",
                statement=say("A before/after comparison holds everything else that happened."),
                settles=say("Name units without the change in effect.controls."),
            )
        )
    elif naive.estimate.excludes_zero and not controlled.estimate.excludes_zero:
        cautions.append(
            Caution(
                id="naive_misleads",
                statement=say("The naive comparison looks like an effect; the controls moved too."),
                settles=say("More periods after the launch, or more units with the change."),
            )
        )
    elif not controlled.estimate.excludes_zero or controlled.rank > RANK_LIMIT:
        cautions.append(
            Caution(
                id="not_shown",
                statement=say("The effect is no larger than what units without it show."),
                settles=say("More periods after the launch, or more units with the change."),
            )
        )
    last, first = comparison.before.end, comparison.after.start
    under_the_change = (first.start - comparison.launched.start) / (first.start - last.start)
    if SLIVER < under_the_change < 1:
        cautions.append(
            Caution(
                id="launch_period",
                statement=say(
                    "The launch fell into {period}, which counts as before: that dilutes the "
                    "effect a little.",
                    period=last,
                ),
                settles=say("effect.launch_period: left_out leaves that period out."),
            )
        )
    cautions += [
        Caution(
            id=f"event_{event.start.start}",
            statement=say(
                "Also in these windows: {title} (from {start}).",
                title=event.title,
                start=event.start,
            ),
        )
        for event in comparison.events
    ]
    cautions += [
        Caution(
            id=f"harmed_{i}",
            statement=say("{name} got worse beyond its margin.", name=rail.name),
            settles=say("Weigh the gain against the harm before it is made standard."),
        )
        for i, rail in enumerate(guardrails)
        if rail.status == "harmed"
    ]
    return tuple(cautions)


def _form(
    context: Context,
    verdict: Verdict,
    comparison: Comparison,
    naive: Measured,
    controlled: Controlled | None,
    guardrails: tuple[GuardrailCheck, ...],
    attainment: float | None,
) -> Form:
    """Form 2-5, the effect evaluation."""
    metric, shown = context.project.metric, comparison
    target = None
    if metric.target is not None:
        target = say("{target}", target=Quantity(value=metric.target, unit=metric.value_unit))
    relative = naive.estimate.effect / shown.before.value if shown.before.value else None
    change = say("{change}", change=_change(context, naive.estimate.effect))
    if relative is not None:
        change = say(
            "{change} ({relative})",
            change=_change(context, naive.estimate.effect),
            relative=Quantity(value=relative, unit="relative"),
        )
    return Form(
        id="2-5",
        title=term("Effect evaluation"),
        fields=(
            FormField(label=term("Metric"), value=as_it_is(metric.name)),
            FormField(label=term("Definition"), value=as_it_is(metric.definition)),
            FormField(label=term("Before"), value=_window(context, shown, "before")),
            FormField(label=term("After"), value=_window(context, shown, "after")),
            FormField(label=term("Target"), value=target),
            FormField(label=term("Change, naive"), value=change),
            FormField(
                label=term("Change of the controls"),
                value=say("{change}", change=_change(context, controlled.controls_change))
                if controlled
                else None,
            ),
            FormField(
                label=term("Net effect"),
                value=_with_interval(context, controlled.estimate) if controlled else None,
            ),
            FormField(
                label=term("Attainment"),
                value=say("{share}", share=Quantity(value=attainment, unit="share", digits=0))
                if attainment is not None
                else None,
            ),
            FormField(
                label=term("Guardrails"),
                value=as_it_is("; ".join(rail.name for rail in guardrails)),
            ),
            FormField(
                label=term("Other events"),
                value=as_it_is("; ".join(event.title for event in shown.events)),
            ),
            FormField(
                label=term("Evidence grade"),
                value=as_it_is(controlled.grade if controlled else naive.grade),
            ),
            FormField(label=term("Verdict"), value=say("{verdict}", verdict=WORDS[verdict])),
        ),
    )


def _window(context: Context, comparison: Comparison, side: str) -> Statement:
    window = comparison.before if side == "before" else comparison.after
    return say(
        "{value} ({first} to {last}, n = {n})",
        value=Quantity(value=window.value, unit=context.project.metric.value_unit),
        first=window.start,
        last=window.end,
        n=Quantity(value=window.n, unit="count"),
    )


def _with_interval(context: Context, estimate: Estimate) -> Statement:
    if estimate.lower is None or estimate.upper is None:
        return say("{change}", change=_change(context, estimate.effect))
    return say(
        "{change} (95% interval {lower} to {upper})",
        change=_change(context, estimate.effect),
        lower=_change(context, estimate.lower),
        upper=_change(context, estimate.upper),
    )


def _change(context: Context, value: float) -> Quantity:
    return Quantity(value=value, unit=context.project.metric.change_unit, signed=True)
