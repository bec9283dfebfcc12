"""Counting the rows: each is used, or left out for its first reason; the used ones are summed.

Two ways lead to the same sums. A table in strict form is summed as it streams by, in one pass. As
soon as a single cell needs more than that, the rows are read one by one, and judged.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from opsbook.data.bounds import bounds
from opsbook.data.columns import (
    WHOLE,
    Column,
    day_key,
    day_of,
    read_dates,
    read_figure,
    strict_figure,
    total,
)
from opsbook.data.copies import Alike
from opsbook.data.cube import COUNT, GAPS, PERIOD, each
from opsbook.data.dates import FIRST_YEAR
from opsbook.data.findings import EXACT
from opsbook.data.judge import Judged, judge
from opsbook.data.rewrite import LINE
from opsbook.data.sources import Source
from opsbook.data.sql import literal, quoted, trimmed
from opsbook.data.store import typed
from opsbook.data.totals import totals_in
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
#: SQL's names for a row's day, whether it is used, and how many rows are not in order.
DAY, USED, ODD = quoted(PERIOD), quoted("#used"), quoted("#odd")


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


def kept_apart(project: Project) -> tuple[str, ...]:
    """Columns whose values stay apart in the sums, because a quantile is taken of them."""
    metrics = project.metrics.values()
    return tuple(dict.fromkeys(m.value for m in metrics if m.kind == "quantile" and m.value))


def tally_plain(source: Source, project: Project, today: dt.date) -> Tally | None:
    """Sum a table whose cells are all in strict form, in one pass; None if one is not.

    Args:
        source: The table.
        project: The checked params.
        today: The last day that is not in the future.
    """
    if source.semicolons or source.ragged:
        return None
    kpi, connection = project.data.kpi, source.connection
    sums = [strict_figure(source, kpi, name) for name in figures(project)]
    used = chosen(source, kpi)
    everything = used == "true"
    every = "" if everything else f" AND {USED}"
    inside = [f"{used} AS {USED}", f"{day_key(source, kpi)} AS {DAY}"]
    inside += [f"{quoted(source.column(d))} AS {quoted(d)}" for d in kpi.dimensions]
    inside += [f"{column.value} AS {quoted(column.name)}" for column in sums]
    apart = [quoted(each(name)) for name in kept_apart(project)]
    inside += [
        f"{column.value} AS {quoted(each(column.name))}"
        for column in sums
        if column.name in kept_apart(project)
    ]
    groups = [DAY, *map(quoted, kpi.dimensions), *apart]
    if not everything:
        groups = [f"CASE WHEN {USED} THEN {name} END AS {name}" for name in groups]
    outside = [USED, *groups, f"0 AS {quoted(GAPS)}"]
    outside += [total(column.name, exact=column.exact) for column in sums]
    outside += [
        f"count(*) AS {quoted(COUNT)}",
        f"count(*) FILTER ({odd(source, project)}{every}) AS {ODD}",
    ]
    day = day_of(source, kpi, DAY)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE daily AS "  # noqa: S608 - quoted
        f"SELECT * REPLACE ({day} AS {DAY}, CASE WHEN {USED} AND ({day}) IS NULL "
        f"THEN {quoted(COUNT)} ELSE {ODD} END AS {ODD}) FROM "
        f"(SELECT {', '.join(outside)} FROM (SELECT {', '.join(inside)} FROM source) GROUP BY ALL)"
    )
    rows_in, excluded, strange, first, last = connection.execute(
        f"SELECT coalesce(sum({quoted(COUNT)}), 0)::BIGINT, "  # noqa: S608 - quoted
        f"coalesce(sum({quoted(COUNT)}) FILTER (NOT {USED}), 0)::BIGINT, "
        f"coalesce(sum({ODD}), 0)::BIGINT, min({DAY}), max({DAY}) FROM daily"
    ).fetchone() or (0, 0, 0, None, None)
    refuse_empty_filter(source, kpi, rows_in, excluded)
    if strange or first is None or first.year < FIRST_YEAR or last > today:
        return None
    if _has_totals(connection, kpi.dimensions) or _infinite(connection, sums):
        return None
    sought = rows_in <= SMALL_ENOUGH or project.intake.duplicates is not None
    every_column = [name for name in source.types if name != LINE]
    if sought and _any_repeated(source, every_column):
        return None  # where they are, and what is done with them, is told row by row
    if kpi.key and _any_repeated(source, [source.column(name) for name in kpi.key]):
        return None
    connection.execute(f"DELETE FROM daily WHERE NOT {USED}")  # noqa: S608 - quoted
    return Tally(rows_in=rows_in, excluded=excluded, copies_sought=sought)


def tally_rows(source: Source, project: Project, today: dt.date) -> Tally:
    """Read the rows one by one, judge each, and sum those that are used.

    Args:
        source: The table.
        project: The checked params.
        today: The last day that is not in the future.

    Raises:
        DataError: If a row is wrong in a way that the params refuse; naming the first ones.
    """
    kpi, connection = project.data.kpi, source.connection
    date = read_dates(source, kpi)
    sums = [read_figure(source, kpi, name) for name in figures(project)]
    used = chosen(source, kpi)
    parts = [f"{source.line} AS line", f"{used} AS used"]
    for name, column in (("day", date), *((f"v{i}", c) for i, c in enumerate(sums))):
        parts += [
            f"{column.value} AS {name}",
            f"{column.text} AS {name}_text",
            f"{column.blank} AS {name}_blank",
            f"{column.how} AS {name}_how",
        ]
    parts += [f"{trimmed(quoted(source.column(d)))} AS d{i}" for i, d in enumerate(kpi.dimensions)]
    parts += [f"{trimmed(quoted(source.column(k)))} AS k{i}" for i, k in enumerate(kpi.key)]
    named = {source.column(name) for name in (kpi.period.column, *figures(project))}
    others = [name for name in source.types if name != LINE and name not in named]
    parts += [f"{trimmed(quoted(name))} AS o{i}" for i, name in enumerate(others)]
    first = next(name for name in source.types if name != LINE)
    first = f"o{others.index(first)}" if first in others else "day_text"
    joins = " ".join(column.join for column in (date, *sums))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE cells AS SELECT {', '.join(parts)} FROM source {joins}"  # noqa: S608 - quoted
    )
    counted = connection.execute(
        "SELECT count(*), count(*) FILTER (NOT used) FROM cells"
    ).fetchone() or (0, 0)
    refuse_empty_filter(source, kpi, *counted)
    sought = counted[0] <= SMALL_ENOUGH or project.intake.duplicates is not None
    told = {source.column(name) for name in kpi.dimensions}
    alike = Alike(
        identity=("day", *(f"o{i}" for i in range(len(others)))),
        figures=tuple(f"v{i}" for i in range(len(sums))),
        own=tuple(f"o{i}" for i, name in enumerate(others) if name not in told),
    )
    judged = judge(
        source,
        project,
        date,
        sums,
        today=today,
        alike=alike if sought else None,
        first=first,
    )
    _sum_used(connection, project, sums)
    return Tally(
        rows_in=counted[0] + len(source.ragged),
        excluded=counted[1],
        judged=judged,
        plain=False,
        copies_sought=sought,
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


def odd(source: Source, project: Project) -> str:
    """SQL that is true where a row lacks a figure, or has one that is impossible or not exact.

    What the files' own statistics prove of every row is not asked of each.
    """
    known, whole = bounds(source), {name for name in figures(project) if _is_whole(source, name)}
    shares = {
        (metric.numerator, metric.denominator)
        for metric in project.metrics.values()
        if metric.kind == "share" and metric.numerator and metric.denominator
    }
    # Of a share it is enough that its denominator is exact.
    bounded = {above for above, _ in shares} - {below for _, below in shares}
    tests = [
        f"abs({quoted(name)}) < {EXACT}"
        for name in figures(project)
        if name not in bounded and not (name in known and known[name].within(-EXACT, EXACT))
    ]
    for above, below in sorted(shares):
        proven = {above, below} <= set(known)
        if not (proven and known[above].low >= 0):
            tests.append(f"{quoted(above)} >= 0")
        if proven and known[above].high <= known[below].low:
            continue
        cells = [quoted(above), quoted(below)]
        if proven and {above, below} <= whole:  # large whole types are slow to compare
            cells = [f"CAST({cell} AS BIGINT)" for cell in cells]
        tests.append(" <= ".join(cells))
    return f"NOT coalesce({' AND '.join(tests)}, false)" if tests else "false"


def _is_whole(source: Source, wanted: str) -> bool:
    return source.types[source.column(wanted)] in WHOLE


def _sum_used(connection: DuckDBPyConnection, project: Project, sums: Sequence[Column]) -> None:
    dimensions, apart = project.data.kpi.dimensions, kept_apart(project)
    gaps = " + ".join(f"CASE WHEN v{i} IS NULL THEN {1 << i} ELSE 0 END" for i in range(len(sums)))
    inside = [f"day AS {DAY}", *(f"d{i} AS {quoted(d)}" for i, d in enumerate(dimensions))]
    inside += [f"{gaps} AS {quoted(GAPS)}"]
    inside += [f"v{i} AS {quoted(column.name)}" for i, column in enumerate(sums)]
    inside += [f"v{i} AS {quoted(each(c.name))}" for i, c in enumerate(sums) if c.name in apart]
    for huge in (False, True):
        outside = [DAY, *map(quoted, dimensions), quoted(GAPS)]
        outside += [quoted(each(name)) for name in apart]
        outside += [total(column.name, exact=column.exact, huge=huge) for column in sums]
        outside += [f"count(*) AS {quoted(COUNT)}"]
        try:
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE daily AS SELECT {', '.join(outside)} FROM "  # noqa: S608 - quoted
                f"(SELECT {', '.join(inside)} FROM judged WHERE reason IS NULL) GROUP BY ALL"
            )
        except duckdb.Error:
            if huge:
                raise
        else:
            return


def _has_totals(connection: DuckDBPyConnection, dimensions: Sequence[str]) -> bool:
    return any(
        totals_in(connection, f"(SELECT DISTINCT {cell} FROM daily)", trimmed(cell))  # noqa: S608 - quoted
        for cell in map(quoted, dimensions)
    )


def _infinite(connection: DuckDBPyConnection, sums: Sequence[Column]) -> bool:
    tests = " OR ".join(f"NOT isfinite({quoted(column.name)})" for column in sums)
    found = connection.execute(f"SELECT count(*) FROM daily WHERE {tests}").fetchone()  # noqa: S608 - quoted
    return bool(found and found[0])


def _any_repeated(source: Source, names: Sequence[str]) -> bool:
    """Whether a row repeats an earlier one in some columns."""
    listed = ", ".join(quoted(name) for name in names)
    found = source.connection.execute(
        f"SELECT count(*) > count(DISTINCT hash({listed})) FROM source"  # noqa: S608 - quoted
    ).fetchone()
    return bool(found and found[0])
