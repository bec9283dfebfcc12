"""What stage 1 saves of the process, the feedback, declared triggers and the task force."""

from __future__ import annotations

from typing import Literal

from opsbook.text import Period, Quantity, Record, Statement, Term


class StepRow(Record):
    """One step of the process; times in hours."""

    step: str
    events: int
    touch_p50: float
    touch_p90: float
    wait_p50: float | None
    wait_p90: float | None
    wait_hours: float
    rework: int


class Share(Record):
    """A share with its exact 95 % interval."""

    value: float
    lower: float
    upper: float
    events: int
    n: int


Limits = tuple[float | None, float | None]


class Process(Record):
    """T2: how the process ran; times in hours, with exact 95 % limits where the cases give any."""

    first: Period
    last: Period
    finished: int
    open: int
    lead_p50: float | None
    lead_p90: float | None
    wait_p50: float | None
    wait_p90: float | None
    touch_p50: float | None
    touch_p90: float | None
    sla_hours: float
    over_sla: Share | None
    rework: Share | None
    steps: tuple[StepRow, ...]
    bottleneck: str | None
    level: Literal["none", "yellow", "red", "unknown"]
    statement: Statement
    lead_p50_limits: Limits = (None, None)
    lead_p90_limits: Limits = (None, None)
    wait_p50_limits: Limits = (None, None)
    wait_p90_limits: Limits = (None, None)


class TopicRow(Record):
    """One topic of the feedback; the rate is per 1,000 of the volume."""

    topic: str
    mentions: int
    rate: float | None
    lower: float | None
    upper: float | None
    share: float | None
    cumulative: float | None
    enough: bool
    chart: str
    outside: tuple[Period, ...]
    counts: tuple[int, ...]


class NetPromoter(Record):
    """The net promoter score with its 95 % interval, in points from -100 to 100."""

    score: float
    lower: float
    upper: float
    n: int


class Feedback(Record):
    """T3: what customers say, and whether it gathers on one topic."""

    periods: tuple[Period, ...]
    volume: str | None
    topics: tuple[TopicRow, ...]
    newest: int
    topic: str | None
    share: float | None
    expected_share: float | None
    p_value: float | None
    nps: NetPromoter | None
    level: Literal["none", "yellow", "red", "unknown"]
    statement: Statement


class DeclaredTrigger(Record):
    """T4 or T5: a trigger that people declared, with a snapshot of the KPI."""

    kind: Literal["strategy", "launch"]
    title: str
    reason: str
    date: Period
    decider: str
    baseline: Quantity | None
    baseline_low: Quantity | None
    baseline_high: Quantity | None
    baseline_n: int
    since: int
    actual: tuple[float | None, ...]
    ramp: tuple[float, ...]
    lower: Quantity | None
    upper: Quantity | None
    trial: bool
    statement: Statement


class RaciRow(Record):
    """Who does what in one step of the handbook: R, A, C or I for each role."""

    activity: Term
    lead: str
    data: str
    execution: str
    support: str


class SmartRow(Record):
    """One letter of SMART: whether the goal has it, and why."""

    letter: Literal["S", "M", "A", "R", "T"]
    met: bool | None
    reason: Statement
