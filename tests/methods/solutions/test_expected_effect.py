from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.expected_effect import expected_effect


# By hand: 1 to 6 percentage points of 20,000 visitors at 30 a sale.
def test_multiplies_effect_volume_and_unit_value():
    effect = expected_effect(low=0.01, mode=0.02, high=0.06, volume=20_000, unit_value=30)
    assert (effect.low, effect.mode, effect.high) == pytest.approx((6_000, 12_000, 36_000))
    assert effect.mean == pytest.approx(18_000)


three = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3).map(sorted)


@given(three, st.floats(0, 1e4), st.floats(-1e3, 1e3))
def test_low_is_the_worst_and_high_the_best_even_where_less_is_better(ends, volume, unit_value):
    low, mode, high = ends
    effect = expected_effect(low=low, mode=mode, high=high, volume=volume, unit_value=unit_value)
    assert effect.low <= effect.mode <= effect.high
    slack = 1e-9 * (abs(effect.low) + abs(effect.high))
    assert effect.low - slack <= effect.mean <= effect.high + slack


def test_names_what_is_wrong():
    with pytest.raises(DataError, match=r"guessed as \(2, 1, 3\)"):
        expected_effect(low=2, mode=1, high=3, volume=1, unit_value=1)
    with pytest.raises(DataError, match="volume is -1"):
        expected_effect(low=1, mode=1, high=3, volume=-1, unit_value=1)
    with pytest.raises(DataError, match="blank or infinite"):
        expected_effect(low=1, mode=1, high=3, volume=1, unit_value=float("nan"))
