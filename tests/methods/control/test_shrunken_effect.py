"""What a shown effect may be expected to bring elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.methods.control.shrunken_effect import shrunken_effect
from opsbook.methods.estimate import Estimate


def shown(effect: float, half: float) -> Estimate:
    return Estimate(
        method="m", effect=effect, lower=effect - half, upper=effect + half, p_value=None, n=9
    )


def test_an_effect_of_two_errors_keeps_three_quarters():
    assert shrunken_effect(shown(2.0, 1.959964)).factor == pytest.approx(0.75, abs=1e-4)


def test_an_effect_within_one_error_is_no_effect_elsewhere():
    assert shrunken_effect(shown(1.0, 3.0)).effect == 0


def test_without_an_interval_nothing_is_promised():
    blind = Estimate(method="m", effect=3.0, lower=None, upper=None, p_value=None, n=2)
    assert shrunken_effect(blind).factor == 0


@given(effect=st.floats(-100, 100), half=st.floats(1e-3, 100))
def test_it_never_grows_and_never_turns_round(effect, half):
    found = shrunken_effect(shown(effect, half))
    assert abs(found.effect) <= abs(effect)
    assert found.effect * effect >= 0
