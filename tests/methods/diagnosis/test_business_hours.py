"""Business hours: a minute-by-minute count as oracle, holidays, swapped days, errors."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.business_hours import Calendar, business_hours

NINE_TO_SIX = ((9.0, 18.0),)
OFFICE = Calendar(week=(NINE_TO_SIX,) * 5 + ((), ()))
SHOP = Calendar(
    week=(((0.0, 6.0), (9.5, 12.0), (13.0, 24.0)),) * 2 + ((),) + (((8.0, 20.0),),) * 4,
    holidays=("2026-10-01", "2026-10-02"),
    workdays=("2026-09-30",),
)
NIGHTS = Calendar(
    week=(((22.0, 30.0),),) * 5 + ((), ()),
    holidays=("2026-10-01",),
    workdays=("2026-10-03",),
    begins=6.0,
)
MONDAY = datetime(2026, 9, 28)  # noqa: DTZ001 - local business time has no zone


def by_minutes(start: datetime, end: datetime, calendar: Calendar) -> float:
    """Count the open minutes one by one."""
    minutes = 0
    now = start
    while now < end:
        hour = now.hour + now.minute / 60
        open_ = False
        for day in (now, now - timedelta(days=1)):  # a night belongs to the day on which it starts
            date = day.date().isoformat()
            hours = calendar.week[day.weekday()]
            if date in calendar.holidays:
                hours = ()
            if date in calendar.workdays:
                hours = calendar.week[0]
            open_ |= any(a <= hour + 24 * (day is not now) < b for a, b in hours)
        minutes += open_
        now += timedelta(minutes=1)
    return minutes / 60


def hours(start: str, end: str, calendar: Calendar = OFFICE) -> float:
    return float(business_hours([start], [end], calendar)[0])


@settings(max_examples=30)
@given(st.integers(0, 7 * 1440), st.integers(0, 4 * 1440), st.sampled_from([OFFICE, SHOP, NIGHTS]))
def test_agrees_with_a_count_of_the_minutes(offset, length, calendar):
    start = MONDAY + timedelta(minutes=offset)
    end = start + timedelta(minutes=length)
    counted = by_minutes(start, end, calendar)
    assert hours(start.isoformat(), end.isoformat(), calendar) == pytest.approx(counted, abs=1e-8)


def test_a_weekend_does_not_count():
    assert hours("2026-03-06T17:00", "2026-03-09T10:00") == pytest.approx(2)


def test_the_night_after_a_holiday_is_free_and_the_one_before_is_worked():
    assert hours("2026-09-30T20:00", "2026-10-01T12:00", NIGHTS) == pytest.approx(8)
    assert hours("2026-10-01T12:00", "2026-10-02T12:00", NIGHTS) == 0
    assert hours("2026-10-02T12:00", "2026-10-05T12:00", NIGHTS) == pytest.approx(16)


def test_a_night_does_not_count():
    assert hours("2026-03-04T20:00", "2026-03-05T08:00") == 0


# China 2026: 1 to 7 October are holidays, Saturday 10 October is worked in exchange.
def test_a_weekend_worked_in_exchange_for_a_holiday_counts():
    calendar = Calendar(
        week=OFFICE.week,
        holidays=tuple(f"2026-10-0{d}" for d in range(1, 8)),
        workdays=("2026-10-10",),
    )
    assert hours("2026-10-01T00:00", "2026-10-08T00:00", calendar) == 0
    assert hours("2026-10-10T00:00", "2026-10-11T00:00", calendar) == pytest.approx(9)


def test_a_span_of_holidays_alone_is_empty():
    calendar = Calendar(week=OFFICE.week, holidays=("2026-10-01",))
    assert hours("2026-10-01T10:00", "2026-10-01T11:00", calendar) == 0


def test_no_moments_give_no_hours():
    assert business_hours([], [], OFFICE).size == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"week": ((),) * 7}, "seven days with hours in at least one"),
        ({"week": (NINE_TO_SIX,) * 5}, r"got 5"),
        ({"week": (((22.0, 6.0),),) * 7}, "hours of Monday are .* must rise within 0 and 24"),
        ({"week": (((9.0, 13.0), (12.0, 18.0)),) * 7}, "hours of Monday"),
        ({"week": (((9.0, 25.0),),) * 7}, "hours of Monday"),
        ({"week": OFFICE.week, "holidays": ("1 May",)}, "'1 May' is not a date"),
        (
            {"week": OFFICE.week, "holidays": ("2026-05-01",), "workdays": ("2026-05-01",)},
            "2026-05-01 is both a holiday and a workday",
        ),
    ],
)
def test_a_calendar_that_cannot_be_is_refused(arguments, words):
    with pytest.raises(DataError, match=words):
        Calendar(**arguments)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (["2026-03-04"], ["2026-03-03"], "1 of 1 ends lie before their starts"),
        (["2026-03-04"], [None], "A start or an end is missing"),
        (["2026-03-04"], ["2026-03-04", "2026-03-05"], "must have one shape"),
        (["yesterday"], ["2026-03-04"], "Moments must be dates with times"),
        (["0026-03-04"], ["2026-03-04"], "The moments span 730"),
    ],
)
def test_moments_that_cannot_be_are_refused(start, end, words):
    with pytest.raises(DataError, match=words):
        business_hours(start, end, OFFICE)


def test_a_year_of_moments_keeps_seconds_exact():
    start = np.datetime64("2026-01-01T09:00:00", "s") + np.arange(0, 3600, 7)
    assert business_hours(start, start + 60, OFFICE) == pytest.approx(np.full(start.size, 1 / 60))
