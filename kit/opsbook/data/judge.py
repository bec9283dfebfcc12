"""Judging rows that were read one by one: why one is left out, and what is odd about the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from opsbook.data.columns import Column
from opsbook.data.copies import Alike, are_mistakes
from opsbook.data.findings import findings_of_rows
from opsbook.data.policy import Finding, refuse
from opsbook.data.sources import Source
from opsbook.data.sql import literal
from opsbook.project import Project
from opsbook.results.intake import Check, ColumnReading, LedgerLine
from opsbook.text import say

#: How many places of a finding are told.
TOLD = 3
COPIES = say("exact copies of another row")
KEYS = say("with a key that another row has, and other values")
HOW = {
    "plain": say("as they stand"),
    "iso": say("dates such as 2011/8/30 or 2011-08"),
    "chinese": say("dates such as 2011年8月31日"),
    "compact": say("dates such as 20110831"),
    "serial": say("days counted as spreadsheets do, such as 40786"),
    "day_first": say("dates with the day first"),
    "month_first": say("dates with the month first"),
    "name": say("dates with the month's name"),
    "span": say("spans from one day to another"),
    "full_width": say("full-width digits"),
    "separators": say("separators of thousands, or a decimal comma"),
    "currency": say("a currency's sign"),
    "percent": say("per cent, read as a share"),
    "unit": say("units such as 万, multiplied out"),
    "sign": say("negative by brackets or a sign behind"),
    "boolean": say("true and false, read as 1 and 0"),
    "marked": say('an apostrophe or ="…" of a spreadsheet around them'),
    "empty": say("empty"),
}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What was found in the rows.

    Attributes:
        left_out: Rows not used, by reason.
        checks: What is odd about rows, used or not.
        columns: How each column's cells were understood.
    """

    left_out: tuple[LedgerLine, ...] = ()
    checks: tuple[Check, ...] = ()
    columns: tuple[ColumnReading, ...] = ()


def judge(
    source: Source,
    project: Project,
    date: Column,
    sums: Sequence[Column],
    *,
    today: dt.date,
    alike: Alike | None,
    first: str = "day_text",
) -> Judged:
    """Judge the rows of the temporary table `cells`; write `judged`, with each row's reason.

    Args:
        source: The table.
        project: The checked params.
        date: How its dates were read.
        sums: How its figures were read.
        today: The last day that is not in the future.
        alike: The columns by which its rows are alike; None to look for no exact copies.
        first: Name in `cells` of the table's first column, where totals stand.

    Raises:
        DataError: If a row is wrong in a way that the params refuse.
    """
    connection = source.connection
    findings = list(findings_of_rows(source, project, date, sums, today, first))
    cases = " ".join(
        f"WHEN {finding.test} THEN {literal(finding.id)}"
        for finding in findings
        if finding.policy != "keep"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE judged AS SELECT *, CASE {cases} END AS reason FROM cells"  # noqa: S608 - quoted
    )
    findings += _repeats(source, project, alike)
    found = [(finding, *_places(source, finding)) for finding in findings]
    if source.ragged:
        ragged = Finding(
            id="ragged",
            test="",
            policy="drop" if project.intake.unreadable == "drop" else "refuse",
            told=say("with more or fewer cells than the column names"),
            allow="intake.unreadable: drop",
            cause=f"cells, where the column names are {source.width}",
        )
        places = tuple(f"{line}: {cells}" for line, cells in source.ragged[:TOLD])
        found.insert(0, (ragged, len(source.ragged), places))
    refuse(source, found)
    left_out = tuple(
        LedgerLine(reason=finding.told, rows=rows, first=places)
        for finding, rows, places in found
        if rows and finding.policy == "drop"
    )
    checks = tuple(
        Check(
            id=finding.id.partition(":")[0],
            found=finding.told,
            rows=rows,
            first=places,
            done="left_out" if finding.policy == "drop" else finding.kept,
        )
        for finding, rows, places in found
        if rows and finding.check
    )
    return Judged(
        left_out=left_out,
        checks=checks,
        columns=tuple(_reading(source, c, n) for c, n in _named(date, sums)),
    )


