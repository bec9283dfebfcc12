"""Stage 1: is there reason to start an optimisation, or is it only noise?"""

from __future__ import annotations

import numpy as np

from opsbook.data import MetricSeries
from opsbook.data.cube import Floats
from opsbook.errors import DataError
from opsbook.methods.trigger.consecutive_misses import consecutive_misses as count_misses
from opsbook.methods.trigger.consecutive_misses import same_period_last_year
from opsbook.methods.trigger.control_limits import Baseline
from opsbook.project.trigger import TriggerSection
from opsbook.results import Caution, Finding
from opsbook.results.trigger import (
    ControlChart,
    History,
    Level,
    Misses,
    MissRun,
    TriggerResult,
    Yardstick,
)
from opsbook.stages import charts
from opsbook.stages.context import Context
from opsbook.stages.kick_off import kick_off
from opsbook.text import Grain, Quantity, Statement, Term, say, term

PERIODS_PER_YEAR: dict[Grain, int] = {"day": 364, "week": 52, "month": 12, "quarter": 4, "year": 1}
LEVELS: tuple[Level, ...] = ("none", "yellow", "red")


def history(context: Context) -> History:
    """The watched KPI up to the period of the check."""
    series = _watched(context)
    return History(
        series=series.record(),
        as_of=context.period(series, len(series.periods) - 1),
        events=context.events,
    )


def consecutive_misses(context: Context) -> Misses:
    """How many periods running the KPI missed its target, and was worse than a year before.

    A period without data breaks a run: it is neither a miss nor a hit.
    """
    series, params = _watched(context), _params(context)
    runs = []
    if series.metric.target is not None:
        target = np.full_like(series.value, series.metric.target)
        runs.append(_run(context, series, "target", target))
    if series.grain != "year":
        last_year = same_period_last_year(series.value, PERIODS_PER_YEAR[series.grain])
        if np.isfinite(last_year).any():
            runs.append(_run(context, series, "last_year", last_year))
    return Misses(yellow=params.misses.yellow, red=params.misses.red, runs=tuple(runs))


def control_chart(context: Context) -> ControlChart | None:
    """The control chart that suits the data, or None where there is too little of it."""
    params, series = _params(context), _watched(context)
    baseline = Baseline()
    if params.baseline is not None:
        first, last = params.baseline.start.first, params.baseline.end.last
        series = series.between(first, None)
        baseline = Baseline(periods=len(series.between(first, last).periods) or None)
    try:
        return charts.chart(series, baseline)
    except DataError:
        return None


def conclude(
    context: Context, history: History, misses: Misses, chart: ControlChart | None
) -> TriggerResult:
    """The verdict: start, watch, no reason, or not enough to tell.

    The handbook's rule alone cries wolf on noise, so a start needs both: a red run of misses,
    and a point of that run which the control chart does not put down to chance.
    """
    level = max((run.level for run in misses.runs), key=LEVELS.index, default="none")
    agreed = [run for run in misses.runs if run.level == "red" and _outside(run, chart, history)]
    enough = chart is not None and not chart.trial and misses.runs
    if not enough:
        verdict, tone, headline = "insufficient", "unknown", _insufficient(history, misses)
    elif agreed:
        verdict, tone, headline = "start", "bad", _start(history, agreed[0])
    elif level != "none":
        worst = max(misses.runs, key=lambda run: LEVELS.index(run.level))
        verdict, tone, headline = "watch", "warn", _watch(history, worst)
    else:
        verdict, tone, headline = "no_reason", "neutral", _no_reason(history)
    return TriggerResult(
        project=context.project.project.id,
        headline=headline,
        tone=tone,
        verdict=verdict,
        findings=_findings(history, misses, chart),
        cautions=_cautions(history, misses, chart),
        forms=(kick_off(context, _problem(history, misses)),),
        history=history,
        misses=misses,
        chart=chart,
        provenance=context.provenance,
    )


def run(context: Context) -> TriggerResult:
    """All steps of the stage, as its notebook takes them."""
    return conclude(context, history(context), consecutive_misses(context), control_chart(context))


def _params(context: Context) -> TriggerSection:
    return context.project.trigger or TriggerSection()


def _watched(context: Context) -> MetricSeries:
    as_of = _params(context).as_of
    series = context.series(context.project.watched)
    shown = series.between(None, as_of.last if as_of else None)
    if not shown.periods:
        raise DataError(
            f"The check is as of {as_of.root if as_of else ''}, before the data begin "
            f"({series.periods[0]}).",
            "Correct trigger.as_of.",
        )
    return shown


def _run(context: Context, series: MetricSeries, against: Yardstick, target: Floats) -> MissRun:
    params = _params(context).misses
    counted = count_misses(
        series.value, target, better=series.metric.better, yellow=params.yellow, red=params.red
    )
    lengths = counted.run_length
    run, longest = int(lengths[-1]), int(lengths.max())
    end = int(lengths.argmax())
    level: Level = "red" if run >= params.red else "yellow" if run >= params.yellow else "none"
    return MissRun(
        against=against,
        run=run,
        since=context.period(series, len(lengths) - run) if run else None,
        longest=longest,
        longest_from=context.period(series, end - longest + 1) if longest else None,
        level=level,
        n=int(np.isfinite(series.value - target).sum()),
    )


