"""A table in a database: summed there by day and dimensions, so that only the sums travel.

The address comes from an environment variable, and no message, result or file ever repeats it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import operator
import os
import re
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from opsbook.data.cube import COUNT, GAPS, PERIOD
from opsbook.data.judge import Judged
from opsbook.data.sources import connected
from opsbook.data.sql import same_name
from opsbook.data.tally import Tally, figures
from opsbook.data.values import all_spellings
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.project.intake import Policy
from opsbook.results.intake import Check, LedgerLine
from opsbook.text import Statement, say

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import ColumnElement, Connection, FromClause

SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
SAMPLE = 50
#: How many rows are told that are left out for one reason.
TOLD = 3


def database_columns(project: Project) -> tuple[str, list[str]]:
    """What messages call the table, and the names of its columns.

    Raises:
        DataError: If the database or the table cannot be reached.
    """
    with _reached(project) as connection:
        return _name(project), _columns(connection, project)


@contextlib.contextmanager
def tally_database(
    project: Project, today: dt.date
) -> Iterator[tuple[DuckDBPyConnection, Tally, str]]:
    """Sum a database's table by day and dimensions, inside the database.

    Args:
        project: The checked params, with a connection.
        today: The last day that is not in the future.

    Yields:
        DuckDB with the sums in `daily`, the tally, and what messages call the table.

    Raises:
        DataError: If the database cannot be reached, a column has no dates or numbers, or rows
            are wrong in a way that the params refuse.
    """
    with _reached(project) as database:
        frame, tally = _summed(database, project, today)
    with (
        tempfile.TemporaryDirectory(prefix="opsbook-") as scratch,
        connected(Path(scratch)) as connection,
    ):
        connection.register("summed", frame)
        connection.execute("CREATE TEMP TABLE daily AS SELECT * FROM summed")
        connection.unregister("summed")
        yield connection, tally, _name(project)


@contextlib.contextmanager
def _reached(project: Project) -> Iterator[Connection]:
    """A connection to the database; every error is told without the address."""
    try:
        import sqlalchemy  # noqa: PLC0415 - an extra, and slow to import
    except ImportError:
        raise DataError(
            "A connection needs SQLAlchemy (data.kpi.connection).", "pip install 'opsbook[sql]'"
        ) from None
    variable = (project.data.kpi.connection or "").removeprefix("env:")
    address = os.environ.get(variable)
    if not address:
        raise DataError(
            f"The environment variable {variable} is not set (data.kpi.connection).",
            "Set it to the database's address, such as postgresql+psycopg://user:…@host/name.",
        )
    problem = ""
    try:
        url = sqlalchemy.make_url(address)
        bounded = {"connect_timeout": 10} if url.get_backend_name() == "postgresql" else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning of SQLAlchemy's cites parts of the address
            engine = sqlalchemy.create_engine(
                url, poolclass=sqlalchemy.pool.NullPool, hide_parameters=True, connect_args=bounded
            )
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, ValueError) as error:
        kind = "names a driver that is not installed" if isinstance(error, ImportError) else ""
        problem = f"{kind or 'is no address of a database'}"
    if problem:
        raise DataError(
            f"The environment variable {variable} {problem} (data.kpi.connection).",
            "Write it as SQLAlchemy does: dialect+driver://user:password@host/name.",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = engine.connect()
        with opened as connection:
            yield connection
    except sqlalchemy.exc.SQLAlchemyError as error:
        problem = _told(error, url)
    finally:
        engine.dispose()
    if problem:
        raise DataError(
            f"The database of {variable} answers: {problem}.",
            "Check the address, the query and the types of its columns.",
        )


def _told(error: Exception, url: Any) -> str:
    """An error's first lines, without anything that the address keeps secret."""
    text = str(getattr(error, "orig", None) or error)
    secrets = {str(url.password or ""), url.render_as_string(hide_password=False)}
    secrets |= {str(value) for value in url.query.values()}
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return " ".join(" ".join(text.splitlines()[:3]).split())[:300].rstrip(".")


