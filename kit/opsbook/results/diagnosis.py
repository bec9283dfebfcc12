"""What stage 2 saves: where, why, and whether it is proven."""

from __future__ import annotations

from typing import Literal

from opsbook.methods.estimate import Estimate
from opsbook.results.base import StageResult
from opsbook.results.journey import Flow, Journey, Voices
from opsbook.results.logic_tree import LogicTree, SliceSearch
from opsbook.results.whys import Whys
from opsbook.text import Period, Quantity, Record, Statement


class PeriodValue(Record):
    """The metric over a stretch of periods.

    Attributes:
        volume: A ratio's denominator per period; None without one.
    """

    start: Period
    end: Period
    value: float
    numerator: float | None
    denominator: float | None
    n: int
    volume: float | None = None


class Change(Record):
    """How much the metric moved between the two stretches.

    Attributes:
        volume_change: Relative change of a ratio's denominator per period; None without one.
    """

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
    """The change split among causes that add up to a part of the ratio; the rest is unexplained.

    Attributes:
        of_loss: Whether they add up to what is lost, the denominator less the numerator.
    """

    of_loss: bool = False
    rows: tuple[CauseShare, ...]
    unit: str
    total: float
    unexplained: float
    peers: tuple[str, ...] = ()


class SegmentShare(Record):
    """What one segment contributes: its own rate, and its weight in the mix.

    The one without a label stands for all that are not told one by one.
    """

    value: str
    label: str
    before: float | None
    after: float | None
    n_before: float
    n_after: float
    rate: float
    mix: float
    enough: bool = True


class Segments(Record):
    """The change split by one dimension, exactly; or why it was not."""

    dimension: str
    label: str
    rows: tuple[SegmentShare, ...] = ()
    unit: str = ""
    rate: float = 0.0
    mix: float = 0.0
    total: float = 0.0
    reversal: bool = False
    reason: Statement | None = None


class DiagnosisResult(StageResult):
    """Where the change sits and which causes are proven."""

    stage: Literal["diagnosis"] = "diagnosis"
    change: Change | None = None
    trees: tuple[LogicTree, ...] = ()
    causes: Causes | None = None
    slices: tuple[SliceSearch, ...] = ()
    segments: tuple[Segments, ...] = ()
    journey: Journey | None = None
    flow: Flow | None = None
    voices: Voices | None = None
    whys: Whys | None = None
