"""Counting the rows: each is used, or left out for its first reason; the used ones are summed.

Two ways lead to the same sums. A table in strict form is summed as it streams by, in one pass
(`tally_plain`). As soon as a single cell needs more than that, the rows are read one by one, and
judged (`tally_rows`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from opsbook.data.columns import total
from opsbook.data.cube import COUNT, GAPS, PERIOD, each
from opsbook.data.judge import Judged
from opsbook.data.sources import Source
from opsbook.data.sql import literal, quoted, trimmed
from opsbook.data.store import typed
from opsbook.data.values import all_spellings, is_one_of, values_told
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.project.data import KpiTable

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

#: In larger tables exact copies are looked for only where the params name a key.
SMALL_ENOUGH = 500_000
#: How many values of a column are looked through for one like the filter's.
MOST_VALUES = 10_000
#: SQL's name for a row's day.
DAY = quoted(PERIOD)


@dataclass(frozen=True, kw_only=True)
class Tally:
    """The table summed by day and dimensions, in the temporary table `daily`.

    Attributes:
        rows_in: Rows of the table.
        excluded: Rows that the filter leaves out.
        judged: Everything else that was found.
        plain: Whether every cell was in strict form.
        copies_sought: Whether exact copies were looked for.
    """

    rows_in: int
    excluded: int
    judged: Judged = field(default_factory=Judged)
    plain: bool = True
    copies_sought: bool = True


def figures(project: Project) -> tuple[str, ...]:
    """Columns that some metric or cause sums, each once, in the order of the params."""
    columns = [column for metric in project.metrics.values() for column in metric.columns.values()]
    if project.diagnosis:
        columns += project.diagnosis.columns.values()
    return tuple(dict.fromkeys(columns))


def numbers(project: Project) -> set[str]:
    """Those of the figures that nothing asks for as texts."""
    kpi = project.data.kpi
    texts = {kpi.period.column, *kpi.dimensions, *kpi.key, *kpi.filter}
    return set(figures(project)) - texts


def kept_apart(project: Project) -> tuple[str, ...]:
    """Columns whose values stay apart in the sums, because a quantile is taken of them."""
    metrics = project.metrics.values()
    return tuple(dict.fromkeys(m.value for m in metrics if m.kind == "quantile" and m.value))


def chosen(source: Source, kpi: KpiTable) -> str:
    """SQL that is true for the rows to use."""
    tests = [is_one_of(source.column(column), wanted) for column, wanted in kpi.filter.items()]
    return " AND ".join(tests) or "true"


def refuse_empty_filter(source: Source, kpi: KpiTable, rows: int, excluded: int) -> None:
    """Stop where the filter leaves no row, and tell what the column holds.

    Raises:
        DataError: Naming the first condition that no row meets.
    """
    if not rows or excluded < rows:
        return
    for column, wanted in kpi.filter.items():
        cell = trimmed(quoted(source.column(column)))
        there = [
            row[0] or ""
            for row in source.connection.execute(
                f"SELECT DISTINCT {cell} FROM source LIMIT {MOST_VALUES}"  # noqa: S608 - quoted
            ).fetchall()
        ]
        if not set(all_spellings(wanted)) & set(there):
            told = ", ".join(map(str, wanted if isinstance(wanted, tuple) else (wanted,)))
            raise DataError(
                f"{source.name} has no row with {column} = {told}; {values_told(wanted, there)}.",
                "Correct data.kpi.filter.",
            )


def summed(
    connection: DuckDBPyConnection, project: Project, period: str, dimensions: Sequence[str]
) -> pd.DataFrame:
    """The sums of the table `daily` by period and dimensions, in order.

    Args:
        connection: Where `daily` is.
        project: The checked params.
        period: SQL for the first day of a row's period.
        dimensions: SQL for each dimension.
    """
    for huge in (False, True):
        query = f"{_sums(project, period, dimensions, huge=huge)} ORDER BY ALL"
        with contextlib.suppress(duckdb.OutOfRangeException, duckdb.ConversionException):
            frame = connection.execute(query).df()
            break
    return typed(frame, project.data.kpi.dimensions, figures(project))


def summed_into(
    file: Path,
    connection: DuckDBPyConnection,
    project: Project,
    period: str,
    dimensions: Sequence[str],
) -> None:
    """The same sums as a file of Parquet, like dimensions beside each other.

    Args:
        file: To be written.
        connection: Where `daily` is.
        project: The checked params.
        period: SQL for the first day of a row's period.
        dimensions: SQL for each dimension.
    """
    order = ", ".join(map(quoted, (*project.data.kpi.dimensions, PERIOD)))
    for huge in (False, True):
        query = f"{_sums(project, period, dimensions, huge=huge)} ORDER BY {order}"
        with contextlib.suppress(duckdb.OutOfRangeException, duckdb.ConversionException):
            connection.execute(
                f"COPY ({query}) TO {literal(str(file))} (FORMAT parquet, ROW_GROUP_SIZE 20000)"
            )
            break


def _sums(project: Project, period: str, dimensions: Sequence[str], *, huge: bool) -> str:
    columns = [f"{period} AS {DAY}", *dimensions, quoted(GAPS)]
    columns += [quoted(each(name)) for name in kept_apart(project)]
    columns += [total(name, huge=huge) for name in figures(project)]
    columns += [f"sum({quoted(COUNT)})::BIGINT AS {quoted(COUNT)}"]
    return f"SELECT {', '.join(columns)} FROM daily GROUP BY ALL"  # noqa: S608 - quoted
