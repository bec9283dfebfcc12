"""The section `intake`: what may be wrong with the data and still be used."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from opsbook.project.base import Section

Policy = Literal["refuse", "drop", "keep"]


class IntakeSection(Section):
    """Stage 0: what may be wrong with the data and still be used.

    Each kind of fault has a policy: `refuse` stops with the rows named, `drop` leaves the row out,
    `keep` uses it; each is told in the ledger.
    """

    unreadable: Policy = Field(
        "refuse",
        description="A cell that is no date or number, or a row with too many or too few cells; "
        "keep counts the cell as empty.",
    )
    missing: Policy = Field(
        "keep",
        description="An empty figure; keep uses the row for the metrics whose figures it has.",
    )
    duplicates: Policy | None = Field(
        None,
        description="Exact copies of another row. Left out: drop where the other rows can all be "
        "told apart, by a number of their own or by figures that differ; else keep, since copies "
        "may be real.",
    )
    repeated_keys: Policy = Field(
        "refuse",
        description="Rows that share data.kpi.key and differ; drop keeps the first, of a database "
        "the first by date.",
    )
    impossible: Policy = Field(
        "keep", description="A count below zero, or a numerator larger than its denominator."
    )
    future: Policy = Field("drop", description="A date after today.")
    totals: Policy = Field("drop", description="A row of totals (合计, total) among the others.")
    minimum_periods: int = Field(
        12, ge=2, description="Fewer complete periods than this is 'usable with reservations'."
    )
