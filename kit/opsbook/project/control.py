"""The section `control`: limits, watch, owner and reaction."""

from __future__ import annotations

from pydantic import Field

from opsbook.project.base import Section, When, Window


class ControlSection(Section):
    """Stage 5: hold the gain, and notice when it goes."""

    baseline: Window | None = Field(
        None, description="Periods the limits come from; the effect's after-window if left out."
    )
    watch_until: When | None = Field(None, description="Last period to watch, all if left out.")
    yellow: int = Field(1, ge=1, description="Periods running beyond a limit that warn.")
    red: int = Field(2, ge=1, description="Periods running beyond a limit that trigger.")
    procedure: str = Field("", description="The standard procedure and its version.")
    owner: str = Field("", description="Who watches.")
    reaction: str = Field("", description="What is done at yellow and at red.")
    review_weeks: tuple[int, ...] = Field((4, 12, 26), description="When to look again.")