def _repeats(source: Source, project: Project, alike: Alike | None) -> list[Finding]:
    """Rows that come again, among those used so far; the later ones get a reason."""
    connection, kpi, intake = source.connection, project.data.kpi, project.intake
    findings: list[Finding] = []
    connection.execute(
        "ALTER TABLE judged ADD COLUMN copy BOOLEAN DEFAULT false;"
        "ALTER TABLE judged ADD COLUMN again BOOLEAN DEFAULT false"
    )
    if alike is not None:
        _mark(source, "copy", alike.every)
        copies = _count(source, "reason IS NULL AND copy")
        if copies:
            policy = intake.duplicates
            if policy is None:
                mistakes = are_mistakes(connection, "judged WHERE reason IS NULL", alike)
                policy = "drop" if mistakes else "keep"
            findings.append(
                Finding(
                    id="copy",
                    test="copy",
                    policy=policy,
                    told=COPIES,
                    allow="intake.duplicates: drop, or keep",
                    cause="is an exact copy of another row",
                    text="day_text",
                    column=kpi.period.column,
                    check=True,
                )
            )
            if policy != "keep":
                connection.execute(
                    "UPDATE judged SET reason = 'copy' WHERE reason IS NULL AND copy"
                )
    if kpi.key:
        _mark(source, "again", ", ".join(f"k{i}" for i in range(len(kpi.key))))
        findings.append(
            Finding(
                id="key",
                test="again",
                policy=intake.repeated_keys,
                told=KEYS,
                allow="intake.repeated_keys: drop to use the first, or keep",
                cause="has come before",
                text="k0",
                column=", ".join(kpi.key),
                check=True,
            )
        )
        if intake.repeated_keys != "keep":
            connection.execute("UPDATE judged SET reason = 'key' WHERE reason IS NULL AND again")
    return findings


def _mark(source: Source, column: str, by: str) -> None:
    """Mark the rows, used so far, that share something with an earlier one."""
    source.connection.execute(
        f"UPDATE judged SET {column} = true WHERE line IN (SELECT line FROM (SELECT line, "  # noqa: S608 - own names
        f"row_number() OVER (PARTITION BY {by} ORDER BY line) AS place FROM judged "
        "WHERE reason IS NULL) WHERE place > 1) AND reason IS NULL"
    )


def _places(source: Source, finding: Finding) -> tuple[int, tuple[str, ...]]:
    """How many rows a finding has, and the places of the first, with what stands there."""
    if finding.policy == "keep":
        where = f"reason IS NULL AND ({finding.test})"
    else:
        where = f"reason = {literal(finding.id)}"
    rows = _count(source, where)
    if not rows or not finding.tell_places:
        return rows, ()
    text = finding.text or "NULL"
    first = source.connection.execute(
        f"SELECT line, {text} FROM judged WHERE {where} ORDER BY line LIMIT {TOLD}"  # noqa: S608 - own names
    ).fetchall()
    return rows, tuple(
        f"{line}: {str(cell)[:60]}" if cell not in {None, ""} else str(line) for line, cell in first
    )


def _count(source: Source, where: str) -> int:
    found = source.connection.execute(f"SELECT count(*) FROM judged WHERE {where}").fetchone()  # noqa: S608 - own names
    return int(found[0]) if found else 0


def _named(date: Column, sums: Sequence[Column]) -> list[tuple[Column, str]]:
    return [(date, "day"), *((column, f"v{i}") for i, column in enumerate(sums))]


def _reading(source: Source, column: Column, name: str) -> ColumnReading:
    """How many of the used cells of a column were understood in each way."""
    rows = source.connection.execute(
        f"SELECT CASE WHEN {name} IS NULL THEN 'empty' ELSE {name}_how END AS how, count(*), "  # noqa: S608 - own names
        f"min(line) FROM judged WHERE reason IS NULL GROUP BY how ORDER BY 2 DESC, 1"
    ).fetchall()
    ways: dict[str, tuple[int, int]] = {}
    for how, count, line in rows:
        for way in how.split("+"):
            old = ways.get(way, (0, line))
            ways[way] = (old[0] + count, min(old[1], line))
    return ColumnReading(
        column=column.name,
        kind=column.kind,
        read=tuple(
            LedgerLine(reason=HOW[way], rows=count, first=(str(line),))
            for way, (count, line) in ways.items()
        ),
    )
