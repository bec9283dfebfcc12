"""The EWMA chart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.trigger.ewma_chart import ewma_chart, exponentially_weighted

# NIST/SEMATECH e-Handbook 6.3.2.4 (pmc324): 20 values, lambda .3, start 50, sigma 2.0539.
VALUES = [52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5]
VALUES += [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
PRINTED = [50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33]
PRINTED += [50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99]
weeks = arrays(np.float64, st.integers(3, 40), elements=st.integers(-50, 50).map(float))


def test_agrees_with_nist_on_the_twenty_values():
    chart = ewma_chart(VALUES, weight=0.3, width=3.0, centre=50, sigma=2.0539)
    assert chart.values == pytest.approx(PRINTED, abs=0.02)
    # The limits settle at the printed 52.5884 and 47.4115.
    assert chart.upper[-1] == pytest.approx(52.5884, abs=2e-3)
    assert chart.lower[-1] == pytest.approx(47.4115, abs=2e-3)
    assert chart.outside == ()
    assert not chart.trial


def test_the_first_limits_are_narrow_since_there_is_little_to_average():
    chart = ewma_chart(VALUES, weight=0.3, width=3.0, centre=50, sigma=2.0539)
    assert chart.upper[0] == pytest.approx(50 + 3 * 0.3 * 2.0539)


def test_a_gap_leaves_the_mean_as_it_was():
    chart = ewma_chart([52.0, np.nan, 47.0], weight=0.3, centre=50, sigma=1)
    assert chart.values == pytest.approx([50.6, None, 49.52])
    assert chart.upper[1] is None


def test_many_series_at_once_equal_one_at_a_time():
    values = np.random.default_rng(7).normal(size=(3, 20))
    together = exponentially_weighted(values, np.zeros(3), 0.2)
    for row, series in enumerate(values):
        assert together[row] == pytest.approx(
            exponentially_weighted(series, np.zeros(()), 0.2), abs=1e-12
        )


@given(values=weeks, shift=st.integers(-9, 9), scale=st.sampled_from([0.25, -1.0, -4.0]))
def test_shifting_scaling_and_reversing_change_no_verdict(values, shift, scale):
    assert ewma_chart(values).outside == ewma_chart(values * scale + shift * scale).outside


@pytest.mark.parametrize("values", [[5.0] * 9, [np.nan] * 3, [1.0]])
def test_where_nothing_varies_there_are_no_limits(values):
    chart = ewma_chart(values)
    assert set(chart.upper) == {None}
    assert chart.trial


@pytest.mark.parametrize(
    ("options", "words"),
    [({"weight": 0.0}, "A weight of 0.0 is not in"), ({"sigma": -1.0}, "sigma of -1.0")],
)
def test_refuses_settings_that_make_no_chart(options, words):
    with pytest.raises(DataError, match=words):
        ewma_chart([1.0, 2.0], **options)
