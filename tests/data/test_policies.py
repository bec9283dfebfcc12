"""Rows that are wrong in some way: left out, kept or refused, as the params say."""

from __future__ import annotations

import pytest
from tests.data.exports import SUMS, TABLE, TODAY, parquet, project, put, with_row

from opsbook.data import load_tables
from opsbook.errors import DataError

ALLOWED = [
    ("2024-01-04,A,many,10", {"unreadable": "drop"}, SUMS, "with an unreadable figure in {column}"),
    ("2024-01-04,A,1,10,9", {"unreadable": "drop"}, SUMS, "with more or fewer cells than the"),
    ("2024-01-04,A,,10", {}, SUMS, "without a figure in {column}"),
    ("2024-01-04,A,-1,10", {"impossible": "drop"}, SUMS, "with a count below zero in {column}"),
    ("2024-01-04,A,11,10", {"impossible": "drop"}, SUMS, "with more in {numerator} than in"),
    ("2031-01-04,A,1,10", {}, SUMS, "dated in the future"),
    ("2024-01-03,B,3,10", {}, SUMS, "exact copies of another row"),
]


@pytest.mark.parametrize(("row", "intake", "sums", "reason"), ALLOWED)
def test_a_row_is_left_out_as_the_params_say_and_told(row, intake, sums, reason, tmp_path):
    put(tmp_path, "t.csv", with_row(row))
    tables = load_tables(project("t.csv", intake), tmp_path, today=TODAY)
    assert (tables.kpi.frame["orders"].sum(), tables.kpi.frame["visits"].sum()) == sums
    (line,) = tables.ledger.left_out
    assert line.reason.message.startswith(reason)
    assert (line.rows, tables.ledger.rows_in, tables.ledger.rows_used) == (1, 4, 3)
    assert line.first[0].startswith("5")


@pytest.mark.parametrize(
    ("row", "policy", "orders"),
    [
        ("2024-01-04,A,-1,10", {"impossible": "keep"}, 5),
        ("2024-01-03,B,3,10", {"duplicates": "keep"}, 9),
        ("合计,,6,30", {"totals": "refuse"}, None),
        ("2024-01-03,B,3,10", {"duplicates": "refuse"}, None),
        ("2031-01-04,A,1,10", {"future": "refuse"}, None),
        ("2024-01-04,A,,10", {"missing": "refuse"}, None),
        ("2024-01-04,A,11,10", {"impossible": "refuse"}, None),
    ],
)
def test_a_policy_keeps_or_refuses_and_names_how_to_allow_it(row, policy, orders, tmp_path):
    put(tmp_path, "t.csv", with_row(row))
    shown = project("t.csv", policy)
    if orders is None:
        with pytest.raises(DataError, match=rf"t\.csv, line 5.*intake\.{next(iter(policy))}"):
            load_tables(shown, tmp_path, today=TODAY)
    else:
        tables = load_tables(shown, tmp_path, today=TODAY)
        assert tables.kpi.frame["orders"].sum() == orders
        assert len(tables.ledger.notes) == 1


def test_a_figure_too_large_to_be_exact_is_told(tmp_path):
    put(tmp_path, "t.csv", with_row("2024-01-04,A,9007199254740993,9007199254740993"))
    ledger = load_tables(project("t.csv"), tmp_path, today=TODAY).ledger
    checks = [(check.id, check.first, check.done) for check in ledger.checks]
    assert checks == [("rounded", ("5: 9007199254740993",), "kept")] * 2
    assert len(ledger.notes) == 2


def test_the_days_of_instants_are_those_of_the_zone_that_the_params_name(tmp_path):
    late = parquet(
        f"SELECT * REPLACE ((day::VARCHAR || ' 20:00:00+00')::TIMESTAMPTZ AS day) FROM ({TABLE})"  # noqa: S608 - our own table
    )
    put(tmp_path, "t.parquet", late)
    for zone, first in (("UTC", 1), ("Asia/Shanghai", 2)):
        shown = project("t.parquet", period={"zone": zone})
        tables = load_tables(shown, tmp_path, today=TODAY)
        assert tables.kpi.periods[0].day == first
        assert tables.ledger.read_as[0].values == {"zone": zone}
    with pytest.raises(ValueError, match="must be a time zone such as Asia/Shanghai"):
        project("t.parquet", period={"zone": "Mars/Olympus"})


def test_events_that_look_alike_are_kept_and_a_row_of_its_own_number_is_not(tmp_path):
    events = "\n".join(
        ["day,store,orders,visits", *["2024-01-01,A,1,1", "2024-01-02,B,1,1"] * 9, ""]
    )
    put(tmp_path, "t.csv", events)
    ledger = load_tables(project("t.csv"), tmp_path, today=TODAY).ledger
    assert (ledger.rows_used, ledger.checks[0].id, ledger.checks[0].rows) == (18, "copy", 16)
    rows = [f"2024-01-0{1 + i % 2},A,1,1,{i}" for i in range(18)]
    put(tmp_path, "t.csv", "\n".join(["day,store,orders,visits,number", *rows, rows[0], ""]))
    ledger = load_tables(project("t.csv"), tmp_path, today=TODAY).ledger
    assert (ledger.rows_used, ledger.left_out[0].rows) == (18, 1)
