from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.net_present_value import net_present_value

FLOWS = [-40_000, 5_000, 8_000, 12_000, 30_000]


# The example of numpy-financial's npv().
def test_agrees_with_the_published_value():
    assert net_present_value(FLOWS, rate=0.08) == pytest.approx(3065.22267, abs=5e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=10))
def test_at_a_rate_of_zero_it_is_the_sum(flows):
    assert net_present_value(flows, rate=0) == pytest.approx(sum(flows), abs=1e-3)


def test_names_what_is_wrong():
    with pytest.raises(DataError, match="payments of period 1 are blank"):
        net_present_value([-1, float("nan")], rate=0.1)
    with pytest.raises(DataError, match="discount rate is -1"):
        net_present_value([-1, 2], rate=-1)
    with pytest.raises(DataError, match=r"payments have shape \(0,\)"):
        net_present_value([], rate=0.1)