def _name(project: Project) -> str:
    kpi = project.data.kpi
    return kpi.table or f"query ({kpi.connection})"


def _source(project: Project, names: list[str]) -> FromClause:
    """The table, or the query as one."""
    from sqlalchemy import column, table, text  # noqa: PLC0415 - an extra

    kpi = project.data.kpi
    columns: list[Any] = [column(name) for name in names]
    if kpi.table is not None:
        schema, _, name = kpi.table.rpartition(".")
        return table(name, *columns, schema=schema or None)
    query = (kpi.query or "").strip().rstrip(";").strip()
    if not SELECT.match(query) or ";" in query:
        raise DataError(
            "data.kpi.query is no single SELECT.", "Write one SELECT, or WITH … SELECT."
        )
    return text(query.replace(":", "\\:")).columns(*columns).subquery("source")


def _columns(connection: Connection, project: Project) -> list[str]:
    from sqlalchemy import literal_column, select  # noqa: PLC0415 - an extra

    every: Any = literal_column("*")
    query = select(every).select_from(_source(project, [])).limit(0)
    return list(connection.execute(query).keys())


def _summed(connection: Connection, project: Project, today: dt.date) -> tuple[pd.DataFrame, Tally]:
    from sqlalchemy import func, select  # noqa: PLC0415 - an extra

    rows = _Rows(connection, project, today)
    inner = rows.judged().subquery("judged")
    place = inner.c
    groups = [place.reason, place.day, *rows.each(place, "d"), place.gaps]
    sums = [func.sum(cell).label(cell.name) for cell in rows.each(place, "v")]
    checks = [func.sum(cell).label(cell.name) for cell in rows.each(place, "check")]
    query = select(*groups, *sums, func.count().label("n"), *checks).group_by(*groups)
    frame = pd.DataFrame(connection.execute(query).mappings().all())
    if frame.empty:
        return _typed(frame, rows), Tally(rows_in=0, excluded=0, plain=False, copies_sought=False)
    counts = frame.groupby("reason", dropna=False)["n"].sum()
    left_out, found = [], []
    for name, reason in rows.reasons.items():
        count = int(counts.get(name, 0))
        if not count:
            continue
        first = rows.first(connection, name)
        if reason.policy == "refuse":
            raise DataError(
                f"{_name(project)}: {count} rows {_in_words(reason.told)}"
                f"{', for instance ' + ', '.join(first) if first else ''}.",
                f"Correct them, or allow it in the params ({reason.allow}).",
            )
        left_out.append(LedgerLine(reason=reason.told, rows=count, first=first))
        if name not in {"filter", "no_date"} and not name.startswith("useless"):
            kind = name.partition(":")[0]
            check = Check(id=kind, found=reason.told, rows=count, first=first, done="left_out")
            found.append(check)
    used = frame[frame["reason"].isna()]
    for i, (kind, told) in enumerate(rows.checks):
        if count := int(used[f"check{i}"].sum()):
            done = "left_empty" if kind in {"empty", "unreadable"} else "kept"
            found.append(Check(id=kind, found=told, rows=count, done=done))
    found += _repeated(connection, rows)
    tally = Tally(
        rows_in=int(frame["n"].sum()),
        excluded=int(counts.get("filter", 0)),
        judged=Judged(left_out=tuple(left_out), checks=tuple(found)),
        plain=False,
        copies_sought=bool(project.data.kpi.key),
    )
    return _typed(used, rows), tally


@dataclass(frozen=True, kw_only=True)
class _Reason:
    """Why a row is left out: its words, what the params say, and the column it is seen in."""

    test: Any
    told: Statement
    policy: Policy = "drop"
    allow: str = ""
    column: str = ""


