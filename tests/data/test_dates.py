"""Dates are read in every form, and what can be two days is none."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.data.dates import AmbiguousDay, day

days = st.dates(dt.date(1800, 1, 1), dt.date(2199, 12, 31))
serial_days = st.dates(dt.date(1954, 10, 4), dt.date(2118, 12, 31))


@given(days)
def test_every_form_with_the_year_first_is_read_back(date):
    y, m, d = date.year, date.month, date.day
    forms = [f"{y}-{m:02}-{d:02}", f"{y}/{m}/{d}", f"{y}.{m:02}.{d:02}", f"{y}年{m}月{d}日"]
    forms += [f"{y}{m:02}{d:02}", f"{date.isoformat()} 13:45:10", f"{date.isoformat()}T01:02:03Z"]
    forms += [f"{d} {date:%b} {y}", f"{date:%B} {d}, {y}"]
    for form in forms:
        read = day(form)
        assert read is not None, form
        assert read.day == date, form


@given(serial_days)
def test_a_spreadsheet_s_serial_is_read_back(date):
    read = day(str((date - dt.date(1899, 12, 30)).days))
    assert read is not None
    assert read.day == date


@given(days)
def test_day_and_month_are_told_apart_or_asked_for(date):
    text = f"{date:%d/%m}/{date.year}"
    read = day(text, order="day_first")
    assert read is not None
    assert read.day == date
    if date.day <= 12 and date.day != date.month:
        with pytest.raises(AmbiguousDay):
            day(text)
    else:
        without = day(text)
        assert without is not None
        assert without.day == date


@pytest.mark.parametrize(
    ("text", "grain", "iso"),
    [
        ("2011-08", "month", "2011-08-01"),
        ("2011年8月", "month", "2011-08-01"),
        ("201108", "month", "2011-08-01"),
        ("Aug 2011", "month", "2011-08-01"),
        ("2011-Q3", "quarter", "2011-07-01"),
        ("2011年第3季度", "quarter", "2011-07-01"),
        ("Q3 2011", "quarter", "2011-07-01"),
        ("2011年第三季度", "quarter", "2011-07-01"),
        ("08/2011", "month", "2011-08-01"),
        ("2011W35", "week", "2011-08-29"),
        ("1st Aug 2011", "day", "2011-08-01"),
        ("Monday, August 1, 2011", "day", "2011-08-01"),
        ("'2011-08-30", "day", "2011-08-30"),
        ("2011-W35", "week", "2011-08-29"),
        ("2011年第35周", "week", "2011-08-29"),
        ("2011-08-29~2011-09-04", "week", "2011-08-29"),
        ("2011-08-28 - 2011-09-03", "week", "2011-08-31"),
        ("2011-08-01至2011-08-31", "month", "2011-08-01"),
        ("2011", "year", "2011-01-01"),
        ("２０１１－０８－３０", "day", "2011-08-30"),
        ("2011-08-30 星期二", "day", "2011-08-30"),
    ],
)
def test_a_stretch_is_read_where_the_periods_are_as_long(text, grain, iso):
    read = day(text, grain)
    assert read is not None
    assert read.day.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [
        "2011-13-01",
        "2011-02-30",
        "30/8/11",
        "8月30日",
        "2011-08",
        "201108",
        "2011",
        "epoch",
        "yesterday",
        "1314700000",
        "0003-04-05",
        "2011-08-29~2011-09-04",
        "12345",
        "Total",
    ],
)
def test_what_is_no_day_is_none(text):
    assert day(text) is None


def test_the_order_of_the_params_is_kept_even_where_another_would_fit():
    assert day("04/13/2025", order="day_first") is None


@pytest.mark.parametrize(
    ("text", "grain", "iso"),
    [
        ("Jan-23", "month", "2023-01-01"),
        ("dec-29", "quarter", "2029-12-01"),
        ("Dec-99", "month", "1999-12-01"),
        ("Jan '05", "month", "2005-01-01"),
        ("31-JAN-24", "day", "2024-01-31"),
        ("Jan-31", "month", None),
        ("Jan-23", "week", None),
        ("Jan 23", "month", None),
    ],
)
def test_a_year_of_two_digits_stands_only_where_it_can_be_no_day(text, grain, iso):
    read = day(text, grain)
    assert (read and read.day.isoformat()) == iso
