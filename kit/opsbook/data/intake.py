"""Reading the KPI table: every row is used, or left out for a reason that is told."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb
import pandas as pd

from opsbook.data import store
from opsbook.data.columns import INSTANT
from opsbook.data.cube import COUNT, PERIOD, Cube
from opsbook.data.database import database_columns, tally_database
from opsbook.data.experiment import UserArms, load_experiment
from opsbook.data.feedback import Feedback, load_feedback
from opsbook.data.fingerprint import Fingerprint, fingerprint
from opsbook.data.focus import by_period, in_focus
from opsbook.data.locations import Location, locate
from opsbook.data.process import ProcessLog, load_process
from opsbook.data.shared_table import SharedTable
from opsbook.data.sources import (
    MEMORY,
    SMALL_MEMORY,
    NotPlain,
    Source,
    column_names,
    open_source,
)
from opsbook.data.sql import quoted, same_name, trimmed
from opsbook.data.tally import Tally, numbers, summed, summed_into
from opsbook.data.tally_plain import tally_plain
from opsbook.data.tally_rows import tally_rows
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
DAY_OF = f"CAST({quoted(PERIOD)} AS DATE)"
Taken = TypeVar("Taken")
FILTERED = say("left out by the filter")
#: What is said of rows that are used in spite of a check, by its id.
NOTES = {
    "total": say("Rows of totals that are used beside the rows they add up: {rows}."),
    "unreadable": say("Cells of {column} that cannot be read and count as empty: {rows}."),
    "empty": say("Rows without a figure in {column}, used for the other figures only: {rows}."),
    "future": say("Rows dated in the future: {rows}."),
    "negative": say("Rows with a count below zero in {column}: {rows}."),
    "over": say("Rows with more in {numerator} than in {denominator}: {rows}."),
    "rounded": say("Rows with so large a figure in {column} that it is rounded: {rows}."),
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

    @property
    def sha256(self) -> str:
        """The content of all tables as one hash; of the KPI table alone its own."""
        beside = [table.ledger.sha256 for table in (self.process, self.feedback) if table]
        beside += [self.experiment.sha256] if self.experiment else []
        if not beside:
            return self.ledger.sha256
        return hashlib.sha256("\n".join([self.ledger.sha256, *beside]).encode()).hexdigest()


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
    today = today or _today()
    experiment = project.effect.experiment if project.effect else None
    found = in_focus(project, _read_kpi(project, folder, cache, today))
    return Tables(
        kpi=found.cube,
        ledger=found.ledger,
        coverage=found.coverage,
        process=load_process(project, folder),
        feedback=load_feedback(project, folder),
        experiment=load_experiment(experiment, folder) if experiment else None,
    )


@contextlib.contextmanager
def open_shared(project: Project, folder: Path) -> Iterator[SharedTable]:
    """Read the KPI table alone, for many projects that differ in their focus.

    Args:
        project: One of them.
        folder: The params file's folder.

    Raises:
        DataError: If the table, a column or a cell cannot be read, or no row is left.
    """
    _refuse_columns(project, folder)
    with tempfile.TemporaryDirectory(prefix="opsbook-") as scratch:
        file = Path(scratch) / "sums.parquet"

        def write(connection: DuckDBPyConnection, project: Project) -> int:
            summed_into(file, connection, project, DAY_OF, _dimensions(project))
            used = connection.execute(f"SELECT sum({quoted(COUNT)})::BIGINT FROM daily").fetchone()  # noqa: S608 - quoted
            return (used and used[0]) or 0

        if project.data.kpi.connection is not None:
            with tally_database(project, _today()) as (connection, tally, name):
                used = write(connection, project)
        else:
            location = locate(project.data.kpi.path, folder)
            name = location.name
            with ThreadPoolExecutor(1) as beside:
                hashing = beside.submit(fingerprint, location)
                measured = functools.partial(_measured, project, location, _today(), write, hashing)
                try:
                    used, tally, _ = measured(SMALL_MEMORY)
                except DataError as error:
                    if not isinstance(error.__context__, duckdb.OutOfMemoryException):
                        raise
                    used, tally, _ = measured()
        ledger = _ledger(project, used, tally, name=name, sha256="", read_as=())
        yield SharedTable(project=project, file=file, ledger=ledger)


def _read_kpi(project: Project, folder: Path, cache: Path | None, today: dt.date) -> store.Kept:
    """Read the KPI table and sum it by day and dimensions."""
    if project.data.kpi.connection is not None:
        _refuse_columns(project, folder)
        with tally_database(project, today) as (connection, tally, name):
            daily = _by_day(connection, project)
        sha256, used = store.hash_of(daily), int(daily[COUNT].sum())
        ledger = _ledger(project, used, tally, name=name, sha256=sha256, read_as=())
        return store.Kept(daily=daily, by_period=by_period(project, daily), ledger=ledger)
    location = locate(project.data.kpi.path, folder)
    with ThreadPoolExecutor(1) as beside:
        hashing = beside.submit(fingerprint, location)
        if cache is not None:
            found = store.read(cache, store.key(project, hashing.result().sha256))
            if found is not None and found.last <= today:
                return found  # which was kept once all columns had been found
        _refuse_columns(project, folder)
        daily, tally, read_as = _measured(project, location, today, _by_day, hashing)
        sha256, used = hashing.result().sha256, int(daily[COUNT].sum())
    ledger = _ledger(project, used, tally, name=location.name, sha256=sha256, read_as=read_as)
    kept = store.Kept(daily=daily, by_period=by_period(project, daily), ledger=ledger)
    # What lies in the future today does not lie there tomorrow: that is not kept.
    if cache is not None and not any(check.id == "future" for check in kept.ledger.checks):
        store.write(cache, store.key(project, sha256), kept)
    return kept


def _refuse_columns(project: Project, folder: Path) -> None:
    if faults := column_faults(project, folder):
        raise DataError(
            "; ".join(f"{'.'.join(map(str, f.path))}: {f.message}" for f in faults) + ".",
            "Correct the name in the params file.",
        )


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
        location = locate(project.data.kpi.path, folder)
        name, there = location.name, column_names(location, kpi, set(wanted.values()))
    spelled = {same_name(column) for column in there}
    twice = {same_name(c.removesuffix(" (2)")) for c in there if c.endswith(" (2)")}
    alike = {same_name(column).casefold(): column for column in there}
    faults = []
    for field, column in wanted.items():
        if same_name(column) in twice:
            message = f"{name} has more than one column '{column}'"
        elif same_name(column) not in spelled:
            shown = ", ".join(there[:60]) + (" …" if len(there) > 60 else "")
            near = alike.get(same_name(column).casefold())
            meant = f"did you mean '{near}'? " if near else ""
            message = f"{name} has no column '{column}'; {meant}it has: {shown}"
        else:
            continue
        faults.append(Fault(path=_path(field), message=message))
    return faults


def _measured(
    project: Project,
    location: Location,
    today: dt.date,
    take: Callable[[DuckDBPyConnection, Project], Taken],
    hashing: Future[Fingerprint],
    memory: str = MEMORY,
) -> tuple[Taken, Tally, tuple[Statement, ...]]:
    """Sum a file, in one pass if it is plain, else row by row, and take the sums."""
    kpi = project.data.kpi
    wanted = set(project.columns.values()) | set(kpi.key)
    small = location.files[0].stat().st_size <= REREAD
    delimited = location.kind == "delimited"
    opened = functools.partial(open_source, location, kpi, wanted, memory=memory)

    def taken(source: Source, tally: Tally) -> tuple[Taken, Tally, tuple[Statement, ...]]:
        read_as = source.read_as
        if source.types[source.column(kpi.period.column)] == INSTANT:
            read_as = (*read_as, say("days in the time zone {zone}", zone=kpi.period.zone))
        return take(source.connection, project), tally, read_as

    odd = False
    with contextlib.suppress(NotPlain), opened("numbers", numbers=numbers(project)) as source:
        tally = _plainly(source, project, today)
        clear = hashing.result().clear
        if tally is not None and clear:
            return taken(source, tally)
        odd = clear
    with contextlib.suppress(NotPlain), opened("texts") as source:
        tally = None if odd else _plainly(source, project, today)
        if tally is None and not (delimited and small):
            try:
                tally = tally_rows(source, project, today)
            except duckdb.Error:
                if delimited:
                    raise NotPlain from None
                raise
        if tally is not None:
            return taken(source, tally)
    with opened("rewritten") as source:
        return taken(source, tally_rows(source, project, today))


def _plainly(source: Source, project: Project, today: dt.date) -> Tally | None:
    """The tally of a plain table; None if a cell is not in strict form."""
    try:
        return tally_plain(source, project, today)
    except duckdb.OutOfMemoryException:
        raise  # no fault of a cell's
    except duckdb.Error:
        return None


def _by_day(connection: DuckDBPyConnection, project: Project) -> pd.DataFrame:
    """The sums of `daily`, with the space around dimensions' values gone, in order."""
    return summed(connection, project, DAY_OF, _dimensions(project))


