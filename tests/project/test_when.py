"""A time is read as the stretch of calendar it names."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from opsbook.project.base import When, Window


@pytest.mark.parametrize(
    ("text", "first", "last", "grain"),
    [
        ("2008-03-30", "2008-03-30", "2008-03-30", "day"),
        ("2008-02", "2008-02-01", "2008-02-29", "month"),
        ("2008-Q4", "2008-10-01", "2008-12-31", "quarter"),
        ("2009-W01", "2008-12-29", "2009-01-04", "week"),
        ("2008", "2008-01-01", "2008-12-31", "year"),
    ],
)
def test_each_form_has_its_first_and_last_day(text, first, last, grain):
    when = When(text)
    assert (str(when.first), str(when.last)) == (first, last)
    assert when.period.grain == grain
    assert when.period.start == when.first


@given(st.dates(dt.date(1800, 1, 1), dt.date(2200, 1, 1)))
def test_a_date_reads_back_as_itself(day):
    assert When.model_validate(day).first == day


@pytest.mark.parametrize("text", ["2008-13", "2008-02-30", "08-03-30", "soon", "2008-W54", ""])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValidationError, match="must be a date such as"):
        When(text)


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValidationError, match="is after 'to'"):
        Window.model_validate({"from": "2008-03", "to": "2008-02"})
