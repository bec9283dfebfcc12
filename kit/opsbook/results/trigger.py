"""What stage 1 saves: is there reason to start an optimisation?"""

from __future__ import annotations

from typing import Literal

from opsbook.results.base import Event, Series, StageResult
from opsbook.text import Period, Record, Statement

Level = Literal["none", "yellow", "red"]
Yardstick = Literal["target", "last_year"]


class History(Record):
    """The KPI up to the period of the check, with what is known to have happened."""

    series: Series
    as_of: Period
    events: tuple[Event, ...] = ()


class MissRun(Record):
    """Consecutive misses against one yardstick, ending at the last period."""

    against: Yardstick
    run: int
    since: Period | None
    longest: int
    longest_from: Period | None
    level: Level
    n: int


class Misses(Record):
    """The handbook's rule: two misses running warn, three trigger."""

    yellow: int
    red: int
    runs: tuple[MissRun, ...]


class ControlChart(Record):
    """A control chart: which points chance alone does not explain."""

    chart: str
    reason: Statement
    periods: tuple[Period, ...]
    centre: float
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    outside: tuple[Period, ...]
    trial: bool


class TriggerResult(StageResult):
    """The trigger check's verdict and what it rests on."""

    stage: Literal["trigger"] = "trigger"
    verdict: Literal["start", "watch", "no_reason", "insufficient"] | None = None
    history: History | None = None
    misses: Misses | None = None
    chart: ControlChart | None = None
