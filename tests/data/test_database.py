"""Databases: summed where the rows are, and their address is told to nobody."""

from __future__ import annotations

import datetime as dt
import logging
import os
import pwd
import shutil
import sqlite3
import subprocess
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.run.workspaces import opsbook, workspace

from opsbook.data import column_faults, load_tables
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.results.intake import Ledger

sqlalchemy = pytest.importorskip("sqlalchemy")

TODAY = dt.date(2025, 6, 1)
CANARY = "canary-7f3a9"
ROWS = [
    ("2024-01-01", "A", 1, 10.0),
    ("2024-01-01", "A", 2, 10.0),
    ("2024-01-02", "A", 3, 10.5),
    ("2024-01-04", "B", 4, 20.25),
    ("2024-01-04", "B", None, 20.0),
    (None, "B", 5, 20.0),
    ("2031-01-01", "B", 5, 20.0),
]


def params(**kpi: Any) -> dict[str, Any]:
    return {
        "project": {"id": "p", "title": "P"},
        "data": {
            "kpi": {
                "connection": "env:OPS_DB_URL",
                "period": {"column": "day", "grain": "day"},
                "dimensions": ["store"],
                **kpi,
            }
        },
        "metric": {
            "name": "Conversion",
            "numerator": "orders",
            "denominator": "visits",
            "better": "higher",
        },
    }


def project(**kpi: Any) -> Project:
    return Project.model_validate(params(**kpi))


@pytest.fixture(scope="module")
def sqlite_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("sqlite") / "shop.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE visits (day TEXT, store TEXT, orders INTEGER, visits REAL)")
        database.executemany("INSERT INTO visits VALUES (?, ?, ?, ?)", ROWS)
        database.execute(
            "CREATE TABLE words AS SELECT day, store, 'many' AS orders, visits FROM visits"
        )
    database.close()
    return f"sqlite:///{file}"


