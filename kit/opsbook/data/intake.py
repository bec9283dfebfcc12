"""Reading the KPI table: every row is used, or left out for a reason that is told."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd

from opsbook.data import store
from opsbook.data.calendar import coverage
from opsbook.data.columns import total
from opsbook.data.cube import COUNT, GAPS, Cube
from opsbook.data.database import database_columns, tally_database
from opsbook.data.experiment import UserArms, load_experiment
from opsbook.data.feedback import Feedback, load_feedback
from opsbook.data.process import ProcessLog, load_process
from opsbook.data.sources import (
    Location,
    Source,
    column_names,
    content_hash,
    locate,
    open_source,
)
from opsbook.data.sql import quoted, same_name, trimmed
from opsbook.data.tally import Tally, figures, tally_plain, tally_rows
from opsbook.errors import DataError
from opsbook.project import Fault, Project
from opsbook.results.intake import Check, Coverage, Ledger, LedgerLine
from opsbook.text import Language, Quantity, Statement, say

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: A text file up to this size is read again line by line where it is not plain, so that a fault's
#: line can be told; a larger one only if DuckDB cannot read it at all.
REREAD = 64 << 20
NOT_SOUGHT = say("exact copies not looked for")
ENGLISH = Language("en")
FILTERED = say("left out by the filter")
#: What is said of rows that are used in spite of a check, by its id.
NOTES = {
    "total": say("Rows of totals that are used beside the rows they add up: {rows}."),
    "unreadable": say("Cells of {column} that cannot be read and count as empty: {rows}."),
    "empty": say("Rows without a figure in {column}, used for the other figures only: {rows}."),
    "future": say("Rows dated in the future: {rows}."),
    "negative": say("Rows with a count below zero in {column}: {rows}."),
    "over": say("Rows with more in {numerator} than in {denominator}: {rows}."),
    "copy": say("Rows that are exact copies of another, and may be real: {rows}."),
    "key": say("Rows that share their key with another row and differ from it: {rows}."),
}


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The project's tables, ready to be measured, and the receipt of their rows."""

    kpi: Cube
    ledger: Ledger
    coverage: Coverage
    process: ProcessLog | None = None
    feedback: Feedback | None = None
    experiment: UserArms | None = None


def load_tables(
    project: Project, folder: Path, *, cache: Path | None = None, today: dt.date | None = None
) -> Tables:
    """Read the KPI table and sum it to periods and dimensions.

    Every row is used, or left out for a named reason: the filter excludes it, it has no date, none
    of the project's metrics has its figures, or the policies of `intake` say so. A last or first
    period that the data only begin to fill is left out too. A period without rows stays a gap.

    Args:
        project: The checked params.
        folder: The params file's folder.
        cache: Folder in which the sums of a file are kept, by its content; nothing is kept of a
            database.
        today: The last day that is not in the future; the clock's if left out.

    Raises:
        DataError: If the table, a column or a cell cannot be read, or no row is left.
    """
    today = today or dt.datetime.now().astimezone().date()
    experiment = project.effect.experiment if project.effect else None
    return replace(
        _load_kpi(project, folder, cache, today),
        process=load_process(project, folder),
        feedback=load_feedback(project, folder),
        experiment=load_experiment(experiment, folder) if experiment else None,
    )


