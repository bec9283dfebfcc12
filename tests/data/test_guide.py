"""Each snippet of the guide to data sources does what the guide says."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml

from opsbook.data import Tables, load_tables
from opsbook.project import Project, read_params
from opsbook.text import Language

GUIDE = Path(__file__).parents[2] / "docs" / "data-sources.md"
TEXT = GUIDE.read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
TODAY = dt.date(2025, 1, 1)


def shop(folder: Path) -> None:
    (export,) = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)
    (folder / "shop.csv").write_bytes(export.encode("gbk"))


def europe(folder: Path) -> None:
    lines = [
        "Übersicht",
        "",
        "Datum;Umsatz",
        "03/04/2024;1.234,5",
        "04/04/2024;fehlt",
        "05/04/2024;7",
    ]
    (folder / "europe.csv").write_text("\n".join(lines), encoding="latin-1")


def weekly(folder: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("weeks")
    for row in (
        ["week", "A", None, "B", None],
        [None, "orders", "visits", "orders", "visits"],
        ["2024-W01", 1, 10, 2, 20],
        ["2024-W02", 3, 10, 4, 20],
    ):
        sheet.append(row)
    for merged in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(merged)
    book.save(folder / "weekly.xlsx")


def months(folder: Path) -> None:
    """Events at midnight in Shanghai, which is still the day before in UTC."""
    for month, first, days in ((1, "2023-12-31", 31), (2, "2024-01-31", 29)):
        rows = duckdb.query(
            f"SELECT TIMESTAMPTZ '{first} 16:00+00' + day * INTERVAL 1 DAY AS at, store, member, "  # noqa: S608 - our own table
            f"1 AS orders, 10 AS visits FROM range({days}) days(day), "
            "(VALUES ('A'), ('B')) stores(store), (VALUES ('yes'), ('no')) members(member)"
        )
        assert rows is not None
        rows.write_parquet(str(folder / f"2024-0{month}.parquet"))


def faulty(folder: Path) -> None:
    rows = [
        "1,2024-01-01,5",
        "2,2024-01-02,many",
        "3,2024-01-03,7",
        "3,2024-01-03,8",
        "4,2031-01-01,9",
    ]
    (folder / "faulty.csv").write_text("\n".join(["order_no,day,amount", *rows]), encoding="utf-8")


def database(folder: Path) -> None:
    with sqlite3.connect(folder / "shop.db") as opened:
        opened.execute("CREATE TABLE visits (day TEXT, store TEXT, orders INTEGER, visits INTEGER)")
        rows = [("2024-01-01", "A", 1, 10), ("2024-01-02", "A", 2, 0), ("2024-01-02", "B", 3, 9)]
        opened.executemany("INSERT INTO visits VALUES (?, ?, ?, ?)", rows)
    opened.close()


#: What each snippet reads, and the totals of its figures in focus.
CASES: list[tuple[Callable[[Path], None], dict[str, float]]] = [
    (shop, {"订单数": 36.0, "访客数": 1380.0}),
    (europe, {"Umsatz": 1241.5}),
    (weekly, {"orders": 10.0, "visits": 60.0}),
    (months, {"orders": 120.0, "visits": 1200.0}),
    (faulty, {"amount": 12.0}),
    (database, {"orders": 4.0, "visits": 19.0}),
]


def read(snippet: str, make: Callable[[Path], None], folder: Path) -> tuple[Project, Tables]:
    (folder / "data").mkdir()
    make(folder / "data")
    (folder / "p.yaml").write_text(f"project: {{ id: p, title: P }}\n{snippet}", encoding="utf-8")
    (project,) = read_params(folder / "p.yaml").projects()
    return project, load_tables(project, folder, today=TODAY)


@pytest.mark.parametrize(("snippet", "case"), list(zip(SNIPPETS, CASES, strict=True)))
def test_a_snippet_reads_what_the_guide_says(snippet, case, tmp_path, monkeypatch):
    make, totals = case
    if make is database:
        pytest.importorskip("sqlalchemy")
        monkeypatch.setenv("OPS_DB_URL", f"sqlite:///{tmp_path}/data/shop.db")
    _, tables = read(snippet, make, tmp_path)
    assert {name: tables.kpi.frame[name].sum() for name in totals} == totals


def test_the_ledger_of_the_first_example_is_that_of_the_guide(tmp_path):
    _, tables = read(SNIPPETS[0], shop, tmp_path)
    ledger, english = tables.ledger, Language("en")
    told = {english.say(line.reason): line.rows for line in ledger.left_out}
    assert told == {
        "rows of totals": 1,
        "exact copies of another row": 1,
        "without a figure in 订单数": 1,
    }
    assert (ledger.rows_in, ledger.rows_used) == (6, 3)
    assert [english.say(told) for told in ledger.read_as] == [
        "encoding gb18030",
        "column names on line 2",
    ]


def test_the_days_of_the_zone_count_and_the_focus_is_found(tmp_path):
    _, tables = read(SNIPPETS[3], months, tmp_path)
    assert str(tables.coverage.periods[0].start) == "2024-01-01"
    assert tables.ledger.rows_in_focus == 60
    assert tables.ledger.rows_used == 120


def test_every_field_that_the_guide_names_is_one():
    text = " ".join(part for part in re.split(r"```.*?```", TEXT, flags=re.DOTALL))
    fields: set[str] = set(re.findall(r"`([a-z_]+)`", text))
    known = set(Project.model_json_schema()["$defs"]["KpiTable"]["properties"])
    known |= set(Project.model_json_schema()["$defs"]["PeriodColumn"]["properties"])
    words: dict[str, Any] = {"true": 0, "yes": 0, "refuse": 0, "drop": 0, "keep": 0}
    assert fields - known - set(words) == set()


def test_the_snippets_are_whole_sections():
    assert all({"data", "metric"} <= set(yaml.safe_load(snippet)) for snippet in SNIPPETS)
