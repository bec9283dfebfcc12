"""What the trigger check found, one sentence a finding, and what is thin about it."""

from __future__ import annotations

from statistics import median

from opsbook.methods.clopper_pearson import clopper_pearson
from opsbook.results import Caution, Finding
from opsbook.results.base import Point, Series
from opsbook.results.trigger import ControlChart, History, MissRun, NoChart, RuleRow, Rules
from opsbook.stages.trigger_verdict import Found, count, worse
from opsbook.text import SHARE, Quantity, Statement, Value, say

#: With fewer cases beyond it in a usual period, a quantile is hardly more than its extremes.
BEYOND = 5
#: A share of fewer cases is told with them and its exact interval.
FEW = 100
ASSURANCE = {
    "will_hit": say("As the process runs, it will meet its target every time."),
    "will_miss": say("As the process runs, it will miss its target every time."),
    "may_do_either": say("As the process runs, chance decides whether it meets its target."),
}


def findings(found: Found) -> tuple[Finding, ...]:
    """What a decision can rest on, one sentence each."""
    made = [_latest(found.history)]
    if found.history.quantile is not None:
        made += _cases_behind(found.history, found.history.quantile)
    made += [_misses(run) for run in found.misses.runs]
    made.append(Finding(id="guard", statement=found.guard.reason, grade="C"))
    if isinstance(found.chart, ControlChart):
        made.append(
            Finding(
                id="outside_limits",
                statement=say(
                    "Points beyond the control limits: {outside} of {n}.",
                    outside=count(len(found.chart.outside)),
                    n=count(len(found.chart.periods)),
                ),
                grade="C",
            )
        )
        if found.chart.assurance in ASSURANCE and not found.chart.outside:  # else it is not stable
            made.append(Finding(id="assurance", statement=ASSURANCE[found.chart.assurance]))
    made += _false_starts(found.rules)
    if found.process is not None:
        made.append(Finding(id="process", statement=found.process.statement, grade="D"))
    if found.feedback is not None:
        made.append(Finding(id="feedback", statement=found.feedback.statement, grade="D"))
    made += [
        Finding(
            id=f"declared_{i}",
            statement=say(
                "Declared: {title} ({date}, {decider}).",
                title=card.title,
                date=card.date,
                decider=card.decider,
            ),
            grade="E",
        )
        for i, card in enumerate(found.declared, 1)
    ]
    return tuple(made)


def cautions(found: Found) -> tuple[Caution, ...]:
    """What is thin, and what would settle it."""
    made = []
    history, guard, chart = found.history, found.guard, found.chart
    if guard.settles is not None:
        made.append(Caution(id="guard", statement=guard.reason, settles=guard.settles))
    if isinstance(chart, NoChart):
        made.append(Caution(id="no_chart", statement=chart.reason))
    elif chart.trial:
        made.append(
            Caution(
                id="trial_limits",
                statement=say("The control limits rest on fewer than 12 periods."),
                settles=say("Collect at least 12 periods of the same process."),
            )
        )
    if (beyond := _beyond_the_quantile(history)) is not None and beyond < BEYOND:
        made.append(
            Caution(
                id="few_cases",
                statement=say(
                    "In a usual period {n} cases lie beyond the quantile; so few move it by "
                    "chance.",
                    n=Quantity(value=beyond, digits=1),
                ),
                settles=say("Choose longer periods (data.kpi.period.grain) or the median."),
            )
        )
    if not any(run.against == "last_year" for run in found.misses.runs):
        made.append(
            Caution(
                id="no_last_year",
                statement=say(
                    "There is no year before to compare with, so a season can look like a trend."
                ),
                settles=say("Bring more than a year of data."),
            )
        )
    made += [
        Caution(
            id=f"mix_{mix.dimension}",
            statement=say(
                "Most of the change of {total} is a shift between the values of {dimension}: "
                "{mix}. Within them it is {rate}.",
                dimension=mix.dimension,
                mix=mix.mix,
                rate=mix.rate,
                total=mix.total,
            ),
            settles=say("Split the KPI by it in the diagnosis."),
        )
        for mix in guard.mix
        if mix.explains
    ]
    last = history.as_of.start
    for event in history.events:
        over = event.end is not None and event.end.start < history.series.points[0].period.start
        if event.start.start <= last and not over:
            made.append(
                Caution(
                    id=f"event_{event.start.start}",
                    statement=say(
                        "Known event in these periods: {title} (from {start}).",
                        title=event.title,
                        start=event.start,
                    ),
                    settles=say("Ask whether it alone explains the figures before starting."),
                )
            )
    return tuple(made)


