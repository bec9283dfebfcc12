"""Reading the rows one by one, judging each, and summing those that are used."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb

from opsbook.data.columns import Column, read_dates, read_figure, total
from opsbook.data.copies import Alike
from opsbook.data.cube import COUNT, GAPS, each
from opsbook.data.judge import judge
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
from opsbook.project import Project

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


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
