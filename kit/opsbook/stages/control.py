"""Stage 5: hold the gain, notice when it goes, and say what comes next."""

from __future__ import annotations

import numpy as np

from opsbook.data import MetricSeries
from opsbook.errors import DataError
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.project.control import ControlSection
from opsbook.results import Caution, Finding, Tone
from opsbook.results.control import (
    ControlResult,
    Decision,
    Loops,
    RollOut,
    Watch,
)
from opsbook.results.trigger import ControlChart, Level
from opsbook.stages import charts, control_decision
from opsbook.stages.context import Context
from opsbook.stages.control_decision import effect_of
from opsbook.stages.control_form import control_form
from opsbook.stages.next_params import hand_over, next_params
from opsbook.text import Period, Quantity, Statement, say

__all__ = ["conclude", "decision", "hand_over", "loops", "roll_out", "run", "watch"]

TONES: dict[Level, Tone] = {"none": "neutral", "yellow": "warn", "red": "bad"}


def watch(context: Context) -> Watch | None:
    """The metric since the change, against limits from after the change only.

    None where the time after the change holds too few periods for limits, or still ones.
    """
    params, series = _params(context), context.series()
    first, last = _baseline(context)
    until = params.watch_until.last if params.watch_until else None
    shown = series.between(first.start, until)
    base = series.between(first.start, last.start)
    chart = charts.chart(shown, Baseline(periods=len(base.periods)))
    if not isinstance(chart, ControlChart):
        return None
    breaches = _breaches(shown, chart, last)
    return Watch(
        series=shown.record(),
        chart=chart,
        baseline_start=first,
        baseline_end=last,
        breaches=breaches,
        level=_level(shown, breaches, params),
        lost=_lost(context, shown, chart, breaches),
    )


def decision(context: Context, watch: Watch | None) -> Decision:
    """What the verdict asks for: make it standard, take it back, try another cause, go on."""
    return control_decision.decide(context, watch)


def roll_out(context: Context) -> RollOut | None:
    """Where to bring the change next, with an effect shrunken for its luck; None if not shown."""
    return control_decision.roll_out(context)


def loops(context: Context) -> Loops:
    """Every loop on this metric: what was promised, what was measured."""
    return control_decision.loops(context)


def conclude(
    context: Context,
    watch: Watch | None,
    decision: Decision,
    roll_out: RollOut | None,
    loops: Loops,
) -> ControlResult:
    """Whether the gain holds, what to do, and the params file of the next check."""
    return ControlResult(
        project=context.project.project.id,
        headline=_headline(context, watch, decision),
        tone=_tone(watch, decision),
        findings=_findings(watch, decision, roll_out, loops),
        cautions=_cautions(watch, decision),
        forms=(control_form(context, watch, decision, roll_out),),
        watch=watch,
        decision=decision,
        roll_out=roll_out,
        loops=loops,
        # What is taken back leaves the time before it as the usual level.
        next_params=next_params(context, None if decision.action == "roll_back" else watch, loops),
        provenance=context.provenance,
    )


def run(context: Context) -> ControlResult:
    """All steps of the stage, as its notebook takes them."""
    seen = watch(context)
    return conclude(context, seen, decision(context, seen), roll_out(context), loops(context))


def _params(context: Context) -> ControlSection:
    return context.project.control or ControlSection()


def _baseline(context: Context) -> tuple[Period, Period]:
    window = _params(context).baseline
    grain = context.tables.kpi.grain
    if window is not None:
        part = context.series().between(window.start.first, window.end.last)
        if part.pooled() is None:
            raise DataError(
                f"control.baseline ({window.start.root} to {window.end.root}) holds no data.",
                "Move it into the periods after the change.",
            )
        return (
            Period(start=part.periods[0], grain=grain),
            Period(start=part.periods[-1], grain=grain),
        )
    effect = effect_of(context)
    if effect is None or effect.comparison is None:
        raise DataError(
            "There is no effect test to take the limits from.",
            "Run the stage 'effect' first, or give control.baseline.",
        )
    return effect.comparison.after.start, effect.comparison.after.end


def _breaches(
    series: MetricSeries, chart: ControlChart, baseline_end: Period
) -> tuple[Period, ...]:
    """Periods after the baseline beyond the limit on the bad side."""
    sign = 1 if series.metric.better == "lower" else -1
    value = dict(zip(series.periods, series.value, strict=True))
    return tuple(
        period
        for period in chart.outside
        if period.start > baseline_end.start and (value[period.start] - chart.centre) * sign > 0
    )


def _level(series: MetricSeries, breaches: tuple[Period, ...], params: ControlSection) -> Level:
    """The longest run of breaches since the baseline, coloured."""
    days = {period.start for period in breaches}
    longest = run = 0
    for day in series.periods:
        run = run + 1 if day in days else 0
        longest = max(longest, run)
    return "red" if longest >= params.red else "yellow" if longest >= params.yellow else "none"


