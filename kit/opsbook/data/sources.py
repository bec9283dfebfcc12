"""Opening a table through DuckDB: its header, its rows, and rows that cannot be read."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from opsbook.errors import DataError
from opsbook.project import Fault, Project

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABULAR = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".txt.gz")
DATE_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m", "%Y/%m", "%Y-%m-%d %H:%M:%S")


def quoted(name: str) -> str:
    """Quote a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text for SQL."""
    return "'" + text.replace("'", "''") + "'"


def locate(project: Project, folder: Path) -> Path:
    """Where the KPI table lies; its path is relative to the params file's folder.

    Raises:
        DataError: If there is no such file or its kind is not known.
    """
    path = folder / project.data.kpi.path
    if not path.is_file():
        raise DataError(
            f"There is no table {path} (data.kpi.path).", "Paths are relative to the params file."
        )
    if not path.name.lower().endswith((*TABULAR, ".parquet")):
        raise DataError(
            f"{path.name} is not a kind of table that can be read (data.kpi.path).",
            f"These can: {', '.join(TABULAR)}, .parquet.",
        )
    return path


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's content, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def open_table(path: Path) -> Iterator[DuckDBPyConnection]:
    """Open a table as the view `source`, every column as text where the file has no types.

    Args:
        path: CSV or Parquet.

    Yields:
        A connection of its own, closed at the end.

    Raises:
        DataError: If the file is no table.
    """
    connection = duckdb.connect(":memory:")
    try:
        connection.execute("SET preserve_insertion_order = true")
        name = literal(str(path))
        reader = (
            f"read_parquet({name})"
            if path.name.lower().endswith(".parquet")
            else f"read_csv({name}, all_varchar = true, header = true)"
        )
        try:
            connection.execute(f"CREATE VIEW source AS SELECT * FROM {reader}")  # noqa: S608 - quoted
            yield connection
        except duckdb.Error as error:
            reason = " ".join(str(error).split("\n\n", maxsplit=1)[0].split())
            raise DataError(f"{path.name} cannot be read as a table: {reason}.") from None
    finally:
        connection.close()


def header(path: Path) -> list[str]:
    """Names of a table's columns, in their order."""
    with open_table(path) as connection:
        return [row[0] for row in connection.execute("DESCRIBE source").fetchall()]


def column_faults(project: Project, folder: Path) -> list[Fault]:
    """Columns that the params name and the table does not have.

    Args:
        project: The checked params.
        folder: The params file's folder.

    Raises:
        DataError: If the table cannot be opened.
    """
    path = locate(project, folder)
    there = header(path)
    return [
        Fault(
            path=_path(field),
            message=f"{path.name} has no column '{column}'; it has: {', '.join(there)}",
        )
        for field, column in project.columns.items()
        if column not in there
    ]


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


def refuse_unreadable(
    connection: DuckDBPyConnection, path: Path, column: str, parsed: str, what: str
) -> None:
    """Stop at the first cell that is not empty and cannot be read.

    Raises:
        DataError: With the table, the row, the column, the value and how many there are.
    """
    query = (
        f"SELECT row, cell, count(*) OVER () FROM (SELECT row_number() OVER () AS row, "  # noqa: S608 - quoted
        f"{quoted(column)} AS cell, {parsed} AS parsed, {is_blank(column)} AS blank FROM source) "
        "WHERE parsed IS NULL AND NOT blank ORDER BY row LIMIT 1"
    )
    first = connection.execute(query).fetchone()
    if first is None:
        return
    row, cell, count = first
    others = f" ({count} rows in all)" if count > 1 else ""
    line = row if path.name.lower().endswith(".parquet") else row + 1
    raise DataError(
        f"{path.name}, line {line}, column '{column}': '{cell}' is no {what}{others}.",
        "Correct the cell, or leave it empty if it is unknown.",
    )


def _path(field: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in field.split("."))
