"""What the trigger check concludes, in words."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import Literal

from opsbook.results import Caution, Finding, Tone
from opsbook.results.trigger import (
    ControlChart,
    Guard,
    GuardVerdict,
    History,
    Level,
    Misses,
    MissRun,
    NoChart,
    RuleRow,
    Rules,
    RunLevel,
)
from opsbook.results.trigger_tables import DeclaredTrigger, Feedback, Process
from opsbook.stages.trigger_guard import NOT_JUDGED
from opsbook.text import Quantity, Statement, Term, Value, say, term

Verdict = Literal["start", "watch", "no_reason", "insufficient"]
LEVELS: tuple[Level, ...] = ("none", "yellow", "red")
#: With fewer cases beyond it in a usual period, a quantile is hardly more than its extremes.
BEYOND = 5
RANKS: tuple[RunLevel, ...] = ("unknown", *LEVELS)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the steps of the stage found."""

    history: History
    misses: Misses
    chart: ControlChart | NoChart
    rules: Rules
    guard: Guard
    process: Process | None
    feedback: Feedback | None
    declared: tuple[DeclaredTrigger, ...]

    @property
    def worst(self) -> MissRun | None:
        """The run of misses at the highest level, the longest first."""
        return max(
            self.misses.runs, key=lambda run: (RANKS.index(run.level), run.run), default=None
        )

    @property
    def other_red(self) -> Statement | None:
        """What the process, the feedback or a declaration calls for."""
        for part in (self.process, self.feedback):
            if part is not None and part.level == "red":
                return part.statement
        return None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The verdict, its colour and its sentence."""

    verdict: Verdict
    tone: Tone
    headline: Statement


def decision(guard: GuardVerdict, level: Level, *, alarm: bool) -> Verdict:
    """Combine the rules so that the rate of false starts is held.

    Args:
        guard: The guard's verdict.
        level: The worst level of the handbook's rules.
        alarm: Whether the newest period is in alarm by the combined verdict.
    """
    if guard == "structural" and alarm and level == "red":
        return "start"
    if guard == "insufficient" and not alarm:
        return "insufficient"
    if alarm or guard in {"structural", "data_problem"} or level != "none":
        return "watch"
    return "no_reason"


def verdict(found: Found) -> Answer:
    """The verdict of all triggers together, with its sentence."""
    guard, worst = found.guard, found.worst
    level: Level = "none" if worst is None or worst.level == "unknown" else worst.level
    decided = decision(guard.verdict, level, alarm=guard.alarm)
    if decided == "start" and worst is not None:
        return Answer(verdict="start", tone="bad", headline=_start(found, worst))
    if found.other_red is not None:
        return Answer(verdict="start", tone="bad", headline=found.other_red)
    if decided == "insufficient":
        return Answer(verdict="insufficient", tone="unknown", headline=_insufficient(found))
    if guard.verdict == "data_problem":
        return Answer(
            verdict="watch",
            tone="unknown",
            headline=say(
                "Mend the data first: what {kpi} shows may come from the data, not the business.",
                kpi=found.history.series.name,
            ),
        )
    if guard.alarm or guard.verdict == "structural":
        return Answer(verdict="watch", tone="warn", headline=_watch_alarm(found))
    if level != "none" and worst is not None:
        return Answer(verdict="watch", tone="warn", headline=_watch(found, worst))
    if any(card.kind == "strategy" for card in found.declared):
        headline = say(
            "Start by decision: {title} was declared; {kpi} itself gives no reason.",
            title=next(card.title for card in found.declared if card.kind == "strategy"),
            kpi=found.history.series.name,
        )
        return Answer(verdict="start", tone="neutral", headline=headline)
    return Answer(verdict="no_reason", tone="neutral", headline=_no_reason(found))


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
                "Most of the change is a shift between the values of {dimension}, not within "
                "them: {mix} of {total}.",
                dimension=mix.dimension,
                mix=mix.mix,
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


def worse(run: MissRun) -> Term:
    """What a run is a run of."""
    return WORSE[run.against]


def count(number: int) -> Quantity:
    """A whole number for a sentence."""
    return Quantity(value=number, unit="count")


WORSE = {
    "target": term("off its target"),
    "last_year": term("worse than a year before"),
    "usual": term("worse than usual"),
}
ASSURANCE = {
    "will_hit": say("As the process runs, it will meet its target every time."),
    "will_miss": say("As the process runs, it will miss its target every time."),
    "may_do_either": say("As the process runs, chance decides whether it meets its target."),
}


def _start(found: Found, run: MissRun) -> Statement:
    return say(
        "Start an optimisation: {kpi} was {worse} {run} periods running, to {as_of}, and chance "
        "does not explain it.",
        kpi=found.history.series.name,
        worse=worse(run),
        run=count(run.run),
        as_of=found.history.as_of,
    )


def _watch_alarm(found: Found) -> Statement:
    since = found.guard.since or found.history.as_of
    name = found.history.series.name
    if found.guard.verdict == "fluctuation":
        return say(
            "Watch, do not start yet: {kpi} has been worse than noise since {since}, with a known "
            "event that passes.",
            kpi=name,
            since=since,
        )
    if found.guard.verdict == "insufficient":
        return say(
            "Watch, do not start yet: {kpi} has been worse than noise only since {since}.",
            kpi=name,
            since=since,
        )
    if not found.guard.alarm and found.worst is not None and found.worst.level == "red":
        return say(
            "Watch, do not start yet: {kpi} changed for the worse at {since}, but its newest "
            "periods alone are not beyond the noise of the baseline.",
            kpi=name,
            since=since,
        )
    return say(
        "Watch, do not start yet: {kpi} has been worse than noise since {since}, but no rule of "
        "the handbook is red.",
        kpi=name,
        since=since,
    )


def _watch(found: Found, run: MissRun) -> Statement:
    if run.of_last is not None and run.run < found.misses.yellow:
        return say(
            "Watch, do not start yet: {kpi} missed its target in {missed} of the last {window} "
            "periods, now within what noise does.",
            kpi=found.history.series.name,
            missed=count(run.of_last),
            window=count(found.misses.window or 0),
        )
    return say(
        "Watch, do not start yet: {kpi} was {worse} {run} periods running, which noise alone can "
        "bring about.",
        kpi=found.history.series.name,
        worse=worse(run),
        run=count(run.run),
    )


def _no_reason(found: Found) -> Statement:
    return say(
        "No reason to start: {kpi} shows no run of misses that would warn, to {as_of}.",
        kpi=found.history.series.name,
        as_of=found.history.as_of,
    )


def _insufficient(found: Found) -> Statement:
    name, as_of = found.history.series.name, found.history.as_of
    if found.history.series.points[-1].value is None:
        before = max(found.misses.runs, key=lambda run: run.run, default=None)
        if before is not None and before.run and before.until is not None:
            return say(
                "The data cannot tell: {kpi} has no value in {as_of}. To {until}, the newest "
                "period with data, it was {worse} {run} periods running.",
                kpi=name,
                as_of=as_of,
                until=before.until,
                worse=worse(before),
                run=count(before.run),
            )
        return say(
            "The data cannot tell: {kpi} has no value in {as_of}.",
            kpi=name,
            as_of=as_of,
        )
    if found.guard.reason.message == NOT_JUDGED.message:
        return say(
            "The data cannot tell: {as_of} is known to be a holiday or faulty, and {kpi} is not "
            "judged in it.",
            kpi=name,
            as_of=as_of,
        )
    return say(
        "The data cannot tell: {kpi} has too few periods, or too constant ones, to know its noise.",
        kpi=name,
    )


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
