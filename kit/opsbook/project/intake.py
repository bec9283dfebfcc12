"""The section `intake`: what may be wrong with the data and still be used."""

from __future__ import annotations

from pydantic import Field

from opsbook.project.base import Section


class IntakeSection(Section):
    """Stage 0: what may be wrong with the data and still be used."""

    minimum_periods: int = Field(
        12, ge=2, description="Fewer complete periods than this is 'usable with reservations'."
    )
