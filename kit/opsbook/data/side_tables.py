"""Reading a table that stands beside the KPI's: its columns, its rows, their receipt."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from opsbook.data.columns import Column, read_dates, read_figure, read_moments
from opsbook.data.fingerprint import fingerprint
from opsbook.data.locations import locate
from opsbook.data.rewrite import LINE
from opsbook.data.sources import Source, open_source
from opsbook.data.sql import quoted, trimmed
from opsbook.data.values import is_one_of
from opsbook.errors import DataError
from opsbook.project.data import KpiTable, PeriodColumn
from opsbook.project.tables import SideTable
from opsbook.results.intake import Ledger, LedgerLine
from opsbook.text import Grain, say

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "date", "moment", "number"]
#: What a cell of a kind is called where it is none.
CALLED = {"date": "date", "moment": "date and time", "number": "number"}


@contextlib.contextmanager
def open_side_table(
    options: KpiTable, folder: Path, field: str, wanted: Mapping[str, str]
) -> Iterator[tuple[Source, str]]:
    """Open a table beside the KPI's, in any form that the KPI's may have.

    Args:
        options: Its path, and how it is read.
        folder: The params file's folder.
        field: Where the params name the path.
        wanted: Field of the params → the column that it names.

    Yields:
        The table, and the SHA-256 of its content.

    Raises:
        DataError: If it cannot be read as a table, has no such column, or a row does not fit its
            header.
    """
    location = locate(options.path, folder, field)
    with open_source(location, options, set(wanted.values()), "rewritten") as source:
        there = ", ".join(name for name in source.types if name != LINE)
        for name, column in wanted.items():
            if not source.has(column):
                raise DataError(
                    f"{source.name} has no column '{column}' ({name}); it has: {there}.",
                    "Correct the name in the params file.",
                )
        if source.ragged:
            line, cells = source.ragged[0]
            raise DataError(
                f"{source.name}, line {line}: {cells} cells, where the column names are "
                f"{source.width}.",
                "Correct the row.",
            )
        yield source, fingerprint(location).sha256


def read_column(source: Source, options: KpiTable, wanted: str, kind: Kind) -> Column:
    """Read a column of a table beside the KPI's.

    Args:
        source: The table.
        options: How it is read.
        wanted: The column.
        kind: What its cells are.

    Raises:
        DataError: If a cell that is not empty is no such thing; naming the first.
    """
    text = trimmed(quoted(source.column(wanted)))
    if kind == "text":
        value = f"nullif({text}, '')"
        blank = f"({value} IS NULL)"
        return Column(name=wanted, kind="figure", value=value, text=text, blank=blank)
    if kind == "date":
        period = options.period.model_copy(update={"column": wanted})
        column = read_dates(source, options.model_copy(update={"period": period}))
    elif kind == "moment":
        column = read_moments(source, options, wanted)
    else:
        column = read_figure(source, options, wanted)
    query = (
        f"SELECT row, cell, count(*) OVER () FROM (SELECT {source.line} AS row, "  # noqa: S608 - quoted
        f"{column.text} AS cell, {column.value} AS value, {column.blank} AS blank "
        f"FROM source {column.join}) WHERE value IS NULL AND NOT blank ORDER BY row LIMIT 1"
    )
    first = source.connection.execute(query).fetchone()
    if first is not None:
        row, cell, count = first
        others = f" ({count} rows in all)" if count > 1 else ""
        cause = (column.why or {}).get(cell) or f"'{cell}' is no {CALLED[kind]}"
        raise DataError(
            f"{source.name}, {source.place} {row}, column '{wanted}': {cause}{others}.",
            "Correct the cell, or leave it empty if it is unknown.",
        )
    return column


def read_side_table(
    table: SideTable,
    folder: Path,
    section: str,
    kinds: Mapping[str, Kind],
    *,
    needed: Collection[str],
    grain: Grain = "day",
    zone: str = "UTC",
) -> tuple[pd.DataFrame, Ledger]:
    """Read the used rows of a table, in their order.

    A row is left out if the filter excludes it or a cell that is needed is empty.

    Args:
        table: Its section of the params.
        folder: The params file's folder.
        section: Where the section stands, such as ``data.process``.
        kinds: Field of the section → what the cells of its column are.
        needed: Fields whose cells must not be empty.
        grain: How long a period is that a date may name.
        zone: Time zone in which moments that tell their own are told.

    Returns:
        A column for each field, and the receipt of the rows.

    Raises:
        DataError: If the file, a column or a cell cannot be read, or no row is left.
    """
    named = table.columns
    options = KpiTable(
        path=table.path,
        sheet=table.sheet,
        encoding=table.encoding,
        period=PeriodColumn(
            column=next(iter(named.values())), grain=grain, order=table.order, zone=zone
        ),
    )
    wanted = {f"{section}.{field}": column for field, column in named.items()}
    with open_side_table(options, folder, f"{section}.path", wanted) as (source, sha256):
        columns = {
            field: read_column(source, options, named[field], kind) for field, kind in kinds.items()
        }
        tests = [is_one_of(source.column(name), value) for name, value in table.filter.items()]
        reasons = [(say("left out by the filter"), f"NOT ({' AND '.join(tests) or 'true'})")]
        reasons += [
            (say("without {column}", column=named[field]), columns[field].blank) for field in needed
        ]
        frame = _rows(source, columns, [test for _, test in reasons])
    rows = frame.pop("left_out").to_numpy()
    if not (rows < 0).any():
        raise DataError(
            f"{source.name} has no row to use: {len(rows)} rows in ({section}).",
            f"Check {section}.filter and the file.",
        )
    counted = {i: int(np.count_nonzero(rows == i)) for i in range(len(reasons))}
    return frame[rows < 0].reset_index(drop=True), Ledger(
        table=source.name,
        source=table.source,
        licence=table.licence,
        simulated=table.simulated,
        sha256=sha256,
        rows_in=len(rows),
        rows_used=int((rows < 0).sum()),
        read_as=source.read_as,
        left_out=tuple(
            LedgerLine(reason=reason, rows=counted[i])
            for i, (reason, _) in enumerate(reasons)
            if counted[i]
        ),
    )


def _rows(source: Source, columns: Mapping[str, Column], reasons: Sequence[str]) -> pd.DataFrame:
    """Every row in its order, with the number of its reason to be left out, or -1."""
    cases = " ".join(f"WHEN {test} THEN {i}" for i, test in enumerate(reasons))
    values = ", ".join(f"{column.value} AS {quoted(field)}" for field, column in columns.items())
    joins = " ".join(column.join for column in columns.values())
    return source.connection.execute(
        f'SELECT * EXCLUDE ("#row") FROM (SELECT {values}, coalesce(CASE {cases} END, -1) '  # noqa: S608 - quoted
        f'AS left_out, {source.line} AS "#row" FROM source {joins}) ORDER BY "#row"'
    ).df()
