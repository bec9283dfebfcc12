"""The part of the table that a project is about: found however it is spelled, judged by itself."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.data.test_intake import project, table

from opsbook.data import load_tables, open_shared
from opsbook.data.cube import many_series
from opsbook.data.values import spellings
from opsbook.errors import DataError
from opsbook.project import Project
from opsbook.results.intake import State
from opsbook.stages import intake
from opsbook.stages.context import Context

HEAD = "day,store,orders,visits"


def days(first: str, last: str, store: str) -> list[str]:
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    every = (start + dt.timedelta(days=i) for i in range((end - start).days + 1))
    return [f"{day},{store},1,10" for day in every]


def states(folder: Path, **kpi: Any) -> dict[str, State]:
    found = load_tables(project(grain="month", **kpi), folder).coverage
    return {
        f"{period.start:%Y-%m}": state
        for period, state in zip(found.periods, found.state, strict=True)
    }


def test_the_periods_are_those_of_the_rows_in_focus(tmp_path):
    """A is cut off in June and lacks March; the rest of the table hides neither."""
    rows = [row for row in days("2024-01-01", "2024-06-09", "A") if row[:7] != "2024-03"]
    table(tmp_path, [HEAD, *rows, *days("2023-11-01", "2024-07-31", "B")])
    found = states(tmp_path, focus={"store": "A"})
    assert found == {
        "2024-01": "complete",
        "2024-02": "complete",
        "2024-03": "missing",
        "2024-04": "complete",
        "2024-05": "complete",
        "2024-06": "partial",
        "2024-07": "missing",
    }
    assert set(states(tmp_path).values()) == {"complete"}


def test_the_peers_keep_the_period_that_the_focus_only_begins_to_fill(tmp_path):
    table(
        tmp_path,
        [HEAD, *days("2024-01-01", "2024-06-09", "A"), *days("2024-01-01", "2024-07-31", "B")],
    )
    shown = project(grain="month", focus={"store": "A"})
    tables = load_tables(shown, tmp_path)
    assert tables.kpi.series(shown.metric, {"store": "A"}).numerator[4:7].tolist()[0] == 31
    panel = tables.kpi.panel(shown.metric, "store")
    assert [day.month for day in panel["B"].periods] == [1, 2, 3, 4, 5, 6, 7]
    assert panel["B"].numerator.tolist() == [31, 29, 31, 30, 31, 30, 31]
    assert str(panel["A"].numerator.tolist()) == "[31.0, 29.0, 31.0, 30.0, 31.0, nan, nan]"
    ledger = tables.ledger
    assert ledger.left_out[-1].rows == 9
    assert ledger.rows_in == ledger.rows_used + 9
    assert ledger.rows_in_focus == 31 + 29 + 31 + 30 + 31


def test_many_projects_of_one_table_see_the_same_as_one(tmp_path):
    table(
        tmp_path,
        [HEAD, *days("2024-01-01", "2024-06-09", "A"), *days("2024-01-01", "2024-07-31", "B")],
    )
    one = project(grain="month", focus={"store": "A"})
    other = project(grain="month", focus={"store": "B"})
    nowhere = project(grain="month", focus={"store": "C"})
    with open_shared(other, tmp_path) as opened:
        shared = opened.part([one.data.kpi.focus, other.data.kpi.focus])
        mine, none = opened.part([one.data.kpi.focus]), opened.part([nowhere.data.kpi.focus])
        refused = opened.refusal(nowhere.data.kpi.focus)
        assert opened.refusal(one.data.kpi.focus) is None
    assert shared.partial(one) == mine.partial(one) == {dt.date(2024, 6, 1)}
    assert shared.partial(other) == frozenset()
    assert set(mine.kept.daily["store"]) == {"A"}
    assert none.kept.daily.empty
    assert "No row has store = C" in str(refused)
    assert "A, B" in str(refused)
    assert isinstance(next(many_series(none.cube, one.metric, [{"store": "C"}])), DataError)
    series = shared.cube.series(one.metric, {"store": "A"}).without(shared.partial(one))
    assert str(mine.cube.series(one.metric, {"store": "A"}).value) == str(
        shared.cube.series(one.metric, {"store": "A"}).value
    )
    alone = load_tables(one, tmp_path).kpi.series(one.metric, {"store": "A"})
    assert series.periods == alone.periods
    assert str(series.value) == str(alone.value)


def test_a_table_too_large_for_a_little_memory_is_given_more(tmp_path, monkeypatch):
    table(tmp_path, [HEAD, *days("2024-01-01", "2024-06-09", "A")])
    one = project(grain="month", focus={"store": "A"})
    monkeypatch.setattr("opsbook.data.intake.SMALL_MEMORY", "2MB")  # not even for a small one
    with open_shared(one, tmp_path) as opened:
        assert set(opened.part([one.data.kpi.focus]).kept.daily["store"]) == {"A"}


def test_rows_without_the_metric_s_figure_cover_nothing(tmp_path):
    rows = [row if row[:7] != "2024-02" else row.replace(",1,", ",,") for row in
            days("2024-01-01", "2024-03-31", "A")]  # fmt: skip
    table(tmp_path, [HEAD, *rows])
    guarded = project(grain="month").model_dump()
    guard = {"name": "Visits", "kind": "sum", "value": "visits", "better": "higher", "margin": 1}
    guarded["metric"]["guardrails"] = [guard]
    guarded["data"]["kpi"]["path"] = "table.csv"
    found = load_tables(Project.model_validate(guarded), tmp_path)
    assert found.coverage.state == ("complete", "missing", "complete")
    assert (
        found.kpi.series(found_metric := Project.model_validate(guarded).metric).metric
        is found_metric
    )


@pytest.mark.parametrize("gap", ["2024-02-10", "2024-03-03"])
def test_an_earlier_gap_hides_no_cut_off_end(gap, tmp_path):
    """Few silences, one of them as long as the one at the end."""
    start = dt.date.fromisoformat(gap)
    lacking = {str(start + dt.timedelta(days=i)) for i in range(25)}
    rows = [r for r in days("2024-02-01", "2024-05-06", "A") if r[:10] not in lacking]
    table(tmp_path, [HEAD, *rows])
    assert states(tmp_path)["2024-05"] == "partial"


def test_a_period_in_the_middle_that_is_half_empty_is_partial_and_each_one_is_named(tmp_path):
    rows = [
        row
        for row in days("2023-01-01", "2024-12-09", "A")
        if not ("2023-05-08" <= row[:10] <= "2023-05-31" or "2024-02-01" <= row[:10] < "2024-02-20")
    ]
    table(tmp_path, [HEAD, *rows])
    shown = project(grain="month")
    tables = load_tables(shown, tmp_path)
    partial = [f"{period.start:%Y-%m}" for period in tables.coverage.partial]
    assert partial == ["2023-05", "2024-02", "2024-12"]
    series = tables.kpi.series(shown.metric)
    assert len(series.periods) == 23
    gaps = [
        day.month for day, known in zip(series.periods, series.value > 0, strict=True) if not known
    ]
    assert gaps == [5, 2]
    result = intake.run(Context(project=shown, tables=tables))
    named = [c.statement.values["period"] for c in result.cautions if "period" in c.id]
    assert named == list(tables.coverage.partial)
    assert result.headline is not None
    assert str(result.headline.values["last"].start) == "2024-11-01"  # type: ignore[union-attr] # a period


def test_a_week_of_holidays_makes_no_month_partial(tmp_path):
    rows = [r for r in days("2023-01-01", "2024-12-31", "A") if r[5:10] < "12-24"]
    table(tmp_path, [HEAD, *rows, "2024-12-31,A,1,10"])
    assert set(states(tmp_path).values()) == {"complete"}


@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_rows_switch_no_check_off(n, tmp_path):
    table(tmp_path, [HEAD, *days("2024-01-01", f"2024-02-0{n}", "A")])
    assert states(tmp_path) == {"2024-01": "complete", "2024-02": "partial"}


SPELLED = ["true/false", "True/False", "TRUE/FALSE", "1/0", "yes/no", "Y/N", "是/否"]
OUR_OWN = ["period", "day", "used", "value", "cell", "how", "rows", "line", "source"]


@pytest.mark.parametrize("cells", SPELLED)
def test_a_truth_is_found_in_any_spelling(cells, tmp_path):
    yes, no = cells.split("/")
    table(tmp_path, [HEAD, f"2024-01-01,{yes},1,10", f"2024-01-01,{no},5,10"])
    for value, orders in ((True, 1), (False, 5)):
        shown = project(focus={"store": value})
        tables = load_tables(shown, tmp_path)
        assert tables.ledger.rows_in_focus == 1
        assert tables.kpi.series(shown.metric, {"store": value}).numerator.tolist() == [orders]
        chosen = project(filter={"store": value})
        assert load_tables(chosen, tmp_path).kpi.frame["orders"].tolist() == [orders]


def test_truths_and_numbers_of_parquet_are_found(tmp_path):
    file = tmp_path / "t.parquet"
    rows = duckdb.query(
        "SELECT * FROM (VALUES (DATE '2024-01-01', true, 12.0, 1, 10), "
        "(DATE '2024-01-01', false, 13.5, 5, 10)) t(day, store, size, orders, visits)"
    )
    assert rows is not None
    rows.write_parquet(str(file))
    for focus in ({"store": True}, {"size": 12}, {"size": 12.0}):
        shown = project("t.parquet", dimensions=["store", "size"], focus=focus)
        assert load_tables(shown, tmp_path).ledger.rows_in_focus == 1
    assert spellings("12") == ("12",)


@pytest.mark.parametrize("field", ["focus", "filter"])
def test_a_value_that_no_row_has_is_told_with_those_near_it(field, tmp_path):
    table(
        tmp_path, [HEAD, "2024-01-01,London,1,10", "2024-01-01,Leeds,1,10", "2024-01-01,York,1,9"]
    )
    asked: dict[str, Any] = {field: {"store": "Londn"}}
    with pytest.raises(DataError, match=r"no row with store = Londn; near it: London") as caught:
        load_tables(project(**asked), tmp_path)
    assert f"data.kpi.{field}" in str(caught.value)


@pytest.mark.parametrize("name", OUR_OWN)
@pytest.mark.parametrize("odd", ["1", "１"])
def test_a_column_may_have_any_name(name, odd, tmp_path):
    """Also the names that reading uses for itself, in one pass and cell by cell."""
    table(tmp_path, [f"at,{name},orders,visits", f"2024-01-01,A,{odd},10", "2024-01-02,B,2,10"])
    shown = project(period={"column": "at", "grain": "day"}, dimensions=[name], focus={name: "A"})
    assert load_tables(shown, tmp_path).kpi.frame["orders"].tolist() == [1, 2]
    table(tmp_path, [f"at,store,{name},visits", f"2024-01-01,A,{odd},10", "2024-01-02,B,2,10"])
    made = project(period={"column": "at", "grain": "day"}).model_dump(exclude_unset=True)
    made["metric"]["numerator"] = name
    shown = Project.model_validate(made)
    assert load_tables(shown, tmp_path).kpi.series(shown.metric).numerator.tolist() == [1, 2]


@pytest.mark.parametrize(
    ("kpi", "words"),
    [
        ({"dimensions": ["store", "orders"]}, "'orders' is also data.kpi.dimensions.1"),
        ({"period": {"column": "visits", "grain": "day"}}, "also data.kpi.period.column"),
        ({"dimensions": ["store", "Store"]}, "'Store' is there twice"),
    ],
)
def test_a_column_in_two_roles_is_refused(kpi, words):
    with pytest.raises(ValueError, match=words):
        project(**kpi)
