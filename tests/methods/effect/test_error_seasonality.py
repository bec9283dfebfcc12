import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.error_seasonality import error_seasonality


@pytest.mark.parametrize(
    ("periods", "season", "columns"),
    [(36, 12, 11), (35, 12, 4), (24, 12, 4), (23, 12, 0), (21, 7, 6), (104, 52, 4), (12, 4, 3)],
)
def test_takes_as_much_season_as_the_history_holds(periods, season, columns):
    assert error_seasonality(np.arange(periods), season).shape == (periods, columns)


@given(shift=st.integers(-1000, 1000), season=st.sampled_from([4, 7, 12, 52]))
def test_shifting_the_dates_does_not_matter(shift, season):
    time = np.arange(5 * season)
    assert (error_seasonality(time + shift, season) == error_seasonality(time, season)).all()


def test_a_phase_that_never_occurs_gets_no_column():
    days = [day for day in range(70) if day % 7 != 5]
    assert error_seasonality(days, 7).shape == (60, 5)


def test_an_even_short_season_has_no_second_sine():
    assert error_seasonality(np.arange(8), 4).shape == (8, 3)


def test_refuses_a_season_of_one_period():
    with pytest.raises(DataError, match="season of 1 periods is none"):
        error_seasonality(np.arange(10), 1)


def test_a_history_of_mostly_missing_periods_tells_fewer_columns():
    every_other, every_third = range(0, 60, 2), range(0, 36, 3)
    assert error_seasonality(every_other, 12).shape == (30, 5)  # the months that are seen
    assert error_seasonality(range(0, 40, 2), 12).shape == (20, 4)
    assert error_seasonality(every_third, 12).shape == (12, 4)
    assert error_seasonality(range(0, 36, 4), 12).shape == (9, 0)
