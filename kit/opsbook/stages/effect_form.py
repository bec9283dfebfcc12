"""Form 2-5, the effect evaluation, filled from the stage's result."""

from __future__ import annotations

from opsbook.methods.estimate import Estimate
from opsbook.results import Form, FormField
from opsbook.results.diagnosis import PeriodValue
from opsbook.results.effect import GUARDRAIL_WORDS, EffectResult, GuardrailCheck
from opsbook.stages.context import Context
from opsbook.stages.effect_design import WORDS as DESIGNS
from opsbook.stages.effect_receipt import way_to_target
from opsbook.stages.kick_off import as_it_is
from opsbook.text import POINTS, Quantity, Statement, Term, say, term


def effect_form(context: Context, result: EffectResult, verdict: Term) -> Form:
    """Form 2-5; what was not measured is left to be filled in.

    Args:
        context: The project.
        result: The stage's result, all but its forms.
        verdict: The verdict in words.
    """
    metric, windows = context.project.metric, result.comparison
    measured, controlled = result.measured, result.controlled
    best = measured.best if measured else None
    net = None if best is None or (measured and measured.grade == "D") else best
    return Form(
        id="2-5",
        title=term("Effect evaluation"),
        fields=(
            FormField(label=term("Metric"), value=as_it_is(metric.name)),
            FormField(label=term("Definition"), value=as_it_is(metric.definition)),
            FormField(
                label=term("Before"),
                value=_window(context, windows.before) if windows else None,
            ),
            FormField(
                label=term("After"), value=_window(context, windows.after) if windows else None
            ),
            FormField(label=term("Target"), value=_amount(metric.target, metric.value_unit)),
            FormField(
                label=term("Change, naive"),
                value=_naive(context, result) if result.naive else None,
            ),
            FormField(
                label=term("Change of the controls"),
                value=_amount(controlled.controls_change, metric.change_unit, signed=True)
                if controlled
                else say("no controls"),
            ),
            FormField(
                label=term("Net effect"),
                value=None if net is None else with_interval(context, net),
            ),
            FormField(
                label=term("Net effect, relative"),
                value=_amount(measured.relative if measured and net else None, "relative"),
            ),
            FormField(
                label=term("Attainment"),
                value=_attainment(result, net, way_to_target(context, measured))
                if measured and net
                else None,
            ),
            FormField(
                label=term("Forecast"),
                value=_forecast(result, metric.change_unit) or say("none was made"),
            ),
            *(
                [
                    FormField(
                        label=term("Guardrail"),
                        value=_guardrail(rail),
                    )
                    for rail in result.guardrails
                ]
                or [FormField(label=term("Guardrail"), value=say("none named"))]
            ),
            FormField(
                label=term("Other events"),
                value=as_it_is(tuple(e.title for e in windows.events) if windows else ())
                or say("none known"),
            ),
            FormField(
                label=term("Method and evidence grade"),
                value=say(
                    "{design}, {grade}",
                    design=DESIGNS[result.design.chosen],
                    grade=result.design.grade,
                )
                if result.design
                else None,
            ),
            FormField(label=term("Verdict"), value=say("{verdict}", verdict=verdict)),
            FormField(
                label=term("Benefit"),
                value=_benefit(result) or say("not in money: the params give a case no worth"),
            ),
        ),
    )


def with_interval(context: Context, estimate: Estimate) -> Statement:
    """A change with its interval, where it has one."""
    unit = context.project.metric.change_unit
    change = Quantity(value=estimate.effect, unit=unit, signed=True)
    if estimate.lower is None or estimate.upper is None:
        return say("{change}", change=change)
    return say(
        "{change} (95% interval {lower} to {upper})",
        change=change,
        lower=bare(estimate.lower, unit),
        upper=bare(estimate.upper, unit),
    )


def bare(change: float, unit: str) -> Quantity:
    """A change without its unit, which the number before it has."""
    if unit == POINTS:
        return Quantity(value=change * 100, digits=2, signed=True)
    return Quantity(value=change, signed=True)


def _amount(
    value: float | None, unit: str, *, signed: bool = False, digits: int | None = None
) -> Statement | None:
    if value is None:
        return None
    return say("{value}", value=Quantity(value=value, unit=unit, signed=signed, digits=digits))


def _attainment(result: EffectResult, net: Estimate, way: float | None) -> Statement:
    """The share of the way to the target, with its interval; or why there is no way to go."""
    if result.attainment is None or way is None:
        return say("no target ahead: none is stated, or it was met before the launch")
    if net.lower is None or net.upper is None:
        return say("{share}", share=Quantity(value=result.attainment, unit="share", digits=0))
    low, high = sorted((net.lower / way, net.upper / way))
    return say(
        "{share} (95% interval {low} to {high})",
        share=Quantity(value=result.attainment, unit="share", digits=0),
        low=Quantity(value=low, unit="share", digits=0),
        high=Quantity(value=high, unit="share", digits=0),
    )


def _naive(context: Context, result: EffectResult) -> Statement | None:
    if result.naive is None or result.comparison is None:
        return None
    effect, before = result.naive.estimate.effect, result.comparison.before.value
    change = Quantity(value=effect, unit=context.project.metric.change_unit, signed=True)
    if not before:
        return say("{change}", change=change)
    return say(
        "{change} ({relative})",
        change=change,
        relative=Quantity(value=effect / before, unit="relative"),
    )


def _window(context: Context, window: PeriodValue) -> Statement:
    return say(
        "{value} ({first} to {last}, n = {n})",
        value=Quantity(value=window.value, unit=context.project.metric.value_unit),
        first=window.start,
        last=window.end,
        n=Quantity(value=window.n, unit="count"),
    )


def _forecast(result: EffectResult, unit: str) -> Statement | None:
    if result.forecast is None:
        return None
    return say(
        "{mode} ({low} to {high})",
        mode=Quantity(value=result.forecast.mode, unit=unit, signed=True),
        low=bare(result.forecast.low, unit),
        high=bare(result.forecast.high, unit),
    )


def _benefit(result: EffectResult) -> Statement | None:
    benefit = result.benefit
    if benefit is None:
        return None
    if benefit.lower is None or benefit.upper is None:
        return say("{money}", money=benefit.value)
    return say(
        "{money} (95% interval {lower} to {upper})",
        money=benefit.value,
        lower=benefit.lower,
        upper=benefit.upper,
    )


def _guardrail(rail: GuardrailCheck) -> Statement:
    if rail.estimate is None:
        return say("{name}: not measured in the arms", name=rail.name)
    return say(
        "{name}: {change}, margin {margin}: {status}",
        name=rail.name,
        change=Quantity(value=rail.estimate.effect, unit=rail.change_unit, signed=True),
        margin=Quantity(value=rail.margin, unit=rail.change_unit),
        status=GUARDRAIL_WORDS[rail.status],
    )
