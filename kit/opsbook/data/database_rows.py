"""The rows of a database's table with what each is judged by, as SQL."""

from __future__ import annotations

import datetime as dt
import functools
import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from opsbook.data.sql import same_name
from opsbook.data.tally import MOST_VALUES, figures
from opsbook.data.totals import ALONE, asks_total, total_of, totals_of
from opsbook.data.values import all_spellings
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.project.intake import Policy
from opsbook.text import Statement, say

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause

SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)
SAMPLE = 50
#: How many rows are told that are left out for one reason.
TOLD = 3
TOTALS_TOLD = say("rows of totals")


def name_of(project: Project) -> str:
    """What messages call the table."""
    kpi = project.data.kpi
    return kpi.table or f"query ({kpi.connection})"


def source_of(project: Project, names: list[str]) -> FromClause:
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


def columns_of(connection: Connection, project: Project) -> list[str]:
    """Names of the table's columns, in their order."""
    from sqlalchemy import literal_column, select  # noqa: PLC0415 - an extra

    every: Any = literal_column("*")
    query = select(every).select_from(source_of(project, [])).limit(0)
    return list(connection.execute(query).keys())


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a row is left out: its words, what the params say, and the column it is seen in.

    Of rows that come again it has no test, but what they come again by.
    """

    told: Statement
    test: Any = None
    by: tuple[str, ...] = ()
    policy: Policy = "drop"
    allow: str = ""
    column: str = ""


class DatabaseRows:
    """The table's rows with what each is judged by, as SQL."""

    def __init__(self, connection: Connection, project: Project, today: dt.date) -> None:
        from sqlalchemy import select  # noqa: PLC0415 - an extra

        self.project, self.today = project, today
        self.dialect = connection.dialect.name
        self.instants = False
        there = columns_of(connection, project)
        self.there = there
        self.spelled = {same_name(name): name for name in there}
        self.source = source_of(project, there)
        self.figures = figures(project)
        self.checks: list[tuple[str, Statement]] = []
        cells = [self.cell(name) for name in (project.data.kpi.period.column, *self.figures)]
        for date, *row in connection.execute(select(*cells).limit(SAMPLE)):
            self.instants |= isinstance(date, dt.datetime) and date.tzinfo is not None
            for name, value in zip(self.figures, row, strict=True):
                numeric = value is None or isinstance(value, int | float | Decimal)
                if not numeric and self.dialect != "sqlite":
                    raise DataError(
                        f"{name_of(project)}, column '{name}', holds text, for instance '{value}'.",
                        "Cast it to a number in data.kpi.query.",
                    )

        self.totals = dict(self._totals(connection))
        self.reasons = dict(self._reasons([self.figure(name) for name in self.figures]))

    def reason(self) -> Any:
        """The name of the first reason to leave a row out; null where there is none."""
        from sqlalchemy import case, literal, null  # noqa: PLC0415 - an extra

        cases = [
            (reason.test, literal(name))
            for name, reason in self.reasons.items()
            if reason.test is not None
        ]
        return case(*cases, else_=null())

    def first(self, connection: Connection, name: str) -> tuple[str, ...]:
        """What stands in the first rows that are left out for a reason, by date."""
        from sqlalchemy import select  # noqa: PLC0415 - an extra

        if not self.reasons[name].column:
            return ()
        read = self.read()
        date = self.raw(read, self.project.data.kpi.period.column)
        wanted = select(date, self.raw(read, self.reasons[name].column)).where(
            read.c.reason == name
        )
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

    def raw(self, read: Any, name: str) -> ColumnElement[Any]:
        """A column of the read rows as the table has it, by the params' name."""
        cell: ColumnElement[Any] = read.c[f"c{self.there.index(self.spelled[same_name(name)])}"]
        return cell

    def texts(self, read: Any) -> list[Any]:
        """All columns of the read rows as texts, which every database can compare."""
        from sqlalchemy import String, cast  # noqa: PLC0415 - an extra

        return [cast(cell, String) for cell in self.each(read.c, "c")]

    def read(self) -> Any:
        """Each row as it stands, with its reason to be left out, its day and its figures."""
        from sqlalchemy import and_, case, func, literal, select  # noqa: PLC0415 - an extra

        read: Any = select(
            self.reason().label("reason"),
            self.day().label("day"),
            *(self.source.c[name].label(f"c{i}") for i, name in enumerate(self.there)),
            *(self.figure(name).label(f"v{i}") for i, name in enumerate(self.figures)),
        ).subquery("read")
        for name, reason in self.reasons.items():
            if reason.test is not None:
                continue
            by = [self.raw(read, column) for column in reason.by] or self.texts(read)
            order = [self.raw(read, self.project.data.kpi.period.column), *self.texts(read)]
            place = func.row_number().over(partition_by=[read.c.reason, *by], order_by=order)
            placed = select(*read.c, place.label("place")).subquery(f"placed_{name}")
            again = and_(placed.c.reason.is_(None), placed.c.place > 1)
            others = [cell for cell in placed.c if cell.name not in {"reason", "place"}]
            told = case((again, literal(name)), else_=placed.c.reason)
            read = select(told.label("reason"), *others).subquery(f"read_{name}")
        return read

    def judged(self) -> Any:
        """Each row with its reason to be left out, its day, its dimensions and its figures."""
        from sqlalchemy import Integer, case, null, select  # noqa: PLC0415 - an extra

        first = self.read()
        is_used = first.c.reason.is_(None)
        cells = {
            f"d{i}": self.raw(first, d) for i, d in enumerate(self.project.data.kpi.dimensions)
        }
        cells |= {cell.name: cell for cell in self.each(first.c, "v")}
        kept = [case((is_used, cell), else_=null()).label(name) for name, cell in cells.items()]
        gaps: Any = functools.reduce(
            operator.add,
            (
                case((cell.is_(None), 1 << i), else_=0)
                for i, cell in enumerate(self.each(first.c, "v"))
            ),
        )
        checks = [
            case((test, 1), else_=0).cast(Integer).label(f"check{i}")
            for i, test in enumerate(self._checked(first))
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

    def _reasons(self, values: list[Any]) -> Iterator[tuple[str, Reason]]:
        """Everything that a row is left out for, the first reason first."""
        from sqlalchemy import String, and_, cast, func, not_  # noqa: PLC0415 - an extra

        kpi, intake = self.project.data.kpi, self.project.intake
        used = [
            func.trim(cast(self.cell(column), String)).in_(all_spellings(wanted))
            for column, wanted in kpi.filter.items()
        ]
        if used:
            test = func.coalesce(not_(and_(*used)), True)
            yield "filter", Reason(test=test, told=say("left out by the filter"))
        if self.totals and intake.totals != "keep":
            yield (
                "total",
                Reason(
                    test=self._is_total(self.cell),
                    told=TOTALS_TOLD,
                    policy=intake.totals,
                    allow="intake.totals: drop, or keep",
                    column=next(iter(self.totals)),
                ),
            )
        date, day = self.cell(kpi.period.column), self.day()
        yield "no_date", Reason(test=date.is_(None), told=say("without a date"))
        yield (
            "date",
            Reason(
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
                    Reason(
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
                Reason(
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
                    Reason(
                        test=test,
                        told=told,
                        policy=intake.impossible,
                        allow="intake.impossible: drop, or keep",
                        column=column,
                    ),
                )

    def _totals(self, connection: Connection) -> Iterator[tuple[str, list[str]]]:
        """Column → its values that say that their row adds up others."""
        from sqlalchemy import String, cast, func, select  # noqa: PLC0415 - an extra

        kpi = self.project.data.kpi
        asked = {
            name for rows in (kpi.filter, kpi.focus) for name in rows if asks_total(rows[name])
        }
        for name in kpi.dimensions:
            text = func.trim(cast(self.cell(name), String))
            values = connection.execute(select(text).distinct().limit(MOST_VALUES)).scalars()
            said = {value: total_of(value) for value in values if value}
            totals = totals_of(said, set(said))
            if name not in asked and 0 < len(totals) < len(said):
                yield name, totals
        if self.dialect == "sqlite":  # where a date is a text
            yield kpi.period.column, sorted(ALONE)

    def _is_total(self, cell: Callable[[str], Any]) -> Any:
        """SQL that is true for a row that adds up others."""
        from sqlalchemy import String, cast, func, or_  # noqa: PLC0415 - an extra

        tests = [
            func.coalesce(func.trim(cast(cell(name), String)).in_(totals), False)
            for name, totals in self.totals.items()
        ]
        return or_(*tests)

    def _empty(self, values: list[Any]) -> Iterator[tuple[str, Reason]]:
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
                yield f"useless:{name}", Reason(test=and_(empty, *useless), told=told)
            else:
                allow = "intake.missing: drop, or keep"
                yield f"empty:{name}", Reason(test=empty, told=told, policy=missing, allow=allow)

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

    def _checked(self, read: Any) -> Iterator[Any]:
        """What is odd about a used row, as tests; their words go to `checks`."""
        values = self.each(read.c, "v")
        value = dict(zip(self.figures, values, strict=True))
        raw = {name: self.raw(read, name) for name in self.figures}
        is_used = read.c.reason.is_(None)
        if self.totals and self.project.intake.totals == "keep":
            self.checks.append(("total", TOTALS_TOLD))
            yield is_used & self._is_total(lambda name: self.raw(read, name))
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


def in_words(told: Statement) -> str:
    """What is told of some rows, in English, with names in quotes."""
    return told.message.format_map(
        {name: f"'{value}'" for name, value in dict(told)["values"].items()}
    )
