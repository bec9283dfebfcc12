from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from opsbook.methods.solutions.triangular import triangular

three = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted)
U = np.linspace(0, 1, 11)


@given(three)
def test_rises_from_low_to_high_and_stays_within(ends):
    low, mode, high = ends
    values = triangular(U, low, mode, high)
    slack = 1e-9 * max(1.0, high - low)
    assert (np.diff(values) >= -slack).all()
    assert values[0] == pytest.approx(low, abs=slack)
    assert values[-1] == pytest.approx(high, abs=slack)


def test_agrees_with_scipy():
    expected = stats.triang.ppf(U, c=0.25, loc=2, scale=8)
    assert triangular(U, 2, 4, 10) == pytest.approx(expected)


def test_a_known_value_has_no_spread():
    assert triangular(U, 3, 3, 3).tolist() == [3.0] * 11
