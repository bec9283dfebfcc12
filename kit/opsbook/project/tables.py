"""The sections `data.process` and `data.feedback`: tables beside the KPI's."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from opsbook.project.base import Cell, Column, Section, Zone


class SideTable(Section):
    """A table that stands beside the KPI table."""

    path: Path = Field(
        description="A file of any kind that data.kpi.path may name; relative to the params file."
    )
    sheet: str | None = Field(None, description="Sheet of a workbook, if it has several.")
    encoding: str | None = Field(None, description="Encoding of a text file, if it is told wrong.")
    order: Literal["day_first", "month_first"] | None = Field(
        None, description="How 03/04/2025 is meant; without it such a date stops the reading."
    )
    source: str = Field("", description="Who published the data; printed in the report.")
    licence: str = Field("", description="The data's licence; printed in the report.")
    simulated: bool = Field(
        default=False, description="True for made-up data; every page of the report says so."
    )
    filter: dict[Column, Cell | tuple[Cell, ...]] = Field(
        {}, description="Rows to use at all: column → value or values."
    )

    @property
    def columns(self) -> dict[str, str]:
        """Field → column of this table, for every column that the params name."""
        own = {
            name: column
            for name in type(self).model_fields
            if name not in {*SideTable.model_fields, "volume", "zone"}
            and isinstance(column := getattr(self, name), str)
        }
        return own | {f"filter.{column}": column for column in self.filter}


class ProcessTable(SideTable):
    """The event log of the process: one row for each time a step was done."""

    case: Column = Field(description="What goes through the process: an order, a ticket.")
    step: Column = Field(description="Name of the step.")
    start: Column = Field(description="When work on the step began: date and time.")
    end: Column = Field(description="When it ended; empty while it has not.")
    resource: Column | None = Field(None, description="Who or what did it.")
    zone: Zone = Field(
        "UTC",
        description="Time zone of the log: moments that tell their own (…+08:00, …Z) are told in "
        "it, so that open hours meet them; the others are read as they stand.",
        examples=["Asia/Shanghai"],
    )


class FeedbackTable(SideTable):
    """What customers say: one row for each mention."""

    date: Column = Field(description="When it was said.")
    topic: Column = Field(description="What it is about, or the step it names.")
    channel: Column | None = Field(None, description="Where it was said: app, hotline, store.")
    text: Column | None = Field(
        None,
        description="The words; the same words on one day about one topic through one channel "
        "count once. The diagnosis quotes them without names and numbers.",
    )
    severity: Column | None = Field(None, description="How grave it is, as a word or a number.")
    score: Column | None = Field(
        None,
        description="Answer to 'would you recommend us?', 0 to 10, for the net promoter score.",
    )
    volume: Column | None = Field(
        None,
        description="Column of the KPI table that counts the orders or contacts behind the "
        "feedback; the watched metric's denominator if left out.",
    )
