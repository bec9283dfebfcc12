"""The limits that all charts share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.methods.trigger.control_limits import Baseline, ControlChart, control_limits

VALUES = np.array([10.0, 12.0, np.nan, 9.0, 20.0, 10.5])


def drawn(baseline, **options) -> ControlChart:
    def fit(reference):
        mean = VALUES[reference].mean()
        return np.full(6, mean), np.full(6, 1.0)

    return control_limits("fixed", VALUES, fit, baseline=baseline, **options)


def test_a_point_on_the_limit_is_inside():
    assert 1 in drawn(Baseline(periods=2), width=0.9).outside
    assert 1 not in drawn(Baseline(periods=2), width=1.0).outside


def test_screening_leaves_out_what_is_beyond_and_names_it():
    chart = drawn(Baseline(screen=True))
    assert chart.screened == (4,)
    assert chart.reference == (0, 1, 3, 5)
    assert chart.centre[0] == pytest.approx(10.375)


def test_limits_stop_where_the_metric_stops():
    chart = drawn(Baseline(periods=2), bounds=(9.0, 13.0))
    assert (chart.lower[0], chart.upper[0]) == (9.0, 13.0)


def test_distances_in_sigmas_skip_the_gap():
    assert drawn(Baseline(periods=2)).z == (-1.0, 1.0, None, -2.0, 9.0, -0.5)


@given(st.integers(2, 30), st.integers(2, 9), st.sets(st.integers(1, 60)))
def test_stages_cover_the_series_once(n, periods, starts):
    stages = Baseline(periods=periods, starts=[s for s in starts if s < n]).stages(n)
    assert [i for start, _, end in stages for i in range(start, end)] == list(range(n))
    assert all(start < stop <= end for start, stop, end in stages)
