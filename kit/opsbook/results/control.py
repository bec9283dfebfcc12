"""What stage 5 saves: the new normal, its limits, what breaches them, and what comes next."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from opsbook.results.base import Series, StageResult
from opsbook.results.effect import Verdict
from opsbook.results.trigger import ControlChart, Level
from opsbook.text import Period, Quantity, Record, Statement

Action = Literal["standardise", "roll_back", "next_hypothesis", "mend", "extend", "watch"]


class Watch(Record):
    """The metric since the change against limits from after the change only.

    Attributes:
        breaches: Periods after the baseline beyond the limit on the bad side.
        lost: Share of the gain that the breaching periods gave back; None without a gain.
    """

    series: Series
    chart: ControlChart
    baseline_start: Period
    baseline_end: Period
    breaches: tuple[Period, ...]
    level: Level
    lost: float | None = None


class Hypothesis(Record):
    """A why that was not confirmed, in the order in which to take it up."""

    id: str
    claim: str
    status: Literal["untested", "refuted"]
    controllable: bool


class Decision(Record):
    """What the verdict asks for.

    Attributes:
        reason: Why that action.
        rollback_met: Whether the rollback condition is met; None where none is judged.
        hypotheses: What to take up next, where the change did not work.
        extension: How to go on measuring, where the data cannot tell.
        reviews: Dates of the reviews.
    """

    action: Action
    reason: Statement
    verdict: Verdict | None
    rollback_met: bool | None = None
    rollback: Statement | None = None
    hypotheses: tuple[Hypothesis, ...] = ()
    extension: tuple[Statement, ...] = ()
    reviews: tuple[dt.date, ...] = ()


class Site(Record):
    """A unit without the change, and what the change may bring there."""

    unit: str
    value: float
    cases: float
    expected: float
    gain: float


class RollOut(Record):
    """Where to go next, largest expected gain first.

    Attributes:
        shrinkage: What the measured effect is multiplied by, since a shown effect is overstated.
    """

    effect: Quantity
    shrinkage: float
    sites: tuple[Site, ...]
    unit: str
    change_unit: str


class LoopResult(Record):
    """A loop: what was promised and what came of it."""

    title: str
    launched: Period | None
    forecast: float | None
    measured: float | None
    verdict: Verdict | None
    current: bool = False


class Loops(Record):
    """All loops on this metric, the present one last."""

    rows: tuple[LoopResult, ...]
    change_unit: str


class ControlResult(StageResult):
    """The limits, the watch, the decision, and the next project's params file."""

    stage: Literal["control"] = "control"
    watch: Watch | None = None
    decision: Decision | None = None
    roll_out: RollOut | None = None
    loops: Loops | None = None
    next_params: str | None = None
