"""The section `control`: limits, watch, owner, reaction, and the loops before this one."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from opsbook.project.base import Amount, Section, When, Window


class Loop(Section):
    """An earlier loop on the same metric: what it promised and what it brought."""

    title: str = Field(min_length=1, description="What was changed.")
    launched: When | None = Field(None, description="When.")
    forecast: Amount | None = Field(None, description="Change that was promised.")
    measured: Amount | None = Field(None, description="Change that was measured.")
    verdict: Literal["effective", "ineffective", "harmful", "cannot_tell"] | None = Field(
        None, description="Its verdict."
    )


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
    rollback: str = Field("", description="The condition on which the change is taken back.")
    rollback_at: Amount | None = Field(
        None,
        ge=0,
        description="How much worse the metric may be shown to get before the change is taken "
        "back; left out: any shown worsening.",
    )
    loops: tuple[Loop, ...] = Field((), description="Earlier loops on the same metric.")
