"""The section `data`: where the tables are and how their columns are to be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from opsbook.project.base import Cell, Column, Section, When, Zone
from opsbook.project.tables import FeedbackTable, ProcessTable
from opsbook.text import Grain

ENVIRONMENT = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


class PeriodColumn(Section):
    """The column that says when."""

    column: Column = Field(description="Column with the date, or the first day, of each row.")
    grain: Grain = Field(description="How long a period is.")
    order: Literal["day_first", "month_first"] | None = Field(
        None, description="How 03/04/2025 is meant; without it such a date stops the intake."
    )
    zone: Zone = Field(
        "UTC",
        description="Time zone whose days count where a Parquet or database column holds instants "
        "(timestamps with a time zone). A text keeps the day that is written.",
        examples=["Asia/Shanghai"],
    )


class KpiTable(Section):
    """The table of the KPI: one row per period and dimensions, or finer."""

    path: Path | None = Field(
        None,
        description="CSV or TSV (also .gz), Excel (.xlsx), Parquet (a file, a folder or a glob), "
        "JSON lines (.jsonl) or a DuckDB file; relative to the params file.",
        examples=["data/us_airport_delays_monthly.csv.gz"],
    )
    connection: str | None = Field(
        None,
        description="Instead of a path: a database, as env:NAME, the environment variable that "
        "holds its address (SQLAlchemy URL). The address itself is never written down.",
        examples=["env:OPS_DB_URL"],
    )
    query: str | None = Field(
        None, description="With a connection: one SELECT; it is summed inside the database."
    )
    table: str | None = Field(
        None, description="Table of a connection or of a DuckDB file; may name its schema."
    )
    sheet: str | None = Field(None, description="Sheet of a workbook, if it has several.")
    encoding: str | None = Field(
        None, description="Encoding of a text file, if it is told wrong: gb18030, utf-16, latin-1."
    )
    delimiter: str | None = Field(
        None, min_length=1, max_length=1, description="What separates cells, if it is told wrong."
    )
    header_line: int | None = Field(
        None, ge=1, description="Line of the column names, if it is told wrong."
    )
    upper_header: Column | None = Field(
        None,
        description="Of two header rows, the upper one holds values of this dimension (a column "
        "group per store); the table is turned so that it becomes a column.",
    )
    decimal: Literal[".", ","] | None = Field(
        None, description="What stands before the decimals, if the cells cannot tell."
    )
    blanks: tuple[str, ...] = Field(
        (), description="Texts that mean an empty cell here, beside --, N/A and the like."
    )
    key: tuple[Column, ...] = Field(
        (), description="Columns that tell rows apart: a key that comes twice is a fault."
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
        {}, description="Rows to use at all: column → value or values, as in focus."
    )
    focus: dict[Column, Cell | tuple[Cell, ...]] = Field(
        {},
        description="The part that this project is about: dimension → value. The rest of the "
        "table stays at hand for comparison. true also means True, yes, y, 1 or 是 in the table, "
        "and false their opposites; 12 also means 12.0; a text in quotes means itself.",
        examples=[{"airport": "JFK"}],
    )
    labels: dict[str, str] = Field(
        {},
        description="What the reader calls a column or a value: name in the table → words.",
        examples=[{"n_nas": "Air-traffic system"}],
    )

    @model_validator(mode="before")
    @classmethod
    def _no_secret_is_written_down(cls, values: Any) -> Any:
        """Stop here, so that no message ever repeats what stands in the field."""
        connection = values.get("connection") if isinstance(values, dict) else None
        if connection is not None and not ENVIRONMENT.fullmatch(str(connection)):
            raise ValueError(
                "connection must be env:NAME, the name of an environment variable; the address "
                "and its password do not belong into a params file"
            )
        return values

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.path is None) == (self.connection is None):
            raise ValueError("needs either a path or a connection")
        if self.connection is not None and (self.query is None) == (self.table is None):
            raise ValueError("a connection needs either a query or a table")
        if self.connection is None and self.query is not None:
            raise ValueError("a query needs a connection")
        return self


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