def problem(found: Found) -> Statement:
    """The problem as the kick-off minutes state it."""
    worst = found.worst
    if worst is not None and worst.level == "red":
        return say(
            "{kpi} was {worse} {run} periods running, since {since}.",
            kpi=found.history.series.name,
            worse=worse(worst),
            run=count(worst.run),
            since=worst.since or found.history.as_of,
        )
    return _latest(found.history).statement


def _latest(history: History) -> Finding:
    series = history.series
    known = [point for point in series.points if point.value is not None]
    if not known:
        return Finding(id="latest", statement=say("No period has a value."))
    last = known[-1]
    value = series.quantity(last.value or 0.0)
    if (few := _few_cases(series, last)) is not None:
        statement = few
    elif series.target is None:
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


def _few_cases(series: Series, last: Point) -> Statement | None:
    """A share of few cases, with its cases and the exact interval; None of many, or no share."""
    events, cases = last.numerator, last.denominator
    if series.unit != SHARE or events is None or not cases or cases >= FEW:
        return None
    if not (events.is_integer() and cases.is_integer() and 0 <= events <= cases):
        return None
    found = clopper_pearson(int(events), int(cases))
    values: dict[str, Value] = {
        "kpi": series.name,
        "period": last.period,
        "value": series.quantity(last.value or 0.0),
        "events": count(found.events),
        "cases": count(found.trials),
        "lower": series.quantity(found.lower or 0.0),
        "upper": series.quantity(found.upper or 0.0),
    }
    if series.target is None:
        return say(
            "{kpi} in {period}: {value}, {events} of {cases} cases (95% interval {lower} to "
            "{upper}); no target is set.",
            **values,
        )
    return say(
        "{kpi} in {period}: {value}, {events} of {cases} cases (95% interval {lower} to {upper}); "
        "the target is {target}.",
        target=series.quantity(series.target),
        **values,
    )


def _beyond_the_quantile(history: History) -> float | None:
    """How many cases of a usual period lie beyond the quantile, on its thinner side."""
    if history.quantile is None:
        return None
    cases = [point.denominator for point in history.series.points if point.denominator]
    share = min(history.quantile, 1 - history.quantile)
    return round(median(cases) * share, 9) if cases else None


def _cases_behind(history: History, quantile: float) -> list[Finding]:
    """What a quantile says, and of how many cases."""
    known = [point for point in history.series.points if point.value is not None]
    if not known:
        return []
    statement = say(
        "That is a quantile: {share} of the {n} cases of {period} lie at or below it.",
        share=Quantity(value=quantile, unit="share", digits=None if quantile * 100 % 1 else 0),
        n=count(int(known[-1].denominator or 0)),
        period=known[-1].period,
    )
    return [Finding(id="quantile", statement=statement)]


def _misses(run: MissRun) -> Finding:
    told = {
        "target": say("Against the target: {run} misses running, {longest} at the longest."),
        "last_year": say(
            "Against the same period a year before: worse {run} periods running, {longest} at the "
            "longest."
        ),
        "usual": say(
            "Against its usual level: worse {run} periods running, {longest} at the longest."
        ),
    }[run.against]
    values: dict[str, Value] = {"run": count(run.run), "longest": count(run.longest)}
    if run.level == "unknown" and run.until is not None:
        told = {
            "target": say(
                "Against the target, to {until}, the newest period with data: {run} misses "
                "running, {longest} at the longest."
            ),
            "last_year": say(
                "Against the same period a year before, to {until}, the newest that can be "
                "compared: worse {run} periods running, {longest} at the longest."
            ),
            "usual": say(
                "Against its usual level, to {until}, the newest period with data: worse {run} "
                "periods running, {longest} at the longest."
            ),
        }[run.against]
        values["until"] = run.until
    return Finding(
        id=f"misses_{run.against}",
        statement=Statement(message=told.message, values=values),
        grade="D",
    )


def _false_starts(rules: Rules) -> list[Finding]:
    """The deciding rule beside the wildest one: what holding the rate buys."""
    ours: RuleRow | None = next((row for row in rules.rows if row.decides), None)
    others = [row for row in rules.rows if not row.decides and row.false_per_year is not None]
    if ours is None or ours.false_per_year is None or not others:
        return []
    wild = max(others, key=lambda row: row.false_per_year or 0.0)
    return [
        Finding(
            id="false_starts",
            statement=say(
                "False starts a year on noise like this: {ours} by the combined verdict, {theirs} "
                "by the rule '{rule}'.",
                ours=Quantity(value=ours.false_per_year, digits=1),
                theirs=Quantity(value=wild.false_per_year or 0.0, digits=1),
                rule=wild.rule,
            ),
            grade="C",
        )
    ]
