"""Reading a table that stands beside the KPI's: its columns, its rows, their receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from opsbook.data.sources import (
    DATE_FORMS,
    file_hash,
    is_blank,
    literal,
    open_table,
    quoted,
    refuse_unreadable,
)
from opsbook.errors import DataError
from opsbook.project.tables import SideTable
from opsbook.results.intake import Ledger, LedgerLine
from opsbook.text import say

if TYPE_CHECKING:
    import pandas as pd

MOMENT_FORMS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%d.%m.%Y %H:%M", *DATE_FORMS),
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
    with open_table(path) as connection:
        there = [row[0] for row in connection.execute("DESCRIBE source").fetchall()]
        for field, column in table.columns.items():
            if column not in there:
                raise DataError(
                    f"{path.name} has no column '{column}' ({section}.{field}); it has: "
                    f"{', '.join(there)}.",
                    "Correct the name in the params file.",
                )
        named = table.columns
        for field, kind in what.items():
            refuse_unreadable(connection, path, named[field], columns[field], kind)
        used, values = _filter(table)
        reasons = [(say("left out by the filter"), f"NOT coalesce({used}, false)")]
        reasons += [
            (say("without {column}", column=named[field]), is_blank(named[field]))
            for field in needed
        ]
        cases = " ".join(f"WHEN {test} THEN {i}" for i, (_, test) in enumerate(reasons))
        figures = ", ".join(f"{sql} AS {quoted(field)}" for field, sql in columns.items())
        connection.execute("SET threads = 1")  # keeps the rows in their order
        frame = connection.execute(
            f"SELECT {figures}, coalesce(CASE {cases} END, -1) AS left_out FROM source",  # noqa: S608 - quoted
            values,
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
        sha256=file_hash(path),
        rows_in=len(rows),
        rows_used=int((rows < 0).sum()),
        left_out=tuple(
            LedgerLine(reason=reason, rows=counted[i])
            for i, (reason, _) in enumerate(reasons)
            if counted[i]
        ),
    )


def _filter(table: SideTable) -> tuple[str, list[str]]:
    tests, values = [], []
    for column, wanted in table.filter.items():
        these = wanted if isinstance(wanted, tuple) else (wanted,)
        tests.append(f"CAST({quoted(column)} AS VARCHAR) IN ({', '.join('?' for _ in these)})")
        values += [str(value) for value in these]
    return " AND ".join(tests) or "true", values