def _dimensions(project: Project) -> list[str]:
    names = project.data.kpi.dimensions
    return [f"coalesce({trimmed(quoted(name))}, '') AS {quoted(name)}" for name in names]


def _ledger(
    project: Project,
    used: int,
    tally: Tally,
    *,
    name: str,
    sha256: str,
    read_as: tuple[Statement, ...],
) -> Ledger:
    """The receipt of a table's rows, of which so many are used.

    Raises:
        DataError: If no row is.
    """
    kpi = project.data.kpi
    left_out = list(tally.judged.left_out)
    if tally.excluded and not any(line.reason == FILTERED for line in left_out):
        left_out.insert(0, LedgerLine(reason=FILTERED, rows=tally.excluded))
    if not tally.rows_in:
        raise DataError(f"{name} has a header and no rows.", "Export the table again.")
    if not used:
        told = "; ".join(f"{line.rows} {ENGLISH.say(line.reason)}" for line in left_out)
        raise DataError(
            f"{name} has no row to use: {tally.rows_in} rows in{', ' + told if told else ''}.",
            "Check data.kpi.filter and the file.",
        )
    return Ledger(
        table=name,
        source=kpi.source,
        licence=kpi.licence,
        simulated=kpi.simulated,
        sha256=sha256,
        rows_in=tally.rows_in,
        rows_used=used,
        read_as=read_as if tally.copies_sought else (*read_as, NOT_SOUGHT),
        columns=tally.judged.columns,
        left_out=tuple(left_out),
        checks=tally.judged.checks,
        notes=tuple(_notes(tally.judged.checks)),
    )


def _notes(checks: tuple[Check, ...]) -> Iterator[Statement]:
    """What a reader must know of rows that are used all the same."""
    for check in checks:
        if check.done != "left_out":
            rows = Quantity(value=check.rows, unit="count")
            yield Statement(
                message=NOTES[check.id].message, values=dict(check.found)["values"] | {"rows": rows}
            )


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()


def _path(field: str) -> tuple[str | int, ...]:
    return tuple(int(part) if part.isdigit() else part for part in field.split("."))
