"""Tables: every row is used or left out for a reason that is told."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import numpy as np
import pytest

from opsbook.data import column_faults, load_tables
from opsbook.errors import DataError
from opsbook.project import Project

ROWS = [
    "day,store,orders,visits",
    "2024-01-01,A,1,10",
    "2024-01-02,A,2,10",
    "2024-01-04,A,3,10",
    "2024-01-01,B,4,20",
    "2024-01-02,B,5,20",
    "2024-01-04,B,6,20",
]


def project(path: str = "table.csv", grain: str = "day", **kpi: object) -> Project:
    return Project.model_validate(
        {
            "project": {"id": "p", "title": "P"},
            "data": {
                "kpi": {
                    "path": path,
                    "period": {"column": "day", "grain": grain},
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
    )


def table(folder: Path, rows: list[str], name: str = "table.csv") -> Path:
    file = folder / name
    text = "\n".join(rows) + "\n"
    if name.endswith(".gz"):
        file.write_bytes(gzip.compress(text.encode()))
    else:
        file.write_text(text, encoding="utf-8")
    return file


def test_a_missing_period_is_a_gap_and_no_zero(tmp_path):
    table(tmp_path, ROWS)
    tables = load_tables(project(), tmp_path)
    series = tables.kpi.series(project().metric, {"store": "A"})
    assert [day.day for day in series.periods] == [1, 2, 3, 4]
    assert np.isnan(series.value[2])
    assert series.value[[0, 1, 3]] == pytest.approx([0.1, 0.2, 0.3])
    assert tables.coverage.state == ("complete", "complete", "missing", "complete")


def test_rows_in_are_rows_used_and_rows_left_out(tmp_path):
    table(tmp_path, [*ROWS, "2024-01-05,C,,10", ",A,1,10", "2024-01-05,A,1,10"])
    ledger = load_tables(project(filter={"store": ["A", "C"]}), tmp_path).ledger
    assert ledger.rows_in == 9
    assert ledger.rows_used == 4
    assert {(line.reason.message, line.rows) for line in ledger.left_out} == {
        ("left out by the filter", 3),
        ("without a date", 1),
        ("without a figure in {column}", 1),
    }
    assert ledger.rows_in == ledger.rows_used + sum(line.rows for line in ledger.left_out)


def test_a_partial_last_month_is_left_out_and_told(tmp_path):
    days = [f"2024-{m:02d}-{d:02d},A,1,10" for m in (1, 2, 3) for d in range(1, 29)]
    table(tmp_path, ["day,store,orders,visits", *days, "2024-04-01,A,1,10", "2024-04-02,A,1,10"])
    tables = load_tables(project(grain="month"), tmp_path)
    assert [day.month for day in tables.kpi.periods] == [1, 2, 3]
    assert tables.coverage.state[-1] == "partial"
    assert tables.ledger.left_out[-1].rows == 2


@pytest.mark.parametrize("name", ["table.csv.gz", "table.tsv"])
def test_packed_and_tab_separated_tables_read_the_same(tmp_path, name):
    rows = [row.replace(",", "\t") for row in ROWS] if name.endswith("tsv") else ROWS
    table(tmp_path, rows, name)
    assert load_tables(project(name), tmp_path).ledger.rows_used == 6


def test_parquet_reads_the_same_as_csv(tmp_path):
    csv = table(tmp_path, ROWS)
    parquet = tmp_path / "table.parquet"
    duckdb.execute(f"COPY (FROM '{csv}') TO '{parquet}' (FORMAT parquet)")
    of_csv = load_tables(project(), tmp_path).kpi.frame
    of_parquet = load_tables(project("table.parquet"), tmp_path).kpi.frame
    assert of_csv.equals(of_parquet)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2024-13-01,A,1,10", "line 8, column 'day': '2024-13-01' is no date"),
        ("03/04/2025,A,1,10", "'03/04/2025' is no date"),
        ("2024-01-05,A,many,10", "line 8, column 'orders': 'many' is no number"),
        ("2024-01-05,A,1,inf", "'inf' is no number"),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(tmp_path, row, words):
    table(tmp_path, [*ROWS, row])
    with pytest.raises(DataError) as caught:
        load_tables(project(), tmp_path)
    assert words in str(caught.value)


def test_a_missing_column_is_named_beside_those_there_are(tmp_path):
    table(tmp_path, [ROWS[0].replace("orders", "order"), *ROWS[1:]])
    faults = column_faults(project(), tmp_path)
    assert [fault.path for fault in faults] == [("metric", "numerator")]
    assert "it has: day, store, order, visits" in faults[0].message
    with pytest.raises(DataError, match=r"metric\.numerator"):
        load_tables(project(), tmp_path)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (ROWS[:1], "has a header and no rows"),
        (["day,store,orders,visits", "2024-01-01,A,,10"], "has no row to use"),
    ],
)
def test_an_empty_table_is_refused(tmp_path, rows, words):
    table(tmp_path, rows)
    with pytest.raises(DataError, match=words):
        load_tables(project(), tmp_path)


def test_a_focus_that_is_not_there_is_told_with_what_there_is(tmp_path):
    table(tmp_path, ROWS)
    tables = load_tables(project(), tmp_path)
    with pytest.raises(DataError, match="No row has store = Z; there are: A, B"):
        tables.kpi.series(project().metric, {"store": "Z"})


def test_a_table_that_is_not_there_or_of_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(DataError, match="There is no table"):
        load_tables(project(), tmp_path)
    (tmp_path / "table.doc").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="not a kind of table"):
        load_tables(project("table.doc"), tmp_path)


def test_more_above_the_line_than_below_is_noted(tmp_path):
    table(tmp_path, [*ROWS, "2024-01-05,A,11,10"])
    notes = load_tables(project(), tmp_path).ledger.notes
    assert [note.message for note in notes] == [
        "In {rows} cells {numerator} is larger than {denominator}."
    ]


def test_the_same_table_gives_the_same_bits(tmp_path):
    table(tmp_path, ROWS)
    first = load_tables(project(), tmp_path)
    again = load_tables(project(), tmp_path)
    assert first.kpi.frame.equals(again.kpi.frame)
    assert first.ledger == again.ledger
