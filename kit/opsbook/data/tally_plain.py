"""Summing a table in strict form as it streams by, in one pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import duckdb

from opsbook.data.bounds import bounds
from opsbook.data.columns import WHOLE, Column, day_key, day_of, strict_figure, total
from opsbook.data.cube import COUNT, GAPS, each
from opsbook.data.dates import FIRST_YEAR
from opsbook.data.findings import EXACT
from opsbook.data.rewrite import LINE
from opsbook.data.sources import Source
from opsbook.data.sql import quoted, trimmed
from opsbook.data.tally import (
    DAY,
    SMALL_ENOUGH,
    Tally,
    chosen,
    figures,
    kept_apart,
    refuse_empty_filter,
)
from opsbook.data.totals import totals_in
from opsbook.project import Project

#: SQL's names for whether a row is used, and how many rows are not in order. There are none but
#: those without a day: at the first row with an odd figure the sum is given up.
USED, ODD = quoted("#used"), quoted("#odd")
#: What the sum is given up for where a count has a fraction; then it is summed once more.
FRACTION = "a count with a fraction"


def tally_plain(source: Source, project: Project, today: dt.date) -> Tally | None:
    """Sum a table whose cells are all in strict form, in one pass; None if one is not.

    Args:
        source: The table.
        project: The checked params.
        today: The last day that is not in the future.
    """
    kpi, connection = project.data.kpi, source.connection
    if source.semicolons or source.ragged or kpi.decimal == ",":
        return None
    sums = [strict_figure(source, kpi, name) for name in figures(project)]
    fractions = {c.name for c in sums if not c.exact} - _counts(project)
    try:
        _sum_by_day(source, project, sums, fractions)
    except duckdb.Error as error:
        if FRACTION not in str(error):
            raise
        _sum_by_day(source, project, sums, set(figures(project)))
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


def _sum_by_day(
    source: Source, project: Project, sums: Sequence[Column], fractions: Collection[str]
) -> None:
    """Write `daily`; a duckdb.Error at the first row that is odd, or has a fraction of a count."""
    kpi, used = project.data.kpi, chosen(source, project.data.kpi)
    everything = used == "true"
    counts, in_order = USED, f"NOT {USED} OR ({_in_order(source, project)})"
    inside = [f"{day_key(source, kpi)} AS {DAY}"]
    inside += [f"{quoted(source.column(d))} AS {quoted(d)}" for d in kpi.dimensions]
    inside += [f"{column.value} AS {quoted(column.name)}" for column in sums]
    apart = [quoted(each(name)) for name in kept_apart(project)]
    inside += [
        f"{column.value} AS {quoted(each(column.name))}"
        for column in sums
        if column.name in kept_apart(project)
    ]
    groups = [DAY, *map(quoted, kpi.dimensions), *apart]
    if everything:  # a group less to tell rows by
        counts, in_order = "true", _in_order(source, project)
    else:
        inside += [f"{used} AS {USED}"]
        groups = [USED, *(f"CASE WHEN {USED} THEN {name} END AS {name}" for name in groups)]
    tested = "0"
    if in_order != "true":
        whole = [
            f"trunc({quoted(c.name)}) = {quoted(c.name)}"
            for c in sums
            if not c.exact and c.name not in fractions
        ]
        test = f"CASE WHEN {' AND '.join(whole) or 'true'} THEN NULL ELSE error('{FRACTION}') END"
        tested = f"count(CASE WHEN {in_order} THEN {test} ELSE error('odd') END)"
    outside = groups
    outside += [total(c.name, exact=c.exact, whole=c.name not in fractions) for c in sums]
    outside += [
        f"count(*) AS {quoted(COUNT)}",
        f"{tested} AS {ODD}",
    ]
    day = day_of(source, kpi, DAY)
    source.connection.execute(
        "CREATE OR REPLACE TEMP TABLE daily AS "  # noqa: S608 - quoted
        f"SELECT * REPLACE ({day} AS {DAY}, CASE WHEN {counts} AND ({day}) IS NULL "
        f"THEN {quoted(COUNT)} ELSE {ODD} END AS {ODD}), 0 AS {quoted(GAPS)}"
        f"{f', true AS {USED}' if everything else ''} FROM "
        f"(SELECT {', '.join(outside)} FROM (SELECT {', '.join(inside)} FROM source) GROUP BY ALL)"
    )


def _counts(project: Project) -> set[str]:
    """The figures that count something: they are whole, or nearly always are."""
    shares = [metric for metric in project.metrics.values() if metric.kind == "share"]
    return {column for metric in shares for column in metric.columns.values()}


def _in_order(source: Source, project: Project) -> str:
    """SQL that is true where no figure of a row is missing, impossible or not exact.

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
    return " AND ".join(tests) or "true"


def _is_whole(source: Source, wanted: str) -> bool:
    return source.types[source.column(wanted)] in WHOLE


def _has_totals(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> bool:
    return any(
        totals_in(connection, f"(SELECT DISTINCT {cell} FROM daily)", trimmed(cell))  # noqa: S608 - quoted
        for cell in map(quoted, dimensions)
    )


def _infinite(connection: duckdb.DuckDBPyConnection, sums: Sequence[Column]) -> bool:
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
