"""What the verdict asks for: make it standard, take it back, try another cause, or go on."""

from __future__ import annotations

import datetime as dt
from typing import cast

from opsbook.methods.control.shrunken_effect import shrunken_effect
from opsbook.project.control import ControlSection
from opsbook.results.control import (
    Decision,
    Hypothesis,
    LoopResult,
    Loops,
    RollOut,
    Site,
    Watch,
)
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.effect import EffectResult, Receipt
from opsbook.stages.context import Context
from opsbook.stages.windows import around_launch, launch_date
from opsbook.text import Period, Quantity, Statement, say


def effect_of(context: Context) -> EffectResult | None:
    """The effect test's result, if there is one."""
    return cast("EffectResult | None", context.upstream.get("effect"))


def decide(context: Context, watch: Watch | None) -> Decision:
    """Standardise only what is shown to work; every other verdict has its own way on."""
    effect = effect_of(context)
    reviews = _reviews(context, watch)
    if effect is None or effect.verdict is None:
        return Decision(
            action="watch",
            reason=say("There is no effect test; the figure is only watched."),
            verdict=None,
            reviews=reviews,
        )
    met, condition = _rollback(context, effect)
    verdict = effect.verdict
    if verdict == "effective":
        slipping = watch is not None and watch.level == "red"
        return Decision(
            action="mend" if met or slipping else "standardise",
            reason=_shown(effect, slipping=slipping),
            verdict=verdict,
            rollback_met=met,
            rollback=condition,
            extension=(
                *_repairs(effect),
                *((say("If that fails, take the change back."),) if met else ()),
                *(_restore(context) if slipping else ()),
            ),
            reviews=reviews,
        )
    if verdict == "cannot_tell" and not met:
        return Decision(
            action="extend",
            reason=say("The data cannot tell: extend the test; nothing is made standard."),
            verdict=verdict,
            rollback_met=met,
            rollback=condition,
            extension=_extension(effect),
            reviews=reviews,
        )
    return Decision(
        action="roll_back" if met else "next_hypothesis",
        reason=say("Harm is shown: take the change back.")
        if met
        else say("The change does not bring what was aimed at: take up the next hypothesis."),
        verdict=verdict,
        rollback_met=met,
        rollback=condition,
        hypotheses=_hypotheses(context),
        reviews=reviews,
    )


def roll_out(context: Context) -> RollOut | None:
    """The other units in the order of what the change may bring there; None if it is not shown."""
    effect, params = effect_of(context), context.project.effect
    if effect is None or effect.verdict != "effective" or params is None:
        return None
    best = effect.measured.best if effect.measured else None
    if best is None or params.controls is None:
        return None
    metric = context.project.metric
    sign = 1 if metric.better == "higher" else -1
    shrunken = shrunken_effect(best)
    sites = []
    for name, series in context.peers(params.controls).items():
        if name in params.launches:
            continue
        _, after = around_launch(series, params, launch_date(params))
        value = after.pooled()
        if value is None:
            continue
        cases = float(after.denominator[after.value == after.value].sum())
        room = shrunken.effect * sign
        if metric.target is not None:
            room = min(room, max(0.0, (metric.target - value) * sign))
        gain = room * cases / series.scale
        sites.append(Site(unit=name, value=value, cases=cases, expected=room * sign, gain=gain))
    sites.sort(key=lambda site: (-site.gain, site.unit))
    return RollOut(
        effect=Quantity(value=best.effect, unit=metric.change_unit, signed=True),
        shrinkage=shrunken.factor,
        sites=tuple(sites),
        unit=metric.value_unit,
        change_unit=metric.change_unit,
    )


def loops(context: Context) -> Loops:
    """The loops on this metric, as the params hand them on, and the present one."""
    params = context.project.control or ControlSection()
    effect = effect_of(context)
    measured = effect.measured.best if effect and effect.measured else None
    forecast = effect.forecast.mode if effect and effect.forecast else None
    launch = context.project.effect.launched if context.project.effect else None
    options = effect.forecast.options if effect and effect.forecast else ()
    now = LoopResult(
        title="; ".join(options) or params.procedure or context.project.project.title,
        launched=None if launch is None else Period(start=launch.first),
        forecast=forecast,
        measured=None if measured is None else measured.effect,
        verdict=effect.verdict if effect else None,
        current=True,
    )
    earlier = [
        LoopResult(
            title=loop.title,
            launched=None if loop.launched is None else Period(start=loop.launched.first),
            forecast=loop.forecast,
            measured=loop.measured,
            verdict=loop.verdict,
        )
        for loop in params.loops
    ]
    return Loops(rows=(*earlier, now), change_unit=context.project.metric.change_unit)


