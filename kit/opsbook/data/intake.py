"""Reading the KPI table: every row is used, or left out for a reason that is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from opsbook.data.cube import COUNT, Cube, calendar
from opsbook.data.experiment import UserArms, load_experiment
from opsbook.data.feedback import Feedback, load_feedback
from opsbook.data.process import ProcessLog, load_process
from opsbook.data.sources import (
    as_date,
    as_number,
    column_faults,
    file_hash,
    is_blank,
    locate,
    open_table,
    quoted,
    refuse_unreadable,
)
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.project.data import KpiTable
from opsbook.results.intake import Coverage, Ledger, LedgerLine
from opsbook.text import Grain, Period, Quantity, Statement, say

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The project's tables, ready to be measured, and the receipt of their rows."""

    kpi: Cube
    ledger: Ledger
    coverage: Coverage
    experiment: UserArms | None = None
    process: ProcessLog | None = None
    feedback: Feedback | None = None


def load_tables(project: Project, folder: Path) -> Tables:
    """Read the KPI table and sum it to periods and dimensions.

    A row is left out if the filter excludes it, its date is empty, or a figure that the params
    name is empty. A last or first period that the data only begin to fill is left out too. A
    period without rows stays a gap.

    Args:
        project: The checked params.
        folder: The params file's folder.

    Raises:
        DataError: If the table, a column or a cell cannot be read, or no row is left.
    """
    path = locate(project, folder)
    kpi = project.data.kpi
    if faults := column_faults(project, folder):
        raise DataError(
            "; ".join(f"{'.'.join(map(str, f.path))}: {f.message}" for f in faults) + ".",
            "Correct the name in the params file.",
        )
    with open_table(path) as connection:
        sums = _summed_columns(project)
        refuse_unreadable(connection, path, kpi.period.column, as_date(kpi.period.column), "date")
        for column in sums:
            refuse_unreadable(connection, path, column, as_number(column), "number")
        rows_in, left_out = _receipt(connection, path, kpi, sums)
        frame, days = _sum(connection, kpi, sums)
    rows_used = rows_in - sum(line.rows for line in left_out)
    if frame.empty:
        told = "; ".join(f"{line.rows} {line.reason.message}" for line in left_out)
        raise DataError(
            f"{path.name} has no row to use: {rows_in} rows in{', ' + told if told else ''}.",
            "Check data.kpi.filter and the file.",
        )
    partial = _partial_periods(days, kpi.period.grain)
    dropped = int(frame.loc[frame["period"].isin(partial), COUNT].sum())
    first, last = frame["period"].min().date(), frame["period"].max().date()
    whole = frame[~frame["period"].isin(partial)].reset_index(drop=True)
    if whole.empty:
        raise DataError(
            f"{path.name} covers no whole {kpi.period.grain}: {days.min():%Y-%m-%d} "
            f"to {days.max():%Y-%m-%d}.",
            "Bring more data, or choose a shorter data.kpi.period.grain.",
        )
    if dropped:
        rows_used -= dropped
        left_out.append(LedgerLine(reason=say("of a period that is not complete"), rows=dropped))
    periods = calendar(whole["period"].min().date(), whole["period"].max().date(), kpi.period.grain)
    experiment = project.effect.experiment if project.effect else None
    cube = Cube(frame=whole, grain=kpi.period.grain, dimensions=kpi.dimensions, periods=periods)
    return Tables(
        kpi=cube,
        ledger=Ledger(
            table=path.name,
            source=kpi.source,
            licence=kpi.licence,
            simulated=kpi.simulated,
            sha256=file_hash(path),
            rows_in=rows_in,
            rows_used=rows_used,
            left_out=tuple(left_out),
            notes=tuple(_impossible(project, whole)),
        ),
        coverage=_coverage(cube, calendar(first, last, kpi.period.grain), partial),
        experiment=load_experiment(experiment, folder) if experiment else None,
        process=load_process(project, folder),
        feedback=load_feedback(project, folder),
    )


def _summed_columns(project: Project) -> list[str]:
    """Columns that some metric or cause sums, each once, in the order of the params."""
    columns = [column for metric in project.metrics.values() for column in metric.columns.values()]
    if project.diagnosis:
        columns += project.diagnosis.columns.values()
    return list(dict.fromkeys(columns))


def _filter(kpi: KpiTable) -> tuple[str, list[str]]:
    """SQL that is true for the rows to use, and the values of its places."""
    tests, values = [], []
    for column, wanted in kpi.filter.items():
        these = wanted if isinstance(wanted, tuple) else (wanted,)
        marks = ", ".join("?" for _ in these)
        tests.append(f"CAST({quoted(column)} AS VARCHAR) IN ({marks})")
        values += [str(value) for value in these]
    return " AND ".join(tests) or "true", values