def _lost(
    context: Context, series: MetricSeries, chart: ControlChart, breaches: tuple[Period, ...]
) -> float | None:
    """Share of the gain that the breaching periods gave back."""
    effect = effect_of(context)
    if effect is None or effect.verdict != "effective" or effect.comparison is None:
        return None
    days = {period.start for period in breaches}
    level = series.where(np.array([day in days for day in series.periods], dtype=bool)).pooled()
    gain = effect.comparison.before.value - chart.centre
    if level is None or gain == 0:
        return None
    return (level - chart.centre) / gain


def _tone(watch: Watch | None, decision: Decision) -> Tone:
    """A relapse outweighs everything; grey where the data could not tell."""
    if watch is not None and watch.level != "none":
        return TONES[watch.level]
    if decision.action == "standardise":
        return "good"
    if decision.action == "roll_back":
        return "bad"
    return "unknown" if decision.verdict == "cannot_tell" else "neutral"


def _headline(context: Context, watch: Watch | None, decision: Decision) -> Statement:
    kpi = context.project.metric.name
    if watch is not None and watch.level == "red":
        if watch.lost is not None and watch.lost > 0:
            return say(
                "Next trigger: {kpi} breached its limits, last in {period}; {lost} of the gain "
                "was lost then.",
                kpi=kpi,
                period=watch.breaches[-1],
                lost=Quantity(value=min(watch.lost, 1.0), unit="share", digits=0),
            )
        return say(
            "Next trigger: {kpi} breached its limits, last in {period}.",
            kpi=kpi,
            period=watch.breaches[-1],
        )
    if watch is not None and watch.level == "yellow":
        return say(
            "Warning: {kpi} breached its limits in {period}.", kpi=kpi, period=watch.breaches[-1]
        )
    match decision.action:
        case "standardise":
            return say("{kpi} holds its new level: make the procedure standard.", kpi=kpi)
        case "roll_back" if decision.verdict != "harmful":
            return say(
                "Take the change back: no gain in {kpi} is shown, and a guardrail is harmed.",
                kpi=kpi,
            )
        case "roll_back":
            return say("Take the change back: harm to {kpi} is shown.", kpi=kpi)
        case "next_hypothesis":
            return say("Take up the next hypothesis; nothing is made standard.")
        case "mend":
            return say(
                "{kpi} holds its new level, but a guardrail is harmed: mend it first.", kpi=kpi
            )
        case _:
            return say(
                "Keep watching {kpi}; nothing is made standard, for no effect is shown.", kpi=kpi
            )


def _findings(
    watch: Watch | None, decision: Decision, roll_out: RollOut | None, loops: Loops
) -> tuple[Finding, ...]:
    findings = [Finding(id="decision", statement=decision.reason)]
    if watch is not None:
        findings.append(
            Finding(
                id="level",
                statement=say(
                    "Level after the change: {centre} ({first} to {last}).",
                    centre=watch.series.quantity(watch.chart.centre),
                    first=watch.baseline_start,
                    last=watch.baseline_end,
                ),
                grade="C",
            )
        )
    if watch is not None and watch.breaches:
        findings.append(
            Finding(
                id="breaches",
                statement=say(
                    "Periods beyond the limit since: {n}, the first {first}, the last {last}.",
                    n=Quantity(value=len(watch.breaches), unit="count"),
                    first=watch.breaches[0],
                    last=watch.breaches[-1],
                ),
                grade="C",
            )
        )
    if roll_out is not None and roll_out.sites and roll_out.sites[0].gain > 0:
        first = roll_out.sites[0]
        findings.append(
            Finding(
                id="roll_out",
                statement=say(
                    "Next place: {unit}, where {expected} may be expected (of the shown effect "
                    "{share} counts).",
                    unit=first.unit,
                    expected=Quantity(value=first.expected, unit=roll_out.change_unit, signed=True),
                    share=Quantity(value=roll_out.shrinkage, unit="share", digits=1),
                ),
                grade="E",
            )
        )
    findings.append(
        Finding(
            id="loops",
            statement=say(
                "Loops on this metric so far: {n}.",
                n=Quantity(value=len(loops.rows), unit="count"),
            ),
        )
    )
    return tuple(findings)


def _cautions(watch: Watch | None, decision: Decision) -> tuple[Caution, ...]:
    cautions = []
    if watch is None:
        cautions.append(
            Caution(
                id="no_limits",
                statement=say(
                    "No control limits: too few periods after the change, or values "
                    "that hardly move."
                ),
                settles=say("Widen control.baseline, or wait for more periods after the change."),
            )
        )
    elif watch.chart.trial:
        cautions.append(
            Caution(
                id="trial_limits",
                statement=say("The control limits rest on fewer than 12 periods."),
                settles=say("Renew them when 12 periods after the change are there."),
            )
        )
    if decision.verdict in {"cannot_tell", "ineffective"}:
        cautions.append(
            Caution(
                id="nothing_to_standardise",
                statement=say("No effect is shown, so there is nothing to make standard yet."),
                settles=decision.extension[0]
                if decision.extension
                else say("Extend the test, or take up the next hypothesis."),
            )
        )
    return tuple(cautions)