class _Rows:
    """The table's rows with what each is judged by, as SQL."""

    def __init__(self, connection: Connection, project: Project, today: dt.date) -> None:
        from sqlalchemy import select  # noqa: PLC0415 - an extra

        self.project, self.today = project, today
        self.dialect = connection.dialect.name
        self.instants = False
        there = _columns(connection, project)
        self.spelled = {same_name(name): name for name in there}
        self.source = _source(project, there)
        self.figures = figures(project)
        self.checks: list[tuple[str, Statement]] = []
        cells = [self.cell(name) for name in (project.data.kpi.period.column, *self.figures)]
        for date, *row in connection.execute(select(*cells).limit(SAMPLE)):
            self.instants |= isinstance(date, dt.datetime) and date.tzinfo is not None
            for name, value in zip(self.figures, row, strict=True):
                numeric = value is None or isinstance(value, int | float | Decimal)
                if not numeric and self.dialect != "sqlite":
                    raise DataError(
                        f"{_name(project)}, column '{name}', holds text, for instance '{value}'.",
                        "Cast it to a number in data.kpi.query.",
                    )

        self.reasons = dict(self._reasons([self.figure(name) for name in self.figures]))

    def reason(self) -> Any:
        """The name of the first reason to leave a row out; null where there is none."""
        from sqlalchemy import case, literal, null  # noqa: PLC0415 - an extra

        cases = [(reason.test, literal(name)) for name, reason in self.reasons.items()]
        return case(*cases, else_=null())

    def first(self, connection: Connection, name: str) -> tuple[str, ...]:
        """What stands in the first rows that are left out for a reason, by date."""
        from sqlalchemy import select  # noqa: PLC0415 - an extra

        if not self.reasons[name].column:
            return ()
        date = self.cell(self.project.data.kpi.period.column)
        wanted = select(date, self.cell(self.reasons[name].column)).where(self.reason() == name)
        rows = connection.execute(wanted.order_by(date).limit(TOLD)).all()
        return tuple(
            f"{day}: {value}"[:60] if day != value else str(day)[:60] for day, value in rows
        )

    def cell(self, name: str) -> ColumnElement[Any]:
        """A column of the table, by the params' name."""
        return self.source.c[self.spelled[same_name(name)]]

    @staticmethod
    def each(place: Any, prefix: str) -> list[Any]:
        """The columns d0, d1, … of the judged rows."""
        return [cell for cell in place if re.fullmatch(rf"{prefix}\d+", cell.name)]

    def judged(self) -> Any:
        """Each row with its reason to be left out, its day, its dimensions and its figures."""
        from sqlalchemy import Integer, case, null, select  # noqa: PLC0415 - an extra

        values = [self.figure(name) for name in self.figures]
        first = select(
            self.reason().label("reason"),
            self.day().label("day"),
            *(self.cell(d).label(f"d{i}") for i, d in enumerate(self.project.data.kpi.dimensions)),
            *(value.label(f"v{i}") for i, value in enumerate(values)),
            *(self.cell(name).label(f"raw{i}") for i, name in enumerate(self.figures)),
        ).subquery("read")
        is_used = first.c.reason.is_(None)
        kept = [
            case((is_used, cell), else_=null()).label(cell.name)
            for prefix in ("d", "v")
            for cell in self.each(first.c, prefix)
        ]
        gaps: Any = functools.reduce(
            operator.add,
            (
                case((cell.is_(None), 1 << i), else_=0)
                for i, cell in enumerate(self.each(first.c, "v"))
            ),
        )
        checks = [
            case((test, 1), else_=0).cast(Integer).label(f"check{i}")
            for i, test in enumerate(self._checked(first.c))
        ]
        return select(
            first.c.reason,
            case((is_used, first.c.day), else_=null()).label("day"),
            *kept,
            case((is_used, gaps), else_=0).label("gaps"),
            *checks,
        )

    def day(self) -> Any:
        """The date column as a day."""
        from sqlalchemy import Date, case, cast, func, null  # noqa: PLC0415 - an extra

        cell = self.cell(self.project.data.kpi.period.column)
        if self.dialect == "sqlite":
            # SQLite takes a number for a Julian day; only texts that begin with a year are dates.
            is_date = cell.op("GLOB")("[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*")
            return case((is_date, func.date(func.substr(cell, 1, 10))), else_=null())
        if self.instants:
            cell = func.timezone(self.project.data.kpi.period.zone, cell)
        return cast(cell, Date)

    def figure(self, name: str) -> Any:
        """A column as a number; in SQLite a text in it is none, where a sum would call it zero."""
        from sqlalchemy import case, func, null  # noqa: PLC0415 - an extra

        cell = self.cell(name)
        if self.dialect == "sqlite":
            return case((func.typeof(cell).in_(["integer", "real"]), cell), else_=null())
        return cell

    def _reasons(self, values: list[Any]) -> Iterator[tuple[str, _Reason]]:
        """Everything that a row is left out for, the first reason first."""
        from sqlalchemy import String, and_, cast, func, not_  # noqa: PLC0415 - an extra

        kpi, intake = self.project.data.kpi, self.project.intake
        used = [
            func.trim(cast(self.cell(column), String)).in_(all_spellings(wanted))
            for column, wanted in kpi.filter.items()
        ]
        if used:
            test = func.coalesce(not_(and_(*used)), True)
            yield "filter", _Reason(test=test, told=say("left out by the filter"))
        date, day = self.cell(kpi.period.column), self.day()
        yield "no_date", _Reason(test=date.is_(None), told=say("without a date"))
        yield (
            "date",
            _Reason(
                test=day.is_(None),
                told=say("with an unreadable date"),
                policy="drop" if intake.unreadable == "keep" else intake.unreadable,
                allow="intake.unreadable: drop",
                column=kpi.period.column,
            ),
        )
        for name, value in zip(self.figures, values, strict=True):
            if intake.unreadable != "keep" and self.dialect == "sqlite":
                yield (
                    f"unreadable:{name}",
                    _Reason(
                        test=and_(self.cell(name).is_not(None), value.is_(None)),
                        told=say("with an unreadable figure in {column}", column=name),
                        policy=intake.unreadable,
                        allow="intake.unreadable: drop, or keep to count the cell as empty",
                        column=name,
                    ),
                )
        if intake.future != "keep":
            today = self.today.isoformat() if self.dialect == "sqlite" else self.today
            yield (
                "future",
                _Reason(
                    test=day > today,
                    told=say("dated in the future"),
                    policy=intake.future,
                    allow="intake.future: drop, or keep",
                    column=kpi.period.column,
                ),
            )
        yield from self._empty(values)
        if intake.impossible != "keep":
            for (name, column, told), test in self._impossible(values):
                yield (
                    f"{name}:{column}",
                    _Reason(
                        test=test,
                        told=told,
                        policy=intake.impossible,
                        allow="intake.impossible: drop, or keep",
                        column=column,
                    ),
                )

    def _empty(self, values: list[Any]) -> Iterator[tuple[str, _Reason]]:
        """Rows without a figure: of no use to any metric, or left out as the params say."""
        from sqlalchemy import and_, false, or_  # noqa: PLC0415 - an extra

        missing = self.project.intake.missing
        place = dict(zip(self.figures, values, strict=True))
        useless = [
            or_(false(), *(place[c].is_(None) for c in metric.columns.values()))
            for metric in self.project.metrics.values()
        ]
        for name, value in place.items():
            told, empty = say("without a figure in {column}", column=name), value.is_(None)
            if missing == "keep":
                yield f"useless:{name}", _Reason(test=and_(empty, *useless), told=told)
            else:
                allow = "intake.missing: drop, or keep"
                yield f"empty:{name}", _Reason(test=empty, told=told, policy=missing, allow=allow)

    def _impossible(self, values: list[Any]) -> Iterator[tuple[tuple[str, str, Statement], Any]]:
        """Counts below zero, and numerators above their denominators, with their tests."""
        value = dict(zip(self.figures, values, strict=True))
        shares = [m for m in self.project.metrics.values() if m.kind == "share"]
        for name in dict.fromkeys(c for metric in shares for c in metric.columns.values()):
            told = say("with a count below zero in {column}", column=name)
            yield ("negative", name, told), value[name] < 0
        for above, below in dict.fromkeys((m.numerator, m.denominator) for m in shares):
            if above and below:
                told = say(
                    "with more in {numerator} than in {denominator}",
                    numerator=above,
                    denominator=below,
                )
                yield ("over", above, told), value[above] > value[below]

    def _checked(self, place: Any) -> Iterator[Any]:
        """What is odd about a used row, as tests; their words go to `checks`."""
        values = self.each(place, "v")
        value = dict(zip(self.figures, values, strict=True))
        raw = dict(zip(self.figures, self.each(place, "raw"), strict=True))
        is_used = place.reason.is_(None)
        for name in self.figures:
            told = say("with an unreadable figure in {column}", column=name)
            self.checks.append(("unreadable", told))
            yield is_used & raw[name].is_not(None) & value[name].is_(None)
            told = say("without a figure in {column}", column=name)
            self.checks.append(("empty", told))
            yield is_used & raw[name].is_(None)
        for (kind, _, told), test in self._impossible(values):
            self.checks.append((kind, told))
            yield is_used & test