def _rollback(context: Context, effect: EffectResult) -> tuple[bool, Statement]:
    """Whether the condition for taking the change back is met, and what was judged."""
    params = context.project.control or ControlSection()
    best = effect.measured.best if effect.measured else None
    harmed = [rail.name for rail in effect.guardrails if rail.status == "harmed"]
    if harmed:
        return True, say("Guardrails harmed: {names}.", names=tuple(harmed))
    if effect.verdict == "harmful" and best is not None:
        worse = abs(best.effect)
        limit = params.rollback_at or 0.0
        unit = context.project.metric.change_unit
        if worse > limit:
            return True, say(
                "The metric got worse by {worse}; at most {limit} was accepted.",
                worse=Quantity(value=worse, unit=unit),
                limit=Quantity(value=limit, unit=unit),
            )
        return False, say(
            "The metric got worse by {worse}, which is within the {limit} accepted.",
            worse=Quantity(value=worse, unit=unit),
            limit=Quantity(value=limit, unit=unit),
        )
    if params.rollback:
        return False, say(
            "Neither harm nor a harmed guardrail is shown; your own condition: {condition}",
            condition=params.rollback,
        )
    return False, say("Neither harm nor a harmed guardrail is shown.")


def _hypotheses(context: Context) -> tuple[Hypothesis, ...]:
    """Whys to take up next: the untested first, those we can change before the others."""
    diagnosis = cast("DiagnosisResult | None", context.upstream.get("diagnosis"))
    if diagnosis is None or diagnosis.whys is None:
        return ()
    open_whys = [
        Hypothesis(
            id=why.id,
            claim=why.claim,
            status="refuted" if why.status == "refuted" else "untested",
            controllable=why.controllable,
        )
        for why in diagnosis.whys.rows
        if why.status != "confirmed"
    ]
    return tuple(sorted(open_whys, key=lambda why: (why.status == "refuted", not why.controllable)))


def _extension(effect: EffectResult) -> tuple[Statement, ...]:
    """How to go on until the data can tell."""
    steps: list[Statement] = []
    receipt = effect.receipt
    if receipt is not None:
        steps += _more(receipt)
    steps += [check.todo for check in effect.checks if check.status == "fail" and check.todo]
    if not steps:
        steps.append(
            say("Name units without the change in effect.controls, or bring more history.")
        )
    steps.append(say("Keep the change as it is, and change nothing else meanwhile."))
    return tuple(steps)


def _more(receipt: Receipt) -> list[Statement]:
    found = []
    if receipt.more_periods:
        found.append(
            say(
                "Measure on: further periods after the launch: {n}.",
                n=Quantity(value=receipt.more_periods, unit="count"),
            )
        )
    if receipt.more_units:
        found.append(
            say(
                "Bring the change to further units: {n}; leave the others without it as controls.",
                n=Quantity(value=receipt.more_units, unit="count"),
            )
        )
    if receipt.more_users:
        found.append(
            say(
                "Let the experiment run on: further users, split as before: {n}.",
                n=Quantity(value=receipt.more_users, unit="count"),
            )
        )
    if receipt.aim is not None and not found:
        found.append(
            say(
                "Waiting alone will not show {aim}: bring controls, or the change to more units.",
                aim=Quantity(value=receipt.aim, unit=receipt.unit, signed=True),
            )
        )
    return found


def _shown(effect: EffectResult, *, slipping: bool) -> Statement:
    """What a shown effect asks for, by what stands in its way."""
    if any(rail.status == "harmed" for rail in effect.guardrails):
        return say(
            "The effect is shown, but a guardrail is harmed: mend that before it is made standard."
        )
    if slipping:
        return say(
            "The effect was shown, but the gain is slipping: find out why the procedure is no "
            "longer kept, and win it back."
        )
    return say("The effect is shown: make the procedure standard and watch it.")


def _restore(context: Context) -> tuple[Statement, ...]:
    """How to win back a gain that slips."""
    params = context.project.control or ControlSection()
    steps = [say("See on the spot whether the procedure is still kept, and by whom not.")]
    if params.reaction:
        steps.append(say("Do what was agreed: {reaction}", reaction=params.reaction))
    return tuple(steps)


def _repairs(effect: EffectResult) -> tuple[Statement, ...]:
    return tuple(
        say(
            "Bring {name} back within its margin of {margin}, then make the change standard.",
            name=rail.name,
            margin=Quantity(value=rail.margin, unit=rail.change_unit),
        )
        for rail in effect.guardrails
        if rail.status == "harmed"
    )


def _reviews(context: Context, watch: Watch | None) -> tuple[dt.date, ...]:
    """Dates of the reviews, counted from the end of the last period that is there."""
    params = context.project.control or ControlSection()
    series = context.series()
    last = watch.series.points[-1].period.start if watch else series.periods[-1]
    end = dict(zip(series.periods, series.ends, strict=True))[last]
    return tuple(end + dt.timedelta(weeks=weeks) for weeks in params.review_weeks)