def _as(user: str | None, *command: str | Path) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        timeout=300,
        user=user,
        capture_output=True,
        cwd="/",
        env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
    )


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of the test's own, on a socket in a folder of its own."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        if os.environ.get("OPSBOOK_NO_SKIP"):
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    programs = found[-1].parent
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="opsbook-pg-"))
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    try:
        secret = folder / "secret"
        secret.write_text(CANARY, encoding="utf-8")
        secret.chmod(0o644)
        data = folder / "data"
        _as(user, programs / "initdb", "-D", data, "-U", "ops", "-A", "scram-sha-256",
            f"--pwfile={secret}", "-N", "-E", "UTF8")  # fmt: skip
        options = f"-k {folder} -c listen_addresses= -c fsync=off -c max_connections=10"
        _as(user, programs / "pg_ctl", "-D", data, "-w", "-t", "240", "-o", options,
            "-l", folder / "log", "start")  # fmt: skip
        try:
            url = f"postgresql+psycopg://ops:{CANARY}@/postgres?host={folder}"
            engine = sqlalchemy.create_engine(url)
            with engine.begin() as connection:
                connection.exec_driver_sql(
                    "CREATE TABLE visits (day date, store text, orders int, visits numeric);"
                    "CREATE SCHEMA raw; CREATE TABLE raw.events (at timestamp, store text, n int);"
                    "CREATE TABLE words AS SELECT day, store, 'many'::text AS orders, visits "
                    "FROM visits"
                )
                for row in ROWS:
                    connection.exec_driver_sql("INSERT INTO visits VALUES (%s, %s, %s, %s)", row)
                connection.exec_driver_sql(
                    "INSERT INTO raw.events SELECT timestamp '2024-01-01' + i * interval '1 min', "
                    "'S' || mod(i, 3), 1 FROM generate_series(0, 14399) i;"
                    "INSERT INTO words VALUES ('2024-01-01', 'A', 'many', 1)"
                )
            engine.dispose()
            yield url
        finally:
            _as(user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    address: str = request.getfixturevalue(f"{request.param}_url")
    monkeypatch.setenv("OPS_DB_URL", address)
    return address


def test_a_table_is_summed_by_day_and_dimension_in_the_database(url, tmp_path):
    tables = load_tables(project(table="visits"), tmp_path, today=TODAY)
    shown = project(table="visits").metric
    series = tables.kpi.series(shown)
    assert [day.day for day in series.periods] == [1, 2, 3, 4]
    assert series.value[[0, 1, 3]] == pytest.approx([3 / 20, 3 / 10.5, 4 / 20.25])
    assert tables.coverage.state == ("complete", "complete", "missing", "complete")
    assert {(line.reason.message, line.rows) for line in tables.ledger.left_out} == {
        ("without a figure in {column}", 1),
        ("without a date", 1),
        ("dated in the future", 1),
    }
    assert (tables.ledger.rows_in, tables.ledger.rows_used) == (7, 4)


def test_a_query_and_a_filter_choose_rows_in_the_database(url, tmp_path):
    query = "SELECT day, upper(store) AS store, orders, visits FROM visits WHERE visits >= 10;"
    tables = load_tables(project(query=query, filter={"store": "A"}), tmp_path, today=TODAY)
    assert tables.ledger.rows_used == 3
    assert {(line.reason.message, line.rows) for line in tables.ledger.left_out} == {
        ("left out by the filter", 4)
    }


def test_only_the_sums_travel(postgres_url, monkeypatch, tmp_path):
    monkeypatch.setenv("OPS_DB_URL", postgres_url)
    made = params(table="raw.events")
    made["data"]["kpi"]["period"]["column"] = "at"
    made["metric"] = {"name": "Events", "kind": "sum", "value": "n", "better": "higher"}
    sent: list[int] = []
    engine = sqlalchemy.engine.Engine

    def count(_connection, cursor, *_rest):
        sent.append(cursor.rowcount)

    sqlalchemy.event.listen(engine, "after_cursor_execute", count)
    try:
        tables = load_tables(Project.model_validate(made), tmp_path, today=TODAY)
    finally:
        sqlalchemy.event.remove(engine, "after_cursor_execute", count)
    assert tables.ledger.rows_in == 14_400
    assert tables.kpi.frame["n"].sum() == 14_400
    assert max(sent) <= 50  # ten days of three stores, and a sample to see the types


@pytest.mark.parametrize(
    ("kpi", "words"),
    [
        ({"table": "nowhere"}, "nowhere"),
        ({"query": "SELECT nothing FROM visits"}, "nothing"),
        ({"query": "DELETE FROM visits"}, "no single SELECT"),
        ({"query": "SELECT 1; DROP TABLE visits"}, "no single SELECT"),
        ({"table": "words"}, "orders"),
        ({"table": "visits", "dimensions": ["shop"]}, "has no column 'shop'; it has: day, store"),
    ],
)
def test_what_the_database_cannot_answer_is_told(url, kpi, words, tmp_path):
    with pytest.raises(DataError) as caught:
        load_tables(project(**kpi), tmp_path, today=TODAY)
    assert words in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_text_in_a_column_of_numbers_is_refused_where_a_sum_calls_it_zero(tmp_path, monkeypatch):
    file = tmp_path / "x.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE t (day, store, orders, visits)")
        database.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)", [*ROWS[:3], ("2024-01-02", "A", "x", 9)]
        )
    database.close()
    monkeypatch.setenv("OPS_DB_URL", f"sqlite:///{file}")
    with pytest.raises(
        DataError, match=r"1 rows with an unreadable figure in 'orders'.*unreadable"
    ):
        load_tables(project(table="t"), tmp_path, today=TODAY)


