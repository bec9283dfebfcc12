"""What stage 5 saves: the new normal, its limits, and what breaches them."""

from __future__ import annotations

from typing import Literal

from opsbook.results.base import Series, StageResult
from opsbook.results.trigger import ControlChart, Level
from opsbook.text import Period, Record


class Watch(Record):
    """The metric since the change against limits from after the change only."""

    series: Series
    chart: ControlChart
    baseline_start: Period
    baseline_end: Period
    breaches: tuple[Period, ...]
    level: Level


class ControlResult(StageResult):
    """The limits, the watch, and the next project's params file."""

    stage: Literal["control"] = "control"
    watch: Watch | None = None
    next_params: str | None = None
