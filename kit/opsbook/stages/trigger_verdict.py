"""What the trigger check concludes, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from opsbook.results import Tone
from opsbook.results.trigger import (
    ControlChart,
    Guard,
    GuardVerdict,
    History,
    Level,
    Misses,
    MissRun,
    NoChart,
    Rules,
    RunLevel,
)
from opsbook.results.trigger_tables import DeclaredTrigger, Feedback, Process
from opsbook.stages.trigger_guard import NOT_JUDGED
from opsbook.text import Quantity, Statement, Term, say, term

Verdict = Literal["start", "watch", "no_reason", "insufficient"]
LEVELS: tuple[Level, ...] = ("none", "yellow", "red")
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
    if not found.guard.alarm and found.guard.autocorrelation is None:
        return say(
            "Watch, do not start yet: {kpi} changed for the worse at {since}; its baseline is too "
            "short or constant to know its noise.",
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
