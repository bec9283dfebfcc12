"""The receipt of a controlled design, over units that were never treated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.fake_treatment import (
    fake_treatment,
    further_periods,
    further_units,
    needed_improvement,
)
from opsbook.methods.estimate import Estimate

AFTER = np.arange(12) >= 6


def panel(seed: int, units: int = 20) -> np.ndarray:
    return np.random.default_rng(seed).normal(10, 1, size=(units, 12))


def test_few_untreated_units_are_called_improved():
    shares = [
        np.mean([claim == "improved" for claim in found.claims])
        for seed in range(20)
        if (found := fake_treatment(panel(seed), after=AFTER, better_is_higher=True))
    ]
    assert np.mean(shares) <= 0.07


def test_the_detectable_effect_has_the_power_it_is_named_for():
    found = fake_treatment(panel(1), after=AFTER, better_is_higher=False)
    again = fake_treatment(panel(1), after=AFTER, better_is_higher=False, aim=-found.detectable)
    assert again.power is not None
    assert again.power >= 0.8


@given(seed=st.integers(0, 50), factor=st.floats(0.01, 100))
def test_another_unit_of_measure_changes_no_claim(seed, factor):
    one = fake_treatment(panel(seed, 8), after=AFTER, better_is_higher=True)
    other = fake_treatment(panel(seed, 8) * factor, after=AFTER, better_is_higher=True)
    assert one.claims == other.claims
    assert other.detectable == pytest.approx(one.detectable * factor, rel=1e-9)


def test_a_unit_that_did_move_is_found():
    moved = panel(3)
    moved[4, 6:] += 5
    found = fake_treatment(moved, after=AFTER, better_is_higher=True)
    assert found.claims[4] == "improved"


def test_more_treated_units_shrink_the_error_up_to_the_number_of_controls():
    assert further_units(controls=26, seen=3.0, aim=3.0) == 0
    assert further_units(controls=26, seen=3.0, aim=2.2) == 1
    assert further_units(controls=26, seen=3.0, aim=0.1) is None


def test_the_error_of_the_past_tells_how_long_to_wait():
    assert further_periods([1.0, 0.9, 0.5], seen=2.0, aim=1.0) == 2
    assert further_periods([1.0, 1.1], seen=2.0, aim=1.0) is None


def test_an_estimate_without_interval_needs_more_than_there_is():
    blind = Estimate(method="m", effect=0.0, lower=None, upper=None, p_value=None, n=5)
    assert needed_improvement(blind, better_is_higher=True) == np.inf


def test_names_how_many_units_are_missing():
    with pytest.raises(DataError, match="2 untreated units cannot play"):
        fake_treatment(panel(0, 2), after=AFTER, better_is_higher=True)


def test_units_that_all_move_alike_are_refused():
    with pytest.raises(DataError, match="changes do not differ"):
        fake_treatment(np.ones((4, 12)), after=AFTER, better_is_higher=True)
