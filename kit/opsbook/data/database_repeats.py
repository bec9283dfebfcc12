"""Rows of a database's table that come again: exact copies, and keys that another row has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opsbook.data.copies import counts_tell_mistakes
from opsbook.data.database_rows import DatabaseRows, Reason
from opsbook.data.judge import COPIES, KEYS
from opsbook.data.sql import same_name
from opsbook.data.tally import SMALL_ENOUGH
from opsbook.results.intake import Check

if TYPE_CHECKING:
    from sqlalchemy import Connection


def look_for_copies(connection: Connection, rows: DatabaseRows) -> tuple[bool, list[Check]]:
    """Count the exact copies inside the database; those to leave out become a reason of the rows.

    Args:
        connection: The database.
        rows: Its rows.

    Returns:
        Whether copies were looked for, and what was found of those that are used all the same.
    """
    from sqlalchemy import func, select  # noqa: PLC0415 - an extra

    policy = rows.project.intake.duplicates
    if policy is None and _count(connection, rows.source) > SMALL_ENOUGH:
        return False, []
    read = rows.read()
    used = read.c.reason.is_(None)
    cells = [text.label(f"t{i}") for i, text in enumerate(rows.texts(read))]
    distinct = select(*cells).where(used).distinct().subquery("distinct_rows")
    count = int(connection.execute(select(func.count()).where(used)).scalar_one())
    count -= _count(connection, distinct)
    if not count:
        return True, []
    if policy is None:
        policy = "drop" if _are_mistakes(connection, rows, distinct) else "keep"
    if policy == "keep":
        return True, [Check(id="copy", found=COPIES, rows=count)]
    column = rows.project.data.kpi.period.column
    allow = "intake.duplicates: drop, or keep"
    rows.reasons["copy"] = Reason(told=COPIES, policy=policy, allow=allow, column=column)
    return True, []


def look_for_keys(connection: Connection, rows: DatabaseRows) -> list[Check]:
    """Count the rows whose key has come before, by date; unless kept they become a reason.

    Args:
        connection: The database.
        rows: Its rows, without the copies that are left out.

    Returns:
        What was found of those that are used all the same.
    """
    from sqlalchemy import func, select  # noqa: PLC0415 - an extra

    kpi, policy = rows.project.data.kpi, rows.project.intake.repeated_keys
    if not kpi.key:
        return []
    if policy != "keep":
        allow = "intake.repeated_keys: drop to use the first by date, or keep"
        rows.reasons["key"] = Reason(
            told=KEYS, by=kpi.key, policy=policy, allow=allow, column=kpi.key[0]
        )
        return []
    read = rows.read()
    cells = [rows.raw(read, name) for name in kpi.key]
    keys = select(func.count().label("n")).where(read.c.reason.is_(None)).group_by(*cells)
    repeated = keys.having(func.count() > 1).subquery()
    count = int(connection.execute(select(func.sum(repeated.c.n - 1))).scalar() or 0)
    return [Check(id="key", found=KEYS, rows=count)] if count else []


def _are_mistakes(connection: Connection, rows: DatabaseRows, distinct: Any) -> bool:
    from sqlalchemy import func, select  # noqa: PLC0415 - an extra

    kpi, cells = rows.project.data.kpi, list(distinct.c)
    place = {same_name(name): i for i, name in enumerate(rows.there)}
    figures = {place[same_name(name)] for name in rows.figures}
    told = {place[same_name(name)] for name in (kpi.period.column, *kpi.dimensions)} | figures
    identity = [cell for i, cell in enumerate(cells) if i not in figures]
    own = [func.count(cell.distinct()) for i, cell in enumerate(cells) if i not in told]
    total, *alone = connection.execute(select(func.count(), *own).select_from(distinct)).one()
    apart = _count(connection, select(*identity).distinct().subquery())
    same = [cells[i] for i in sorted(figures)]
    alike = select(func.count().label("n")).select_from(distinct).group_by(*same)
    most = connection.execute(select(func.max(alike.subquery().c.n))).scalar_one()
    return counts_tell_mistakes(total, apart, alone, most)


def _count(connection: Connection, table: Any) -> int:
    from sqlalchemy import func, select  # noqa: PLC0415 - an extra

    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())
