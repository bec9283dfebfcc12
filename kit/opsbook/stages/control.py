"""Stage 5: hold the gain, and notice when it goes."""

from __future__ import annotations

from typing import cast

from opsbook.data import MetricSeries
from opsbook.errors import DataError
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.project.control import ControlSection
from opsbook.results import Caution, Finding, Form, FormField, Tone
from opsbook.results.control import ControlResult, Watch
from opsbook.results.effect import EffectResult
from opsbook.results.trigger import ControlChart, Level
from opsbook.stages import charts
from opsbook.stages.context import Context
from opsbook.stages.kick_off import as_it_is
from opsbook.stages.next_params import next_params
from opsbook.text import Period, Quantity, Statement, say, term


def watch(context: Context) -> Watch:
    """The metric since the change, against limits from after the change only.

    Raises:
        DataError: If the baseline has too few periods for limits.
    """
    params, series = _params(context), context.series()
    first, last = _baseline(context)
    until = params.watch_until.last if params.watch_until else None
    shown = series.between(first.start, until)
    base = series.between(first.start, last.start)
    chart = charts.chart(shown, Baseline(periods=len(base.periods)))
    if chart is None:
        raise DataError(
            f"control.baseline holds {len(base.periods)} periods; control limits need "
            f"{charts.FEWEST_PERIODS}.",
            "Widen control.baseline, or wait for more periods after the change.",
        )
    breaches = _breaches(shown, chart, last)
    return Watch(
        series=shown.record(),
        chart=chart,
        baseline_start=first,
        baseline_end=last,
        breaches=breaches,
        level=_level(shown, breaches, params),
    )


def conclude(context: Context, watch: Watch) -> ControlResult:
    """Whether the gain holds, and the params file of the next check."""
    effect = cast("EffectResult | None", context.upstream.get("effect"))
    tone: Tone = {"none": "neutral", "yellow": "warn", "red": "bad"}[watch.level]  # type: ignore[assignment] # each is a tone
    return ControlResult(
        project=context.project.project.id,
        headline=_headline(watch, effect),
        tone=tone,
        findings=_findings(watch),
        cautions=_cautions(watch, effect),
        forms=(_form(context, watch),),
        watch=watch,
        next_params=next_params(context, watch),
        provenance=context.provenance,
    )


def run(context: Context) -> ControlResult:
    """All steps of the stage, as its notebook takes them."""
    return conclude(context, watch(context))


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
    effect = cast("EffectResult | None", context.upstream.get("effect"))
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


def _headline(watch: Watch, effect: EffectResult | None) -> Statement:
    kpi = watch.series.name
    if watch.level == "red":
        return say(
            "Next trigger: {kpi} breached its limits, last in {period}.",
            kpi=kpi,
            period=watch.breaches[-1],
        )
    if watch.level == "yellow":
        return say(
            "Warning: {kpi} breached its limits in {period}.", kpi=kpi, period=watch.breaches[-1]
        )
    if effect is None or effect.verdict != "effective":
        return say(
            "Keep watching {kpi}; nothing is made standard, for no effect is shown.", kpi=kpi
        )
    return say("{kpi} holds its new level.", kpi=kpi)


def _findings(watch: Watch) -> tuple[Finding, ...]:
    series, chart = watch.series, watch.chart
    findings = [
        Finding(
            id="level",
            statement=say(
                "Level after the change: {centre} ({first} to {last}).",
                centre=series.quantity(chart.centre),
                first=watch.baseline_start,
                last=watch.baseline_end,
            ),
            grade="C",
        )
    ]
    if watch.breaches:
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
    return tuple(findings)


def _cautions(watch: Watch, effect: EffectResult | None) -> tuple[Caution, ...]:
    cautions = []
    if watch.chart.trial:
        cautions.append(
            Caution(
                id="trial_limits",
                statement=say("The control limits rest on fewer than 12 periods."),
                settles=say("Renew them when 12 periods after the change are there."),
            )
        )
    if effect is not None and effect.verdict != "effective":
        cautions.append(
            Caution(
                id="nothing_to_standardise",
                statement=say("No effect is shown, so there is nothing to make standard yet."),
                settles=say("Extend the test, or take up the next hypothesis."),
            )
        )
    return tuple(cautions)


def _form(context: Context, watch: Watch) -> Form:
    """Form 2-6, standardise and monitor."""
    params, chart, series = _params(context), watch.chart, watch.series
    known = [
        (low, high)
        for low, high in zip(chart.lower, chart.upper, strict=True)
        if low is not None and high is not None
    ]
    limits = None
    if known:
        limits = say(
            "{centre}, limits {lower} to {upper} in the last period",
            centre=series.quantity(chart.centre),
            lower=series.quantity(known[-1][0]),
            upper=series.quantity(known[-1][1]),
        )
    return Form(
        id="2-6",
        title=term("Standardise and monitor"),
        fields=(
            FormField(label=term("Procedure and version"), value=as_it_is(params.procedure)),
            FormField(label=term("Monitored figure"), value=as_it_is(series.name)),
            FormField(label=term("Baseline and limits"), value=limits),
            FormField(
                label=term("Yellow / red"),
                value=say(
                    "Periods running beyond a limit: {yellow} / {red}",
                    yellow=Quantity(value=params.yellow, unit="count"),
                    red=Quantity(value=params.red, unit="count"),
                ),
            ),
            FormField(label=term("Owner"), value=as_it_is(params.owner)),
            FormField(label=term("Reaction plan"), value=as_it_is(params.reaction)),
            FormField(
                label=term("Review after weeks"),
                value=as_it_is(", ".join(map(str, params.review_weeks))),
            ),
        ),
    )