def test_impossible_rows_are_left_out_or_refused_with_the_first_of_them(url, tmp_path):
    orders = "CASE orders WHEN 4 THEN 99 ELSE orders END AS orders"
    query = f"SELECT day, store, {orders}, visits FROM visits"  # noqa: S608 - our own
    made = params(query=query)
    for policy in ("drop", "keep"):
        shown = Project.model_validate({**made, "intake": {"impossible": policy}})
        ledger = load_tables(shown, tmp_path, today=TODAY).ledger
        (check,) = (check for check in ledger.checks if check.id == "over")
        assert (check.rows, check.done) == (1, "left_out" if policy == "drop" else "kept")
        assert ledger.rows_in == ledger.rows_used + sum(line.rows for line in ledger.left_out)
    refused = Project.model_validate({**made, "intake": {"impossible": "refuse"}})
    with pytest.raises(DataError, match=r"1 rows with more in 'orders'.*instance 2024-01-04: 99"):
        load_tables(refused, tmp_path, today=TODAY)


def test_what_is_left_out_is_told_with_its_first_rows(url, tmp_path):
    ledger = load_tables(project(table="visits"), tmp_path, today=TODAY).ledger
    first = {line.reason.message: line.first for line in ledger.left_out}
    assert first["dated in the future"] == ("2031-01-01",)


def test_the_days_of_instants_are_those_of_the_zone(postgres_url, monkeypatch, tmp_path):
    monkeypatch.setenv("OPS_DB_URL", postgres_url)
    query = (
        "SELECT timestamptz '2024-01-01 20:00+00' AS day, 'A' AS store, 1 AS orders, 2 AS visits"
    )
    for zone, first in (("UTC", 1), ("Asia/Shanghai", 2)):
        made = project(query=query, period={"column": "day", "grain": "day", "zone": zone})
        assert load_tables(made, tmp_path, today=TODAY).kpi.periods[0].day == first


def test_a_value_that_is_no_number_is_refused_where_a_sum_would_hide_its_day(
    postgres_url, monkeypatch, tmp_path
):
    monkeypatch.setenv("OPS_DB_URL", postgres_url)
    query = "SELECT date '2024-01-01' AS day, 'A' AS store, 1 AS orders, 'NaN'::float AS visits"
    with pytest.raises(DataError, match="column 'visits', holds a value that is no number"):
        load_tables(project(query=query), tmp_path, today=TODAY)


def test_a_key_that_comes_twice_is_counted_in_the_database(url, tmp_path):
    with pytest.raises(DataError, match=r"rows with a key that another row has.*\(day, store\)"):
        load_tables(project(table="visits", key=["day", "store"]), tmp_path, today=TODAY)


#: Row 3 copies row 1, row 4 has the key of row 2 and other values, row 5 adds all up.
AGAIN = """
SELECT 1 AS n, '2024-01-01' AS day, 'A' AS store, 1 AS orders, 10 AS visits
UNION ALL SELECT 2, '2024-01-02', 'A', 2, 20 UNION ALL SELECT 1, '2024-01-01', 'A', 1, 10
UNION ALL SELECT 2, '2024-01-03', 'A', 3, 30 UNION ALL SELECT 5, '2024-01-03', '合计', 3, 30
UNION ALL SELECT 6, '2024-01-04', 'B', 4, 40 UNION ALL SELECT 7, '2024-01-04', 'B 小计', 4, 40
"""


def again(folder: Path, url: str | None, **intake: str) -> Ledger:
    made = params(query=AGAIN, key=["n"])
    if url is None:
        with duckdb.connect(str(folder / "t.duckdb")) as connection:
            connection.execute(f"CREATE OR REPLACE TABLE t AS {AGAIN}")
        made["data"]["kpi"] |= {"path": "t.duckdb", "connection": None, "query": None}
    elif url.startswith("postgres"):
        made["data"]["kpi"]["query"] = AGAIN.replace("AS day", "::date AS day", 1)
    made["intake"] = intake
    return load_tables(Project.model_validate(made), folder, today=TODAY).ledger