def _outside(run: MissRun, chart: ControlChart | None, history: History) -> bool:
    """Whether a point of the run lies beyond the chart's limit on the bad side."""
    if chart is None or run.since is None:
        return False
    values = {point.period.start: point.value for point in history.series.points}
    beyond = {period.start for period in chart.outside if period.start >= run.since.start}
    worse = 1 if history.series.better == "lower" else -1
    return any((values[day] or 0) * worse > chart.centre * worse for day in beyond)


def _start(history: History, run: MissRun) -> Statement:
    return say(
        "Start an optimisation: {kpi} was {worse} {run} periods running, to {as_of}, and chance "
        "does not explain it.",
        kpi=history.series.name,
        worse=_worse(run),
        run=_count(run.run),
        as_of=history.as_of,
    )


def _watch(history: History, run: MissRun) -> Statement:
    return say(
        "Watch, do not start yet: {kpi} was {worse} {run} periods running, which noise alone can "
        "bring about.",
        kpi=history.series.name,
        worse=_worse(run),
        run=_count(run.run),
    )


def _no_reason(history: History) -> Statement:
    return say(
        "No reason to start: {kpi} shows no run of misses that would warn, to {as_of}.",
        kpi=history.series.name,
        as_of=history.as_of,
    )


def _insufficient(history: History, misses: Misses) -> Statement:
    if not misses.runs:
        return say(
            "The data cannot tell: {kpi} has neither a target nor a year before to compare with.",
            kpi=history.series.name,
        )
    return say(
        "The data cannot tell: {kpi} has too few periods for control limits.",
        kpi=history.series.name,
    )


def _findings(history: History, misses: Misses, chart: ControlChart | None) -> tuple[Finding, ...]:
    findings = [_latest(history)]
    for run in misses.runs:
        yardstick = (
            say("Against the target: {run} misses running, {longest} at the longest.")
            if run.against == "target"
            else say(
                "Against the same period a year before: worse {run} periods running, {longest} "
                "at the longest."
            )
        )
        values = {"run": _count(run.run), "longest": _count(run.longest)}
        statement = Statement(message=yardstick.message, values=values)
        findings.append(Finding(id=f"misses_{run.against}", statement=statement, grade="D"))
    if chart is not None:
        findings.append(
            Finding(
                id="outside_limits",
                statement=say(
                    "Points beyond the control limits: {outside} of {n}.",
                    outside=_count(len(chart.outside)),
                    n=_count(len(chart.periods)),
                ),
                grade="C",
            )
        )
    return tuple(findings)


def _latest(history: History) -> Finding:
    series = history.series
    known = [point for point in series.points if point.value is not None]
    if not known:
        return Finding(id="latest", statement=say("No period has a value."))
    last = known[-1]
    value = series.quantity(last.value or 0.0)
    if series.target is None:
        statement = say(
            "{kpi} in {period}: {value}; no target is set.",
            kpi=series.name,
            period=last.period,
            value=value,
        )
    else:
        statement = say(
            "{kpi} in {period}: {value}; the target is {target}.",
            kpi=series.name,
            period=last.period,
            value=value,
            target=series.quantity(series.target),
        )
    return Finding(id="latest", statement=statement)


def _cautions(history: History, misses: Misses, chart: ControlChart | None) -> tuple[Caution, ...]:
    cautions = []
    if chart is None or chart.trial:
        cautions.append(
            Caution(
                id="trial_limits",
                statement=say("The control limits rest on fewer than 12 periods."),
                settles=say("Collect at least 12 periods of the same process."),
            )
        )
    if not any(run.against == "last_year" for run in misses.runs):
        cautions.append(
            Caution(
                id="no_last_year",
                statement=say(
                    "There is no year before to compare with, so a season can look like a trend."
                ),
                settles=say("Bring more than a year of data."),
            )
        )
    last = history.as_of.start
    for event in history.events:
        over = event.end is not None and event.end.start < history.series.points[0].period.start
        if event.start.start <= last and not over:
            cautions.append(
                Caution(
                    id=f"event_{event.start.start}",
                    statement=say(
                        "Known event in these periods: {title} (from {start}).",
                        title=event.title,
                        start=event.start,
                    ),
                )
            )
    return tuple(cautions)


def _problem(history: History, misses: Misses) -> Statement:
    worst = max(misses.runs, key=lambda run: run.run, default=None)
    if worst is not None and worst.level == "red":
        return say(
            "{kpi} was {worse} {run} periods running, since {since}.",
            kpi=history.series.name,
            worse=_worse(worst),
            run=_count(worst.run),
            since=worst.since or history.as_of,
        )
    return _latest(history).statement


def _worse(run: MissRun) -> Term:
    return term("off its target") if run.against == "target" else term("worse than a year before")


def _count(number: int) -> Quantity:
    return Quantity(value=number, unit="count")