def _load_kpi(project: Project, folder: Path, cache: Path | None, today: dt.date) -> Tables:
    """Read the KPI table alone."""
    if faults := column_faults(project, folder):
        raise DataError(
            "; ".join(f"{'.'.join(map(str, f.path))}: {f.message}" for f in faults) + ".",
            "Correct the name in the params file.",
        )
    if project.data.kpi.connection is not None:
        with tally_database(project, today) as (connection, tally, name):
            frame, days = _roll_up(connection, project)
            sha256 = store.hash_of(frame)
        return _tables(project, frame, days, tally, name=name, sha256=sha256, read_as=())
    location = locate(project, folder)
    with ThreadPoolExecutor(1) as beside:
        hashing = beside.submit(content_hash, location)
        if cache is not None:
            kept = store.read(cache, store.key(project, hashing.result()))
            if kept is not None and kept.coverage.periods[-1].start <= today:
                return _of_kept(project, kept)
        frame, days, tally, read_as = _measured(project, location, today)
        sha256 = hashing.result()
    tables = _tables(
        project, frame, days, tally, name=location.name, sha256=sha256, read_as=read_as
    )
    # What lies in the future today does not lie there tomorrow: that is not kept.
    if cache is not None and not any(check.id == "future" for check in tables.ledger.checks):
        kept = store.Kept(frame=tables.kpi.frame, ledger=tables.ledger, coverage=tables.coverage)
        name = store.key(project, sha256)
        store.write(cache, name, kept, project.data.kpi.dimensions, figures(project))
    return tables


def column_faults(project: Project, folder: Path) -> list[Fault]:
    """Columns that the params name and the table does not have.

    Args:
        project: The checked params.
        folder: The params file's folder.

    Raises:
        DataError: If the table cannot be opened.
    """
    kpi = project.data.kpi
    wanted = dict(project.columns)
    wanted |= {f"data.kpi.key.{i}": column for i, column in enumerate(kpi.key)}
    if kpi.connection is not None:
        name, there = database_columns(project)
    else:
        location = locate(project, folder)
        name, there = location.name, column_names(location, kpi, set(wanted.values()))
    spelled = {same_name(column) for column in there}
    twice = {same_name(c.removesuffix(" (2)")) for c in there if c.endswith(" (2)")}
    faults = []
    for field, column in wanted.items():
        if same_name(column) not in spelled:
            shown = ", ".join(there[:60]) + (" …" if len(there) > 60 else "")
            message = f"{name} has no column '{column}'; it has: {shown}"
        elif same_name(column) in twice:
            message = f"{name} has more than one column '{column}'"
        else:
            continue
        faults.append(Fault(path=_path(field), message=message))
    return faults


def _measured(
    project: Project, location: Location, today: dt.date
) -> tuple[pd.DataFrame, list[dt.date], Tally, tuple[Statement, ...]]:
    """Sum a file: in one pass if it is plain, else row by row."""
    kpi = project.data.kpi
    wanted = set(project.columns.values()) | set(kpi.key)
    small = location.files[0].stat().st_size <= REREAD
    delimited = location.kind == "delimited"
    with contextlib.suppress(NotPlain), open_source(location, kpi, wanted, "typed") as source:
        tally = _plainly(source, project, today)
        if tally is None and not delimited:
            tally = tally_rows(source, project, today)
        if tally is not None:
            return *_roll_up(source.connection, project), tally, source.read_as
    if not small:
        with contextlib.suppress(NotPlain), open_source(location, kpi, wanted, "texts") as source:
            try:
                tally = tally_rows(source, project, today)
            except duckdb.Error:
                raise NotPlain from None
            return *_roll_up(source.connection, project), tally, source.read_as
    with open_source(location, kpi, wanted, "rewritten") as source:
        tally = tally_rows(source, project, today)
        return *_roll_up(source.connection, project), tally, source.read_as


class NotPlain(Exception):  # noqa: N818 - not an error: the table is read in another way
    """DuckDB cannot read a text file as it is."""


def _plainly(source: Source, project: Project, today: dt.date) -> Tally | None:
    """The tally of a plain table; None if a cell is not in strict form."""
    try:
        return tally_plain(source, project, today)
    except duckdb.Error:
        return None