def _repeated(connection: Connection, rows: _Rows) -> list[Check]:
    """Rows whose key has come before."""
    from sqlalchemy import func, select  # noqa: PLC0415 - an extra

    kpi, policy = rows.project.data.kpi, rows.project.intake.repeated_keys
    if not kpi.key:
        return []
    cells = [rows.cell(name) for name in kpi.key]
    used = select(func.count().label("n")).where(rows.reason().is_(None))
    repeated = used.select_from(rows.source).group_by(*cells)
    keys = repeated.having(func.count() > 1).subquery()
    count = int(connection.execute(select(func.sum(keys.c.n - 1))).scalar() or 0)
    told = say("with a key that another row has, and other values")
    if count and policy != "keep":
        raise DataError(
            f"{_name(rows.project)}: {count} rows {_in_words(told)} ({', '.join(kpi.key)}).",
            "Keep one of each in data.kpi.query, or allow them: intake.repeated_keys: keep.",
        )
    return [Check(id="key", found=told, rows=count)] if count else []


def _in_words(told: Statement) -> str:
    return told.message.format_map(
        {name: f"'{value}'" for name, value in dict(told)["values"].items()}
    )


def _typed(frame: pd.DataFrame, rows: _Rows) -> pd.DataFrame:
    """The sums of the used rows, as `daily` has them.

    Raises:
        DataError: If a sum is no number.
    """
    kpi = rows.project.data.kpi
    result = pd.DataFrame(
        {PERIOD: pd.to_datetime(frame.get("day", pd.Series(dtype="object"))).dt.date}
    )
    for i, name in enumerate(kpi.dimensions):
        cells = frame.get(f"d{i}", pd.Series(dtype="object"))
        result[name] = ["" if value is None else str(value) for value in cells]
    result[GAPS] = frame.get("gaps", pd.Series(dtype="int64")).astype("int64")
    for i, name in enumerate(rows.figures):
        result[name] = frame.get(f"v{i}", pd.Series(dtype="float64")).astype("float64")
        if (~result[name].isna() & ~result[name].abs().lt(float("inf"))).any():
            raise DataError(f"{_name(rows.project)}, column '{name}', holds an infinite value.")
        if (result[name].isna() & (result[GAPS].to_numpy() >> i & 1 == 0)).any():
            raise DataError(
                f"{_name(rows.project)}, column '{name}', holds a value that is no number (NaN).",
                "Make it NULL in data.kpi.query.",
            )
    result[COUNT] = frame.get("n", pd.Series(dtype="int64")).astype("int64")
    result[PERIOD] = pd.to_datetime(result[PERIOD])
    return result
