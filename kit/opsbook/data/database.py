"""A table in a database: summed there by day and dimensions, so that only the sums travel.

The address comes from an environment variable, and no message, result or file ever repeats it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from opsbook.data.cube import COUNT, GAPS, PERIOD, each
from opsbook.data.database_repeats import look_for_copies, look_for_keys
from opsbook.data.database_rows import DatabaseRows, columns_of, in_words, name_of
from opsbook.data.judge import Judged
from opsbook.data.sources import connected
from opsbook.data.tally import Tally, kept_apart
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.results.intake import Check, LedgerLine

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from sqlalchemy import Connection


def database_columns(project: Project) -> tuple[str, list[str]]:
    """What messages call the table, and the names of its columns.

    Raises:
        DataError: If the database or the table cannot be reached.
    """
    with _reached(project) as connection:
        return name_of(project), columns_of(connection, project)


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
        yield connection, tally, name_of(project)


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
    problem = fix = ""
    try:
        url = sqlalchemy.make_url(address)
        bounded = {"connect_timeout": 10} if url.get_backend_name() == "postgresql" else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning of SQLAlchemy's cites parts of the address
            engine = sqlalchemy.create_engine(
                url, poolclass=sqlalchemy.pool.NullPool, hide_parameters=True, connect_args=bounded
            )
    except ImportError as error:
        driver = error.name or "of its database"
        problem = f"names the driver {driver}, which is not installed"
        fix = f"Install {driver}; opsbook[sql] brings that of PostgreSQL, psycopg."
    except (sqlalchemy.exc.SQLAlchemyError, ValueError):
        problem = "is no address of a database"
        fix = "Write it as SQLAlchemy does: dialect+driver://user:password@host/name."
    if problem:
        raise DataError(
            f"The environment variable {variable} {problem} (data.kpi.connection).", fix
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


def _summed(connection: Connection, project: Project, today: dt.date) -> tuple[pd.DataFrame, Tally]:
    from sqlalchemy import func, select  # noqa: PLC0415 - an extra

    rows = DatabaseRows(connection, project, today)
    sought, kept = look_for_copies(connection, rows)
    kept += look_for_keys(connection, rows)
    inner = rows.judged().subquery("judged")
    place = inner.c
    groups = [place.reason, place.day, *rows.each(place, "d"), place.gaps]
    apart = [rows.figures.index(name) for name in kept_apart(project)]
    groups += [rows.each(place, "v")[i].label(f"each{i}") for i in apart]
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
            by = f" ({', '.join(reason.by)})" if reason.by else ""
            raise DataError(
                f"{name_of(project)}: {count} rows {in_words(reason.told)}{by}"
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
    found += kept
    tally = Tally(
        rows_in=int(frame["n"].sum()),
        excluded=int(counts.get("filter", 0)),
        judged=Judged(left_out=tuple(left_out), checks=tuple(found)),
        plain=False,
        copies_sought=sought,
    )
    return _typed(used, rows), tally


def _typed(frame: pd.DataFrame, rows: DatabaseRows) -> pd.DataFrame:
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
            raise DataError(f"{name_of(rows.project)}, column '{name}', holds an infinite value.")
        if (result[name].isna() & (result[GAPS].to_numpy() >> i & 1 == 0)).any():
            raise DataError(
                f"{name_of(rows.project)}, column '{name}', holds a value that is no number (NaN).",
                "Make it NULL in data.kpi.query.",
            )
    for name in kept_apart(rows.project):
        cells = frame.get(f"each{rows.figures.index(name)}", pd.Series(dtype="float64"))
        result[each(name)] = cells.astype("float64")
    result[COUNT] = frame.get("n", pd.Series(dtype="int64")).astype("int64")
    result[PERIOD] = pd.to_datetime(result[PERIOD])
    return result
