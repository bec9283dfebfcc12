"""The section `trigger`: which KPI is watched, and by which rules."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from opsbook.project.base import Section, When, Window
from opsbook.project.metric import Metric


class Misses(Section):
    """How many missed periods running count as a warning, and as a trigger."""

    yellow: int = Field(2, ge=1, description="Missed periods running that warn.")
    red: int = Field(3, ge=1, description="Missed periods running that trigger.")

    @model_validator(mode="after")
    def _red_is_later(self) -> Self:
        if self.red < self.yellow:
            raise ValueError(f"red ({self.red}) must not come before yellow ({self.yellow})")
        return self


class TriggerSection(Section):
    """Stage 1: is there reason to start an optimisation?"""

    watch: Metric | None = Field(
        None, description="The KPI to watch, where it is not the metric of the project."
    )
    as_of: When | None = Field(
        None, description="Last period the check may see; the newest complete one if left out."
    )
    misses: Misses = Field(Misses(), description="Missed periods running: yellow and red.")
    baseline: Window | None = Field(
        None, description="Periods the control limits are computed from; all if left out."
    )
