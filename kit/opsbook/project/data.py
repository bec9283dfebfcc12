"""The section `data`: where the tables are and how their columns are to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from opsbook.project.base import Cell, Column, Section, When
from opsbook.project.tables import FeedbackTable, ProcessTable
from opsbook.text import Grain


class PeriodColumn(Section):
    """The column that says when."""

    column: Column = Field(description="Column with the date, or the first day, of each row.")
    grain: Grain = Field(description="How long a period is.")


class KpiTable(Section):
    """The table of the KPI: one row per period and dimensions, or finer."""

    path: Path = Field(
        description="CSV (also .gz) or Parquet; relative to the params file.",
        examples=["data/us_airport_delays_monthly.csv.gz"],
    )
    source: str = Field("", description="Who published the data; printed in the report.")
    licence: str = Field("", description="The data's licence; printed in the report.")
    simulated: bool = Field(
        default=False, description="True for made-up data; every page of the report says so."
    )
    period: PeriodColumn = Field(description="The column that says when.")
    dimensions: tuple[Column, ...] = Field(
        (), description="Columns to break the metric down by: channel, store, airport."
    )
    filter: dict[Column, Cell | tuple[Cell, ...]] = Field(
        {}, description="Rows to use at all: column → value or values."
    )
    focus: dict[Column, Cell | tuple[Cell, ...]] = Field(
        {},
        description="The part that this project is about: dimension → value. The rest of the "
        "table stays at hand for comparison.",
        examples=[{"airport": "JFK"}],
    )
    labels: dict[str, str] = Field(
        {},
        description="What the reader calls a column or a value: name in the table → words.",
        examples=[{"n_nas": "Air-traffic system"}],
    )


class KnownEvent(Section):
    """Something that happened and may move the KPI by itself."""

    title: str = Field(min_length=1, description="What happened.")
    start: When = Field(alias="from", description="When it began.")
    end: When | None = Field(None, alias="to", description="When it ended; open if left out.")
    kind: Literal["event", "holiday", "intervention", "definition_change", "data_problem"] = Field(
        "event", description="What sort of event it is."
    )


class DataSection(Section):
    """Where the numbers come from."""

    kpi: KpiTable = Field(description="The table of the KPI.")
    process: ProcessTable | None = Field(None, description="The event log of the process.")
    feedback: FeedbackTable | None = Field(None, description="What customers say.")
    events: tuple[KnownEvent, ...] = Field(
        (), description="Known events, named beside the figures and the verdicts."
    )
