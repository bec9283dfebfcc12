"""What stage 2 saves: where, why, and whether it is proven."""

from __future__ import annotations

from typing import Literal

from opsbook.methods.estimate import Estimate
from opsbook.results.base import StageResult
from opsbook.text import Period, Quantity, Record, Statement

WhyStatus = Literal["confirmed", "refuted", "untested"]


class PeriodValue(Record):
    """The metric over a stretch of periods."""

    start: Period
    end: Period
    value: float
    numerator: float | None
    denominator: float | None
    n: int


class Change(Record):
    """How much the metric moved between the two stretches."""

    metric: str
    before: PeriodValue
    after: PeriodValue
    change: Quantity
    estimate: Estimate
    volume_change: Quantity | None = None


class CauseShare(Record):
    """How much of the change one cause carries."""

    cause: str
    label: str
    before: float
    after: float
    change: float
    share: float | None
    peers_change: float | None = None


class Causes(Record):
    """The change split among causes that add up to the numerator; the rest is unexplained."""

    rows: tuple[CauseShare, ...]
    unit: str
    total: float
    unexplained: float
    peers: tuple[str, ...] = ()


class SegmentShare(Record):
    """What one segment contributes: its own rate, and its weight in the mix."""

    value: str
    label: str
    before: float | None
    after: float | None
    n_before: float
    n_after: float
    rate: float
    mix: float


class Segments(Record):
    """The change split by one dimension, exactly."""

    dimension: str
    label: str
    rows: tuple[SegmentShare, ...]
    unit: str
    rate: float
    mix: float
    total: float
    reversal: bool


class WhyVerdict(Record):
    """One answer of the chain with its computed status."""

    id: str
    claim: str
    because_of: str | None
    controllable: bool
    status: WhyStatus
    evidence: tuple[Statement, ...]
    contribution: Quantity | None = None


class Whys(Record):
    """The chain of whys; refuted answers stay in sight."""

    rows: tuple[WhyVerdict, ...]


class DiagnosisResult(StageResult):
    """Where the change sits and which causes are proven."""

    stage: Literal["diagnosis"] = "diagnosis"
    change: Change | None = None
    causes: Causes | None = None
    segments: tuple[Segments, ...] = ()
    whys: Whys | None = None
