"""What a single row can be left out or told for, as SQL over the rows read one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from opsbook.data.columns import Column
from opsbook.data.policy import Finding
from opsbook.data.sources import Source
from opsbook.data.sql import literal, texts
from opsbook.data.totals import asks_total, totals_in
from opsbook.project import Project
from opsbook.project.metric import Metric
from opsbook.text import say

#: Whole numbers from here on lose their last digits.
EXACT = 2**53


def findings_of_rows(
    source: Source,
    project: Project,
    date: Column,
    sums: Sequence[Column],
    today: dt.date,
    first: str,
) -> Iterator[Finding]:
    """Everything a single row can be left out or told for, the first reason first."""
    intake, kpi = project.intake, project.data.kpi
    unread = "drop" if intake.unreadable == "keep" else intake.unreadable
    figures = range(len(sums))
    yield Finding(id="filter", test="NOT used", policy="drop", told=say("left out by the filter"))
    names = {"day_text": kpi.period.column} | {
        f"v{i}_text": column.name for i, column in enumerate(sums)
    }
    yield Finding(
        id="header",
        test=" AND ".join(
            f"lower({cell}) = {literal(name.lower())}" for cell, name in names.items()
        ),
        policy="drop",
        told=say("the column names again"),
    )
    yield Finding(
        id="total",
        test=_is_total(source, project, first),
        policy=intake.totals,
        told=say("rows of totals"),
        allow="intake.totals: drop, or keep",
        check=True,
    )
    nothing = " AND ".join(f"v{i}_blank" for i in figures)
    yield Finding(
        id="remark",
        test=f"(day IS NULL AND {nothing})",
        policy="drop",
        told=say("lines without a date and figures"),
    )
    yield Finding(id="no_date", test="day_blank", policy="drop", told=say("without a date"))
    yield Finding(
        id="date",
        test="day IS NULL",
        policy=unread,
        told=say("with an unreadable date"),
        allow="intake.unreadable: drop",
        column=date.name,
        text="day_text",
        cause="is no date",
        why=date.why or {},
        check=True,
    )
    for i, column in enumerate(sums):
        yield Finding(
            id=f"unreadable:{i}",
            test=f"(v{i} IS NULL AND NOT v{i}_blank)",
            policy=intake.unreadable,
            told=say("with an unreadable figure in {column}", column=column.name),
            allow="intake.unreadable: drop, or keep to count the cell as empty",
            column=column.name,
            text=f"v{i}_text",
            cause="is no number",
            check=True,
            kept="left_empty",
        )
    yield Finding(
        id="future",
        test=f"day > DATE '{today.isoformat()}'",
        policy=intake.future,
        told=say("dated in the future"),
        allow="intake.future: drop, or keep",
        column=date.name,
        text="day_text",
        cause="lies in the future",
        check=True,
    )
    yield from _empty(project, sums)
    yield from _impossible(project, sums)
    for i, column in enumerate(sums):
        yield Finding(
            id=f"rounded:{i}",
            test=f"abs(v{i}) >= {EXACT}",
            policy="keep",
            told=say("with so large a figure in {column} that it is rounded", column=column.name),
            text=f"v{i}_text",
            check=True,
        )


def _is_total(source: Source, project: Project, first: str) -> str:
    """SQL that is true where a row says that it adds up others, unless the params ask for it.

    A column that says so in every row adds nothing up: it has one value.
    """
    kpi = project.data.kpi
    asked = {name for rows in (kpi.filter, kpi.focus) for name in rows if asks_total(rows[name])}
    spots = [f"d{i}" for i, name in enumerate(kpi.dimensions) if name not in asked]
    tests = []
    for spot in dict.fromkeys(["day_text", first, *spots]):
        totals = totals_in(source.connection, "cells", spot, dates=spot == "day_text")
        said = f"coalesce(list_contains({texts(totals)}, {spot}), false)"
        others = source.connection.execute(
            f"SELECT count(*) FROM cells WHERE used AND {spot} <> '' AND NOT {said}"  # noqa: S608 - own names
        ).fetchone()
        if totals and others != (0,):
            tests.append(said)
    return f"({' OR '.join(tests) or 'false'})"


def _empty(project: Project, sums: Sequence[Column]) -> Iterator[Finding]:
    """Rows without a figure: of no use to any metric, or of no use to some."""
    intake = project.intake
    place = {column.name: i for i, column in enumerate(sums)}
    useless = " AND ".join(
        "(" + " OR ".join(f"v{place[c]} IS NULL" for c in metric.columns.values()) + ")"
        for metric in project.metrics.values()
    )
    for i, column in enumerate(sums):
        told = say("without a figure in {column}", column=column.name)
        allow = "intake.missing: drop, or keep"
        empty = f"v{i} IS NULL"
        if intake.missing == "keep":
            yield Finding(
                id=f"useless:{i}", test=f"({empty} AND {useless})", policy="drop", told=told
            )
        yield Finding(
            id=f"empty:{i}",
            test=f"v{i}_blank" if intake.missing == "keep" else empty,
            policy=intake.missing,
            told=told,
            allow=allow,
            column=column.name,
            text=f"v{i}_text",
            cause="is an empty figure",
            check=intake.missing == "keep",
            kept="left_empty",
        )


def _impossible(project: Project, sums: Sequence[Column]) -> Iterator[Finding]:
    policy = project.intake.impossible
    place = {column.name: i for i, column in enumerate(sums)}
    shares: list[Metric] = [m for m in project.metrics.values() if m.kind == "share"]
    counts = dict.fromkeys(column for metric in shares for column in metric.columns.values())
    for column in counts:
        yield Finding(
            id=f"negative:{column}",
            test=f"v{place[column]} < 0",
            policy=policy,
            told=say("with a count below zero in {column}", column=column),
            allow="intake.impossible: drop, or keep",
            column=column,
            text=f"v{place[column]}_text",
            cause="is a count below zero",
            check=True,
        )
    for above, below in dict.fromkeys((m.numerator, m.denominator) for m in shares):
        if above is None or below is None:
            continue
        yield Finding(
            id=f"over:{above}/{below}",
            test=f"v{place[above]} > v{place[below]}",
            policy=policy,
            told=say(
                "with more in {numerator} than in {denominator}",
                numerator=above,
                denominator=below,
            ),
            allow="intake.impossible: drop, or keep",
            column=above,
            text=f"v{place[above]}_text",
            cause=f"is more than its {below}",
            check=True,
        )