def _roll_up(
    connection: DuckDBPyConnection, project: Project
) -> tuple[pd.DataFrame, list[dt.date]]:
    """Sum the days to periods; also the days that have rows."""
    kpi = project.data.kpi
    period = f"CAST(date_trunc('{kpi.period.grain}', day) AS DATE) AS period"
    dimensions = [f"coalesce({trimmed(quoted(d))}, '') AS {quoted(d)}" for d in kpi.dimensions]
    for huge in (False, True):
        columns = [period, *dimensions, quoted(GAPS)]
        columns += [total(name, huge=huge) for name in figures(project)]
        columns += [f"sum({quoted(COUNT)})::BIGINT AS {quoted(COUNT)}"]
        with contextlib.suppress(duckdb.OutOfRangeException, duckdb.ConversionException):
            frame = connection.execute(
                f"SELECT {', '.join(columns)} FROM daily GROUP BY ALL ORDER BY ALL"  # noqa: S608 - quoted
            ).df()
            break
    days = connection.execute("SELECT DISTINCT CAST(day AS DATE) FROM daily ORDER BY 1").fetchall()
    return store.typed(frame, kpi.dimensions, figures(project)), [row[0] for row in days]


def _tables(
    project: Project,
    frame: pd.DataFrame,
    days: list[dt.date],
    tally: Tally,
    *,
    name: str,
    sha256: str,
    read_as: tuple[Statement, ...],
) -> Tables:
    kpi, grain = project.data.kpi, project.data.kpi.period.grain
    left_out = list(tally.judged.left_out)
    if tally.excluded and not any(line.reason == FILTERED for line in left_out):
        left_out.insert(0, LedgerLine(reason=FILTERED, rows=tally.excluded))
    if not tally.rows_in:
        raise DataError(f"{name} has a header and no rows.", "Export the table again.")
    if frame.empty:
        told = "; ".join(f"{line.rows} {ENGLISH.say(line.reason)}" for line in left_out)
        raise DataError(
            f"{name} has no row to use: {tally.rows_in} rows in{', ' + told if told else ''}.",
            "Check data.kpi.filter and the file.",
        )
    covered = coverage(days, grain, project.data.events)
    partial = [
        p.start for p, s in zip(covered.periods, covered.state, strict=True) if s == "partial"
    ]
    whole = frame[~frame["period"].dt.date.isin(partial)].reset_index(drop=True)
    if whole.empty:
        raise DataError(
            f"{name} covers no whole {grain}: {days[0]} to {days[-1]}.",
            "Bring more data, or choose a shorter data.kpi.period.grain.",
        )
    if dropped := int(frame[COUNT].sum() - whole[COUNT].sum()):
        left_out.append(LedgerLine(reason=say("of a period that is not complete"), rows=dropped))
    inner = [p.start for p, s in zip(covered.periods, covered.state, strict=True) if s != "partial"]
    checks = tally.judged.checks
    ledger = Ledger(
        table=name,
        source=kpi.source,
        licence=kpi.licence,
        simulated=kpi.simulated,
        sha256=sha256,
        rows_in=tally.rows_in,
        rows_used=int(whole[COUNT].sum()),
        read_as=read_as if tally.copies_sought else (*read_as, NOT_SOUGHT),
        columns=tally.judged.columns,
        left_out=tuple(left_out),
        checks=checks,
        notes=tuple(_notes(checks)),
    )
    cube = Cube(
        frame=whole,
        grain=grain,
        dimensions=kpi.dimensions,
        figures=figures(project),
        periods=tuple(inner),
    )
    return Tables(kpi=cube, ledger=ledger, coverage=covered)


def _of_kept(project: Project, kept: store.Kept) -> Tables:
    states = zip(kept.coverage.periods, kept.coverage.state, strict=True)
    cube = Cube(
        frame=kept.frame,
        grain=project.data.kpi.period.grain,
        dimensions=project.data.kpi.dimensions,
        figures=figures(project),
        periods=tuple(period.start for period, state in states if state != "partial"),
    )
    return Tables(kpi=cube, ledger=kept.ledger, coverage=kept.coverage)


def _notes(checks: tuple[Check, ...]) -> Iterator[Statement]:
    """What a reader must know of rows that are used all the same."""
    for check in checks:
        if check.done != "left_out":
            rows = Quantity(value=check.rows, unit="count")
            yield Statement(
                message=NOTES[check.id].message, values=dict(check.found)["values"] | {"rows": rows}
            )


def _path(field: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in field.split("."))
