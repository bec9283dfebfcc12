import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.methods.effect.published import free, table

from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.synthetic_difference_in_differences import (
    synthetic_difference_in_differences,
)

AFTER = [False] * 6 + [True] * 2


# Arkhangelsky et al. (2021), AER 111, table 1: SDID -15.6, DiD -27.3.
def test_agrees_with_arkhangelsky_on_proposition_99():
    states, years, packs = table(
        free("sc_prop99_synthdid.csv.gz", delimiter=";"), "State", "Year", "PacksPerCapita"
    )
    california, after = states.index("California"), [int(year) >= 1989 for year in years]
    result = synthetic_difference_in_differences(packs, treated=california, after=after)
    plain = difference_in_differences(packs, treated=california, after=after)
    assert result.estimate.effect == pytest.approx(-15.6, abs=0.01)
    assert plain.estimate.effect == pytest.approx(-27.3, abs=0.05)
    # Their figure 1: the last three years before carry all the weight.
    assert result.period_weights[-3:] == pytest.approx((0.366, 0.206, 0.427), abs=1e-3)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(-5, 5))
def test_a_constant_effect_is_added_to_the_estimate(seed, effect):
    panel = np.random.default_rng(seed).normal(size=(6, 8))
    moved = panel.copy()
    moved[0, 6:] += effect
    still, shifted = (
        synthetic_difference_in_differences(p, treated=0, after=AFTER) for p in (panel, moved)
    )
    assert shifted.estimate.effect - still.estimate.effect == pytest.approx(effect, abs=1e-9)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(-100, 100), st.floats(-100, 100))
def test_levels_of_units_and_shocks_of_periods_do_not_matter(seed, level, shock):
    panel = np.random.default_rng(seed).normal(size=(6, 8))
    moved = panel.copy()
    moved[2] += level
    moved[:, 7] += shock
    first, second = (
        synthetic_difference_in_differences(p, treated=0, after=AFTER) for p in (panel, moved)
    )
    assert second.estimate.effect == pytest.approx(first.estimate.effect, abs=1e-6)


def test_several_treated_units_are_averaged_and_seeded():
    panel = np.random.default_rng(11).normal(size=(30, 8))
    panel[:3, 6:] += 4
    result = synthetic_difference_in_differences(panel, treated=[0, 1, 2], after=AFTER)
    assert result.estimate.effect == pytest.approx(4, abs=1)
    assert result.estimate.excludes_zero
    assert result.standard_error is not None


def test_one_control_is_the_plain_difference_with_chosen_periods():
    result = synthetic_difference_in_differences(
        [[1, 2, 3, 9], [0, 1, 2, 3]], treated=0, after=[0, 0, 0, 1]
    )
    assert result.estimate.effect == pytest.approx(5)
    assert result.standard_error is None
