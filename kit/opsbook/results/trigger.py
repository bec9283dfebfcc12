"""What stage 1 saves: is there reason to start an optimisation?"""

from __future__ import annotations

from typing import Literal

from opsbook.results.base import Event, Series, StageResult
from opsbook.results.trigger_tables import DeclaredTrigger, Feedback, Process, RaciRow, SmartRow
from opsbook.text import Period, Quantity, Record, Statement, Term

Level = Literal["none", "yellow", "red"]
RunLevel = Literal["none", "yellow", "red", "unknown"]
Yardstick = Literal["target", "last_year", "usual"]
GuardVerdict = Literal["fluctuation", "structural", "data_problem", "insufficient"]
Assurance = Literal["will_hit", "will_miss", "may_do_either", "cannot_tell"]


class Comparison(Record):
    """The newest period against something else.

    Attributes:
        against: What it is held against.
        reference: Its value; None where it is not known.
        difference: Newest less reference; None likewise.
        relative: The difference over the size of the reference; None likewise.
        dropped: Whether that is a change for the worse of the size that the params name.
    """

    against: Literal["target", "previous", "last_year"]
    reference: float | None
    difference: float | None
    relative: float | None
    dropped: bool


class History(Record):
    """The KPI up to the period of the check, with what is known to have happened.

    Attributes:
        series: The KPI; its own target is the newest period's.
        target: The target of each period, where it differs by period; else empty.
        comparisons: The newest period against target, period before and year before.
        quantile: Which quantile the KPI is, where it is one.
    """

    series: Series
    as_of: Period
    events: tuple[Event, ...] = ()
    target: tuple[float | None, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    quantile: float | None = None


class MissRun(Record):
    """Consecutive misses against one yardstick, up to the newest period that can be compared.

    Attributes:
        against: The yardstick.
        run: Misses running, to `until`.
        since: Their first period; None without any.
        longest: The longest run there was.
        longest_from: Its first period.
        level: What the rule says of the newest period; ``unknown`` where that has no data.
        n: Periods compared.
        of_last: Misses among the last M periods, where an N-of-M rule is set and can be read.
        until: The newest period that can be compared; None if there is none.
    """

    against: Yardstick
    run: int
    since: Period | None
    longest: int
    longest_from: Period | None
    level: RunLevel
    n: int
    of_last: int | None = None
    until: Period | None = None


class Misses(Record):
    """The handbook's rule: two misses running warn, three trigger."""

    yellow: int
    red: int
    runs: tuple[MissRun, ...]
    window: int | None = None


class ControlChart(Record):
    """A control chart: which points chance alone does not explain.

    Attributes:
        chart: Name of the chart.
        reason: Why this one.
        periods: What it covers.
        centre: The newest centre line.
        centre_line: The centre of each period, season put back.
        lower: Lower limit of each period.
        upper: Upper limit of each period.
        outside: Periods beyond a limit.
        trial: Whether fewer than 12 periods set some limits.
        season: What was done about the season; None for none.
        screened: Periods left out of what sets the limits.
        stages: Periods at which the limits start afresh.
        assurance: What the process promises for the target, if it is stable.
        plotted: What is drawn where it is not the KPI itself: weighted means, or rising sums.
        plotted_low: Falling sums of a CUSUM chart, negative.
        onset: When the shift that a CUSUM chart alarms for most likely began.
    """

    chart: str
    reason: Statement
    periods: tuple[Period, ...]
    centre: float
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    outside: tuple[Period, ...]
    trial: bool
    season: Statement | None = None
    screened: tuple[Period, ...] = ()
    stages: tuple[Period, ...] = ()
    assurance: Assurance | None = None
    centre_line: tuple[float | None, ...] = ()
    plotted: tuple[float | None, ...] = ()
    plotted_low: tuple[float | None, ...] = ()
    onset: Period | None = None


class NoChart(Record):
    """Why no control chart can be drawn."""

    reason: Statement


class RuleRow(Record):
    """One rule: what it says now, and how often it cries wolf.

    Attributes:
        rule: What the rule is.
        fires: Whether it fires at the newest period; None where it cannot be read.
        past: Alarms it began in this KPI's own history.
        years: Years of that history.
        past_per_year: The same per year; None without history.
        false_per_year: Alarms it begins per year on noise like this KPI's; None if unknown.
        error: Simulation error of that.
        decides: Whether the verdict rests on it.
    """

    rule: Term
    fires: bool | None
    past: int
    years: float
    past_per_year: float | None
    false_per_year: float | None
    error: float | None
    decides: bool = False


class Rules(Record):
    """Every rule beside its false starts."""

    rows: tuple[RuleRow, ...]
    correlation: float | None


class ChangeRow(Record):
    """Something that stands out in the series, and what it is.

    Attributes:
        at: When it began.
        kind: What it is.
        jump: How far it moved the figure; None where it did not, or that is not known.
        worse: Whether it is for the worse; None where the figure only became more or less steady.
        p_value: Chance that noise alone would do this; None where that is no question.
        event: The known event at its time.
        spread: Standard deviation around the line before and after, where that changed.
    """

    at: Period
    kind: Literal[
        "level_shift",
        "trend_break",
        "level_and_trend",
        "spread_change",
        "spike",
        "definition_change",
        "data_problem",
        "known_event",
        "partial_period",
    ]
    jump: Quantity | None
    worse: bool | None
    p_value: float | None
    event: str | None
    spread: tuple[Quantity, Quantity] | None = None


class MixShift(Record):
    """The change of the KPI, split into segments' own rates and their shares."""

    dimension: str
    total: Quantity
    rate: Quantity
    mix: Quantity
    explains: bool
    reversal: bool


class Guard(Record):
    """Short-term fluctuation, structural problem, trouble in the data, or cannot tell."""

    verdict: GuardVerdict
    reason: Statement
    settles: Statement | None
    since: Period | None
    chance: float | None
    autocorrelation: float | None
    alarm: bool
    changes: tuple[ChangeRow, ...]
    lines: tuple[tuple[Period, float, Period, float], ...]
    mix: tuple[MixShift, ...]


class TriggerResult(StageResult):
    """The trigger check's verdict and what it rests on."""

    stage: Literal["trigger"] = "trigger"
    verdict: Literal["start", "watch", "no_reason", "insufficient"] | None = None
    history: History | None = None
    misses: Misses | None = None
    chart: ControlChart | NoChart | None = None
    rules: Rules | None = None
    guard: Guard | None = None
    process: Process | None = None
    feedback: Feedback | None = None
    declared: tuple[DeclaredTrigger, ...] = ()
    raci: tuple[RaciRow, ...] = ()
    smart: tuple[SmartRow, ...] = ()