def _receipt(
    connection: DuckDBPyConnection, path: Path, kpi: KpiTable, sums: list[str]
) -> tuple[int, list[LedgerLine]]:
    """Count rows in, and the rows left out by their first reason."""
    used, values = _filter(kpi)
    reasons = [
        (say("left out by the filter"), f"NOT coalesce({used}, false)"),
        (say("without a date"), is_blank(kpi.period.column)),
    ]
    reasons += [(say("without a figure in {column}", column=c), is_blank(c)) for c in sums]
    cases = " ".join(f"WHEN {test} THEN {i}" for i, (_, test) in enumerate(reasons))
    counted = connection.execute(
        f"SELECT CASE {cases} END AS reason, count(*) FROM source GROUP BY ALL",  # noqa: S608 - quoted
        values,
    ).fetchall()
    rows = dict(counted)
    if not rows:
        raise DataError(f"{path.name} has a header and no rows.", "Export the table again.")
    lines = [
        LedgerLine(reason=reason, rows=rows[i])
        for i, (reason, _) in enumerate(reasons)
        if i in rows
    ]
    return sum(rows.values()), lines


def _sum(
    connection: DuckDBPyConnection, kpi: KpiTable, sums: list[str]
) -> tuple[pd.DataFrame, pd.Series[pd.Timestamp]]:
    """Sum the used rows by period and dimensions; also the days that the rows name."""
    used, values = _filter(kpi)
    date = as_date(kpi.period.column)
    filled = " AND ".join(f"NOT {is_blank(column)}" for column in [kpi.period.column, *sums])
    dimensions = [f"CAST({quoted(d)} AS VARCHAR) AS {quoted(d)}" for d in kpi.dimensions]
    figures = [f"sum({as_number(column)}) AS {quoted(column)}" for column in sums]
    where = f"FROM source WHERE {used} AND {filled}"
    # Sums in the order of the rows, so that a rerun gives the same bits.
    connection.execute("SET threads = 1")
    period = f"CAST(date_trunc('{kpi.period.grain}', {date}) AS DATE) AS period"
    columns = ", ".join([period, *dimensions, *figures, f"count(*) AS {quoted(COUNT)}"])
    frame = connection.execute(f"SELECT {columns} {where} GROUP BY ALL ORDER BY ALL", values).df()
    days = connection.execute(f"SELECT DISTINCT {date} AS day {where} ORDER BY 1", values).df()
    frame["period"] = pd.to_datetime(frame["period"])
    for name in kpi.dimensions:
        frame[name] = frame[name].fillna("")
    return frame, pd.to_datetime(days["day"])


def _partial_periods(days: pd.Series[pd.Timestamp], grain: Grain) -> list[pd.Timestamp]:
    """First or last periods that the data only begin to fill.

    Where rows are finer than the grain, a first period that starts later than any other one
    starts, or a last one that ends earlier than any other one ends, is partial.
    """
    alias = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}[grain]
    period = days.dt.to_period(alias)
    start = period.dt.start_time
    if (days == start).all() or period.nunique() < 3:
        return []
    table = pd.DataFrame({"start": start, "end": period.dt.end_time.dt.normalize(), "day": days})
    by_period = table.groupby("start").agg(
        end=("end", "first"), first=("day", "min"), last=("day", "max")
    )
    late = (by_period["first"] - by_period.index.to_series()).dt.days
    early = (by_period["end"] - by_period["last"]).dt.days
    partial = []
    if late.iloc[0] > late.iloc[1:].max():
        partial.append(by_period.index[0])
    if early.iloc[-1] > early.iloc[:-1].max():
        partial.append(by_period.index[-1])
    return partial


def _impossible(project: Project, frame: pd.DataFrame) -> list[Statement]:
    """What cannot be true of counts: below zero, or more above the line than below it."""
    notes = []
    for metric in project.metrics.values():
        for column in metric.columns.values():
            below = int((frame[column] < 0).sum()) if metric.kind == "share" else 0
            if below:
                count = Quantity(value=below, unit="count")
                notes.append(
                    say("{rows} sums of {column} are negative.", rows=count, column=column)
                )
        if metric.kind == "share" and metric.numerator and metric.denominator:
            above = int((frame[metric.numerator] > frame[metric.denominator]).sum())
            if above:
                notes.append(
                    say(
                        "In {rows} cells {numerator} is larger than {denominator}.",
                        rows=Quantity(value=above, unit="count"),
                        numerator=metric.numerator,
                        denominator=metric.denominator,
                    )
                )
    return notes


def _coverage(cube: Cube, periods: tuple[dt.date, ...], partial: list[pd.Timestamp]) -> Coverage:
    there = {day.date() for day in cube.frame["period"].unique()}
    unfinished = {day.date() for day in partial}
    return Coverage(
        periods=tuple(Period(start=day, grain=cube.grain) for day in periods),
        state=tuple(
            "partial" if day in unfinished else "complete" if day in there else "missing"
            for day in periods
        ),
    )
