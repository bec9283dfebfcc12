"""The section `trigger`: which KPI is watched, and by which rules."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Amount, Cell, Column, Section, When, Window
from opsbook.project.metric import Metric

RuleName = Literal[
    "misses",
    "n_of_m",
    "drop",
    "limits",
    "western_electric",
    "nelson",
    "ewma",
    "cusum",
]
ChartName = Literal[
    "auto",
    "xmr_chart",
    "p_chart",
    "laney_p_chart",
    "u_chart",
    "laney_u_chart",
    "ewma_chart",
    "cusum_chart",
]
#: Charts of counts, and the kind of metric that has such counts.
COUNTS: dict[ChartName, str] = {
    "p_chart": "share",
    "laney_p_chart": "share",
    "u_chart": "rate",
    "laney_u_chart": "rate",
}


class Misses(Section):
    """How many missed periods running count as a warning, and as a trigger."""

    yellow: int = Field(2, ge=1, description="Missed periods running that warn.")
    red: int = Field(3, ge=1, description="Missed periods running that trigger.")

    @model_validator(mode="after")
    def _red_is_later(self) -> Self:
        if self.red < self.yellow:
            raise ValueError(f"red ({self.red}) must not come before yellow ({self.yellow})")
        return self


class NOfM(Section):
    """So many misses among the last so many periods warn."""

    misses: int = Field(ge=1, description="Misses that warn.")
    of: int = Field(ge=1, description="Among so many periods, the newest included.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.misses > self.of:
            raise ValueError(f"there cannot be {self.misses} misses among {self.of} periods")
        return self


class TargetRule(Section):
    """A target for some periods or some part of the table; the last that fits holds."""

    value: Amount = Field(description="The figure to reach, in the metric's unit.")
    where: dict[Column, Cell] = Field(
        {}, description="Holds where data.kpi.focus has these values: dimension → value."
    )
    start: When | None = Field(None, alias="from", description="First period it holds for.")
    end: When | None = Field(None, alias="to", description="Last period it holds for.")


class ChartLimits(Section):
    """Which periods set the control limits."""

    chart: ChartName = Field("auto", description="The chart; auto lets the data choose.")
    start_afresh: tuple[When, ...] = Field(
        (),
        description="Periods from which the limits are computed anew: one for rebased limits, "
        "several for staged ones.",
    )
    screen: bool = Field(
        default=False,
        description="True leaves points beyond the limits out of what sets them.",
    )
    locked: int | None = Field(
        None, ge=2, description="Periods at the beginning of each stage that set its limits."
    )


class ProcessRules(Section):
    """When the process counts as inefficient."""

    days: int = Field(90, ge=1, description="Cases that began in so many days are looked at.")
    sla_hours: float = Field(2, gt=0, description="Agreed lead time of a case, in hours.")
    late_share: Amount = Field(0.1, ge=0, le=1, description="Accepted share of cases over it.")
    rework_share: Amount = Field(0.3, ge=0, le=1, description="Accepted share with rework.")


class FeedbackRules(Section):
    """When feedback counts as concentrated."""

    periods: int = Field(4, ge=1, description="Newest periods that are held against those before.")
    least: int = Field(10, ge=1, description="Mentions that a topic needs.")


class Declared(Section):
    """A trigger that people declare: a strategy review, or something new."""

    kind: Literal["strategy", "launch"] = Field(description="strategy: T4; launch: T5.")
    title: str = Field(min_length=1, description="What is reviewed or launched.")
    reason: str = Field(min_length=1, description="Why.")
    date: When = Field(description="When it was declared or launched.")
    decider: str = Field(min_length=1, description="Who decided.")
    ramp: tuple[Amount, ...] = Field(
        (), description="Planned value of the KPI in the first periods after a launch."
    )


class TriggerSection(Section):
    """Stage 1: is there reason to start an optimisation?"""

    watch: Metric | None = Field(
        None, description="The KPI to watch, where it is not the metric of the project."
    )
    as_of: When | None = Field(
        None, description="Last period the check may see; the newest complete one if left out."
    )
    targets: tuple[TargetRule, ...] = Field(
        (), description="Targets by period or segment, over metric.target."
    )
    misses: Misses = Field(Misses(), description="Missed periods running: yellow and red.")
    n_of_m: NOfM | None = Field(None, description="Misses among the last periods that warn.")
    drop: Amount = Field(
        0.1, gt=0, description="Relative change for the worse that the drop rule reports."
    )
    rules: tuple[RuleName, ...] = Field(
        ("misses", "drop", "limits", "western_electric", "ewma", "cusum"),
        description="Rules replayed on the KPI's past and on noise like it, beside the verdict.",
    )
    baseline: Window | None = Field(
        None,
        description="Periods that teach the level and the noise, and set the control limits. If "
        "left out, the chart uses all and the verdict learns from the first half at most.",
    )
    limits: ChartLimits = Field(ChartLimits(), description="How the control limits are set.")
    process: ProcessRules = Field(ProcessRules(), description="Thresholds for data.process.")
    feedback: FeedbackRules = Field(FeedbackRules(), description="Thresholds for data.feedback.")
    declared: tuple[Declared, ...] = Field((), description="Triggers that people declare.")
