"""Two exports of the same shop, messy in two ways, give the same figures as the truth."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import pytest

from opsbook.data import Tables, load_tables
from opsbook.project import Project

FOLDER = Path(__file__).parent / "intake"
TODAY = dt.date(2025, 1, 1)


def project(path: str, period: dict[str, str], sums: list[str], **kpi: Any) -> Project:
    metrics = [{"name": s, "kind": "sum", "value": s, "better": "higher"} for s in sums]
    return Project.model_validate(
        {
            "project": {"id": "p", "title": "P"},
            "data": {"kpi": {"path": path, "period": period, "dimensions": ["站点"], **kpi}},
            "metric": {**metrics[0], "guardrails": [{**m, "margin": 1} for m in metrics[1:]]},
        }
    )


def truth() -> list[dict[str, str]]:
    with (FOLDER / "retail_truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cells(tables: Tables, column: str, shown: Project) -> dict[tuple[str, str], float]:
    metric = next(m for m in shown.metrics.values() if m.value == column)
    return {
        (str(day), site): float(value)
        for site, series in tables.kpi.panel(metric, "站点").items()
        for day, value in zip(series.periods, series.value, strict=True)
        if value == value  # noqa: PLR0124 - not NaN: a gap
    }


COLUMNS = {"订单数": "orders", "退单数": "cancel_docs", "销售额(元)": "sales"}
EXPORT = project("retail_export_gbk.csv", {"column": "日期", "grain": "day"}, [*COLUMNS, "退单率"])


@pytest.fixture(scope="module")
def export() -> Tables:
    return load_tables(EXPORT, FOLDER, today=TODAY)


@pytest.mark.parametrize(("column", "true"), COLUMNS.items())
def test_every_cell_of_the_gbk_export_is_the_truth(export, column, true):
    read = cells(export, column, EXPORT)
    known = {(row["date"], row["站点"]): float(row[true]) for row in truth()}
    assert read == {place: known[place] for place in read}
    # The export itself lacks one day, one figure of sales ('--') and one of cancellations ('').
    lacking = {place for place in known if place not in read}
    day = {place for place in known if place[0] == "2011-09-16"}
    also = {"销售额(元)": ("2011-09-11", "英国站"), "退单数": ("2011-09-12", "英国站")}
    assert lacking == day | ({also[column]} if column in also else set())


def test_per_cents_and_shares_in_one_column_are_one_figure(export):
    read = cells(export, "退单率", EXPORT)
    known = {(row["date"], row["站点"]): float(row["cancel_rate"]) for row in truth()}
    assert all(read[place] == round(known[place], 3) for place in read)


def test_the_export_s_ledger_tells_what_happened_to_every_row(export):
    ledger = export.ledger
    left_out = {line.reason.message: (line.rows, line.first) for line in ledger.left_out}
    assert left_out == {
        "rows of totals": (1, ("77",)),
        "exact copies of another row": (2, ("13: 40788", "28: 20110831")),
    }
    assert (ledger.rows_in, ledger.rows_used) == (75, 72)
    assert [s.message for s in ledger.read_as] == [
        "encoding {encoding}",
        "column names on line {line}",
    ]
    dates = next(column for column in ledger.columns if column.kind == "date")
    assert sum(line.rows for line in dates.read) == 72
    assert len(dates.read) == 5
    empty = {check.first for check in ledger.checks if check.id == "empty"}
    assert empty == {("34",), ("33: --",)}


def test_saturdays_are_closed_and_the_missing_friday_is_missing(export):
    state = dict(
        zip([p.start for p in export.coverage.periods], export.coverage.state, strict=True)
    )
    assert export.coverage.closed_weekdays == (5,)
    assert [day for day, one in state.items() if one == "missing"] == [dt.date(2011, 9, 16)]


def test_every_cell_of_the_merged_header_workbook_is_the_truth_s_week():
    sums = ["订单数", "退单数", "销售额"]
    weekly = project(
        "retail_weekly_merged_header.xlsx",
        {"column": "周", "grain": "week"},
        sums,
        upper_header="站点",
        sheet="周报",
    )
    tables = load_tables(weekly, FOLDER, today=TODAY)
    for column, true in zip(sums, COLUMNS.values(), strict=True):
        known: dict[tuple[str, str], float] = {}
        for row in truth():
            day = dt.date.fromisoformat(row["date"])
            place = (str(day - dt.timedelta(days=day.weekday())), row["站点"])
            known[place] = known.get(place, 0.0) + float(row[true])
        assert cells(tables, column, weekly) == pytest.approx(known, rel=1e-14)
    assert [(line.reason.message, line.first) for line in tables.ledger.left_out] == [
        ("lines without a date and figures", ("9",))
    ]


ORDERS = {
    "project": {"id": "p", "title": "P"},
    "data": {
        "kpi": {
            "path": "online_retail_orders.csv.gz",
            "period": {"column": "date", "grain": "month"},
            "dimensions": ["country"],
            "key": ["order_no"],
        }
    },
    "metric": {"name": "Sales", "kind": "sum", "value": "amount", "better": "higher"},
}


def test_the_shop_s_last_month_is_partial_so_that_its_fall_is_not_shown():
    project = Project.model_validate(ORDERS)
    tables = load_tables(project, FOLDER, today=TODAY)
    assert tables.coverage.state[-1] == "partial"
    assert str(tables.kpi.periods[-1]) == "2011-11-01"
    assert [state for state in tables.coverage.state if state != "complete"] == ["partial"]
    assert tables.ledger.left_out[-1].rows == 965
    assert tables.ledger.rows_in == 23_795


def test_the_shop_is_closed_on_saturdays_and_over_new_year_it_misses_a_week():
    project = Project.model_validate(ORDERS)
    daily = project.model_copy(deep=True).model_dump()
    daily["data"]["kpi"]["period"]["grain"] = "day"
    daily["data"]["events"] = [
        {"title": "New Year", "from": "2010-12-24", "to": "2011-01-03", "kind": "holiday"}
    ]
    daily["metric"] = ORDERS["metric"]
    tables = load_tables(Project.model_validate(daily), FOLDER, today=TODAY)
    assert tables.coverage.closed_weekdays == (5,)
    state = {
        p.start: s for p, s in zip(tables.coverage.periods, tables.coverage.state, strict=True)
    }
    assert state[dt.date(2010, 12, 28)] == "closed"
    assert state[dt.date(2011, 4, 25)] == "missing"  # Easter Monday, which no params name


def test_orders_that_come_twice_are_refused_by_their_key_and_dropped_if_they_are_copies(tmp_path):
    with gzip.open(FOLDER / "online_retail_orders.csv.gz", "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()
    project = Project.model_validate(ORDERS)
    twice = [*lines, lines[7], lines[9]]
    with gzip.open(tmp_path / "online_retail_orders.csv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(twice))
    ledger = load_tables(project, tmp_path, today=TODAY).ledger
    assert ledger.left_out[0].reason.message == "exact copies of another row"
    assert ledger.left_out[0].rows == 2
    other = lines[7].replace("2010-12-01", "2010-12-02")
    with gzip.open(tmp_path / "online_retail_orders.csv.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join([*lines, other]))
    with pytest.raises(Exception, match="column 'order_no': '536371' has come before"):
        load_tables(project, tmp_path, today=TODAY)
