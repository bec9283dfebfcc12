"""Reading a table that stands beside the KPI's: its columns, its rows, their receipt."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from opsbook.data.rewrite import LINE
from opsbook.data.sources import Location, Source, content_hash, kind_of, open_source
from opsbook.data.sql import literal, quoted
from opsbook.data.values import is_one_of
from opsbook.errors import DataError
from opsbook.project.data import KpiTable, PeriodColumn
from opsbook.project.tables import SideTable
from opsbook.results.intake import Ledger, LedgerLine
from opsbook.text import say

if TYPE_CHECKING:
    import pandas as pd

DATE_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m", "%Y/%m", "%Y-%m-%d %H:%M:%S")
MOMENT_FORMS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M", *DATE_FORMS),
)


@contextlib.contextmanager
def open_side_table(path: Path, wanted: Collection[str]) -> Iterator[Source]:
    """Open a table beside the KPI's, in any form that the KPI's may have.

    Args:
        path: The file.
        wanted: Names of its columns that the params use.

    Raises:
        DataError: If it cannot be read as a table, or a row does not fit its header.
    """
    location = Location(name=path.name, kind=kind_of(path), files=(path,))
    options = KpiTable(path=path, period=PeriodColumn(column=next(iter(wanted)), grain="day"))
    with open_source(location, options, wanted, "rewritten") as source:
        if source.ragged:
            line, cells = source.ragged[0]
            raise DataError(
                f"{path.name}, line {line}: {cells} cells, where the column names are "
                f"{source.width}.",
                "Correct the row.",
            )
        yield source


def hash_of_file(path: Path) -> str:
    """The SHA-256 of a table's content, as hexadecimal digits."""
    return content_hash(Location(name=path.name, kind=kind_of(path), files=(path,)))


def column_names_of(source: Source) -> list[str]:
    """Names of a table's columns, in their order."""
    return [name for name in source.types if name != LINE]


def as_date(column: str) -> str:
    """SQL that reads a column as a date, or NULL where it is none."""
    forms = ", ".join(literal(form) for form in DATE_FORMS)
    text = f"trim(CAST({quoted(column)} AS VARCHAR))"
    return f"CAST(try_strptime({text}, [{forms}]) AS DATE)"


def as_number(column: str) -> str:
    """SQL that reads a column as a finite number, or NULL where it is none."""
    value = f"TRY_CAST({quoted(column)} AS DOUBLE)"
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def is_blank(column: str) -> str:
    """SQL that is true where a cell is empty."""
    return f"coalesce(trim(CAST({quoted(column)} AS VARCHAR)), '') = ''"


def refuse_unreadable(source: Source, column: str, parsed: str, what: str) -> None:
    """Stop at the first cell that is not empty and cannot be read.

    Raises:
        DataError: With the table, the row, the column, the value and how many there are.
    """
    query = (
        f"SELECT row, cell, count(*) OVER () FROM (SELECT {source.line} AS row, "  # noqa: S608 - quoted
        f"{quoted(column)} AS cell, {parsed} AS parsed, {is_blank(column)} AS blank FROM source) "
        "WHERE parsed IS NULL AND NOT blank ORDER BY row LIMIT 1"
    )
    first = source.connection.execute(query).fetchone()
    if first is None:
        return
    row, cell, count = first
    others = f" ({count} rows in all)" if count > 1 else ""
    raise DataError(
        f"{source.name}, {source.place} {row}, column '{column}': '{cell}' is no {what}{others}.",
        "Correct the cell, or leave it empty if it is unknown.",
    )


def as_text(column: str) -> str:
    """SQL that reads a column as text without blanks around it, or NULL where it is empty."""
    return f"nullif(trim(CAST({quoted(column)} AS VARCHAR)), '')"


def as_moment(column: str) -> str:
    """SQL that reads a column as date and time, or NULL where it is none."""
    forms = ", ".join(literal(form) for form in MOMENT_FORMS)
    text = f"trim(CAST({quoted(column)} AS VARCHAR))"
    return f"coalesce(try_strptime({text}, [{forms}]), TRY_CAST({text} AS TIMESTAMP))"


def read_side_table(
    table: SideTable,
    folder: Path,
    section: str,
    columns: Mapping[str, str],
    *,
    what: Mapping[str, str],
    needed: Sequence[str],
) -> tuple[pd.DataFrame, Ledger]:
    """Read the used rows of a table, in their order.

    A row is left out if the filter excludes it or a cell that is needed is empty.

    Args:
        table: Its section of the params.
        folder: The params file's folder.
        section: Where the section stands, such as ``data.process``.
        columns: Field of the section → SQL that reads its column.
        what: Field → what a cell must be, for fields whose cells may be unreadable.
        needed: Fields whose cells must not be empty.

    Returns:
        A column for each field, and the receipt of the rows.

    Raises:
        DataError: If the file, a column or a cell cannot be read, or no row is left.
    """
    path = folder / table.path
    if not path.is_file():
        raise DataError(
            f"There is no table {path} ({section}.path).", "Paths are relative to the params file."
        )
    with open_side_table(path, table.columns.values()) as source:
        connection, there = source.connection, column_names_of(source)
        for field, column in table.columns.items():
            if column not in there:
                raise DataError(
                    f"{path.name} has no column '{column}' ({section}.{field}); it has: "
                    f"{', '.join(there)}.",
                    "Correct the name in the params file.",
                )
        named = table.columns
        for field, kind in what.items():
            refuse_unreadable(source, named[field], columns[field], kind)
        tests = [is_one_of(column, wanted) for column, wanted in table.filter.items()]
        used = " AND ".join(tests) or "true"
        reasons = [(say("left out by the filter"), f"NOT ({used})")]
        reasons += [
            (say("without {column}", column=named[field]), is_blank(named[field]))
            for field in needed
        ]
        cases = " ".join(f"WHEN {test} THEN {i}" for i, (_, test) in enumerate(reasons))
        figures = ", ".join(f"{sql} AS {quoted(field)}" for field, sql in columns.items())
        connection.execute("SET threads = 1")  # keeps the rows in their order
        frame = connection.execute(
            f"SELECT {figures}, coalesce(CASE {cases} END, -1) AS left_out FROM source"  # noqa: S608 - quoted
        ).df()
    rows = frame.pop("left_out").to_numpy()
    if not (rows < 0).any():
        raise DataError(
            f"{path.name} has no row to use: {len(rows)} rows in ({section}).",
            f"Check {section}.filter and the file.",
        )
    counted = {i: int(np.count_nonzero(rows == i)) for i in range(len(reasons))}
    return frame[rows < 0].reset_index(drop=True), Ledger(
        table=path.name,
        source=table.source,
        licence=table.licence,
        simulated=table.simulated,
        sha256=hash_of_file(path),
        rows_in=len(rows),
        rows_used=int((rows < 0).sum()),
        left_out=tuple(
            LedgerLine(reason=reason, rows=counted[i])
            for i, (reason, _) in enumerate(reasons)
            if counted[i]
        ),
    )