@pytest.mark.parametrize("kind", ["sqlite", "postgres", "duckdb"])
def test_copies_keys_and_totals_are_found_in_a_database_as_in_a_file(
    kind, request, monkeypatch, tmp_path
):
    url = None if kind == "duckdb" else request.getfixturevalue(f"{kind}_url")
    monkeypatch.setenv("OPS_DB_URL", url or "")
    ledger = again(tmp_path, url, repeated_keys="drop")
    told = {line.reason.message: line.rows for line in ledger.left_out}
    assert told == {
        "exact copies of another row": 1,
        "with a key that another row has, and other values": 1,
        "rows of totals": 2,
    }
    assert (ledger.rows_in, ledger.rows_used) == (7, 3)
    ledger = again(tmp_path, url, repeated_keys="keep", duplicates="keep", totals="keep")
    assert ledger.rows_used == 7
    found = {check.id: (check.rows, check.done) for check in ledger.checks}
    assert found == {"copy": (1, "kept"), "key": (2, "kept"), "total": (2, "kept")}
    for policy in ("repeated_keys", "duplicates", "totals"):
        with pytest.raises(DataError, match=rf"intake\.{policy}"):
            again(tmp_path, url, **{"repeated_keys": "drop", policy: "refuse"})


def test_an_address_in_the_params_is_refused_without_being_repeated():
    secret = f"postgresql://ops:{CANARY}@db/shop"
    with pytest.raises(ValueError, match="connection must be env:NAME") as caught:
        project(connection=secret, table="visits")
    told = [error["msg"] for error in caught.value.errors(include_input=False)]  # type: ignore[attr-defined] # pydantic's
    assert CANARY not in " ".join(told)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql+psycopg://ops:{CANARY}@127.0.0.1:1/shop",
        f"postgresql+psycopg://ops:wrong@/shop?host=/nowhere&sslpassword={CANARY}",
        f"nosuchdb://ops:{CANARY}@host/shop",
        f"{CANARY} is no address",
        f"sqlite:////nowhere/{CANARY}.db?key={CANARY}",
        "",
    ],
)
def test_no_error_repeats_the_address(address, monkeypatch, tmp_path, caplog, capfd):
    monkeypatch.setenv("OPS_DB_URL", address)
    with caplog.at_level(logging.DEBUG), pytest.raises(DataError) as caught:
        column_faults(project(table="visits"), tmp_path)
    written = "".join(traceback.format_exception(caught.value)) + caplog.text
    written += "".join(capfd.readouterr())
    assert "OPS_DB_URL" in written
    assert CANARY not in written.replace(f"/nowhere/{CANARY}.db", "")


def test_no_byte_that_a_run_writes_holds_the_secret(postgres_url, monkeypatch, tmp_path):
    """Nor the sums, the log, the report, what is printed, nor what a failing cell says."""
    monkeypatch.setenv("OPS_DB_URL", postgres_url)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    folder = workspace(tmp_path / "here")
    (folder / "params" / "shop.yaml").write_text(
        "project: { id: shop, title: Shop }\n"
        "data:\n"
        "  kpi:\n"
        "    connection: env:OPS_DB_URL\n"
        "    table: visits\n"
        "    period: { column: day, grain: day }\n"
        "    dimensions: [store]\n"
        "metric: { name: Conversion, numerator: orders, denominator: visits, better: higher }\n"
        "trigger: {}\n",
        encoding="utf-8",
    )
    template = folder / "templates" / "1_trigger.ipynb"
    text = template.read_text(encoding="utf-8")
    unruly = "import os; a = os.environ['OPS_DB_URL']; print(a); raise OSError(a)"
    template.write_text(text.replace("from opsbook import show", unruly), encoding="utf-8")
    said = opsbook(folder, "run", "--stage", "intake", "--stage", "trigger")
    assert said.returncode == 1, said.stderr
    assert "shop: 1 done, 1 failed" in said.stderr
    assert (folder / "outputs" / "shop" / "report.html").is_file()
    assert "env:OPS_DB_URL" in (folder / "outputs" / "shop" / "1_trigger.ipynb").read_text("utf-8")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 10
    for path in written:
        assert CANARY.encode() not in path.read_bytes(), path
    assert CANARY not in said.stdout + said.stderr
