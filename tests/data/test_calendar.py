"""Coverage: what is missing, what is cut off, what is closed."""

from __future__ import annotations

import datetime as dt

import pytest

from opsbook.data.calendar import coverage
from opsbook.project.data import KnownEvent

FIRST = dt.date(2024, 1, 1)  # a Monday


def days(n: int, *, closed: tuple[int, ...] = (), first: dt.date = FIRST) -> list[dt.date]:
    every = [first + dt.timedelta(days=i) for i in range(n)]
    return [day for day in every if day.weekday() not in closed]


def test_a_weekday_without_rows_is_closed_and_any_other_day_is_missing():
    there = days(70, closed=(5, 6))
    there.remove(dt.date(2024, 1, 31))
    found = coverage(there, "day")
    state = {p.start: s for p, s in zip(found.periods, found.state, strict=True)}
    assert found.closed_weekdays == (5, 6)
    assert state[dt.date(2024, 1, 6)] == "closed"
    assert state[dt.date(2024, 1, 31)] == "missing"


def test_a_shop_with_few_days_has_no_closed_weekday_by_chance():
    there = [day for i, day in enumerate(days(28)) if i % 3 == 0]
    assert coverage(there, "day").closed_weekdays == ()


def test_a_known_holiday_is_closed():
    holiday = KnownEvent.model_validate(
        {"title": "国庆", "from": "2024-02-01", "to": "2024-02-03", "kind": "holiday"}
    )
    there = [day for day in days(60) if not dt.date(2024, 2, 1) <= day <= dt.date(2024, 2, 3)]
    assert "missing" not in coverage(there, "day", [holiday]).state
    assert coverage(there, "day").state.count("missing") == 3


@pytest.mark.parametrize(("last", "partial"), [(29, False), (28, True), (10, True)])
def test_a_month_that_ends_before_its_last_open_day_is_partial(last, partial):
    there = [day for day in days(60) if day.month == 1 or day.day <= last]
    assert (coverage(there, "month").state[-1] == "partial") == partial


def test_a_closed_weekend_at_a_month_s_end_cuts_nothing_off():
    there = [day for day in days(91, closed=(5, 6)) if day <= dt.date(2024, 3, 29)]
    assert coverage(there, "month").state == ("complete",) * 3


def test_a_table_with_rows_on_some_days_only_is_not_called_partial_for_a_quiet_end():
    there = [day for i, day in enumerate(days(121)) if i % 4 != 0 and i % 7 != 3]
    assert there[-1] < dt.date(2024, 4, 30)
    assert coverage(there, "month").state[-1] == "complete"


@pytest.mark.parametrize("day_of_month", [1, 15])
def test_a_table_of_one_row_a_month_is_complete_whatever_day_it_names(day_of_month):
    there = [dt.date(2024, month, day_of_month) for month in range(1, 13)]
    assert coverage(there, "month").state == ("complete",) * 12


def test_a_missing_week_is_missing():
    there = [day for day in days(70) if not dt.date(2024, 2, 5) <= day < dt.date(2024, 2, 12)]
    assert coverage(there, "week").state.count("missing") == 1
