"""The section `effect`: when it was launched, and what to compare with."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Section, When, Window
from opsbook.project.peers import Peers


class EffectSection(Section):
    """Stage 4: did it work?"""

    launched: When | None = Field(
        None, description="Day the change took effect; the stage is not due without it."
    )
    periods: int = Field(12, ge=2, description="Whole periods compared on each side.")
    launch_period: Literal["before", "left_out"] = Field(
        "before",
        description="The period in which the launch falls: counted as before, which keeps both "
        "windows in the same seasons and dilutes the effect a little, or left out.",
    )
    before: Window | None = Field(None, description="The window before, if not so many periods.")
    after: Window | None = Field(None, description="The window after, if not so many periods.")
    controls: Peers | None = Field(
        None, description="Units without the change; they take out what happened to everybody."
    )

    @model_validator(mode="after")
    def _windows_apart(self) -> Self:
        if self.launched is None:
            return self
        if self.before and self.before.end.first > self.launched.last:
            raise ValueError(
                f"before ends ({self.before.end.root}) after the launch ({self.launched.root})"
            )
        if self.after and self.after.start.last < self.launched.first:
            raise ValueError(
                f"after begins ({self.after.start.root}) before the launch ({self.launched.root})"
            )
        return self
