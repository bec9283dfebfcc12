import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.methods.effect.published import free, table

from opsbook.errors import DataError
from opsbook.methods.effect.synthetic_control import synthetic_control

AFTER = [False] * 6 + [True] * 2


def proposition_99() -> tuple[NDArray[np.float64], int, list[bool], list[str]]:
    states, years, packs = table(
        free("sc_prop99_synthdid.csv.gz", delimiter=";"), "State", "Year", "PacksPerCapita"
    )
    return packs, states.index("California"), [int(year) >= 1989 for year in years], states


# Arkhangelsky et al. (2021), AER 111, table 1: SC -19.6 (and, demeaned, DIFP -11.1).
@pytest.mark.parametrize(("demeaned", "effect"), [(False, -19.6), (True, -11.1)])
def test_agrees_with_arkhangelsky_on_proposition_99(demeaned, effect):
    packs, california, after, _ = proposition_99()
    result = synthetic_control(packs, treated=california, after=after, demeaned=demeaned)
    assert result.estimate.effect == pytest.approx(effect, abs=0.15)


# Abadie, Diamond & Hainmueller (2010): Utah .334, Nevada .234, Montana .199, Colorado .164,
# Connecticut .069, with covariates; the outcomes alone choose the same kind of states.
def test_california_is_matched_by_states_like_those_of_abadie():
    packs, california, after, states = proposition_99()
    result = synthetic_control(packs, treated=california, after=after, demeaned=False)
    heaviest = sorted(zip(result.weights, result.controls, strict=True), reverse=True)[:4]
    names = {states[control] for _, control in heaviest}
    assert {"Utah", "Nevada", "Montana"} <= names
    assert result.fit_ratio is not None
    assert result.fit_ratio < 0.2


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(-5, 5))
def test_finds_the_effect_where_a_mixture_of_controls_fits_perfectly(seed, effect):
    controls = np.random.default_rng(seed).normal(size=(4, 8))
    own = 0.25 * controls[0] + 0.75 * controls[2] + 10 + effect * np.array(AFTER)
    result = synthetic_control(np.vstack([own, controls]), treated=0, after=AFTER)
    assert result.estimate.effect == pytest.approx(effect, abs=1e-6)
    assert result.weights == pytest.approx((0.25, 0, 0.75, 0), abs=1e-6)


def test_a_level_shift_of_one_control_does_not_matter_when_demeaned():
    panel = np.random.default_rng(8).normal(size=(6, 8))
    moved = panel + np.array([0, 100, 0, 0, -50, 0])[:, None]
    first, second = (synthetic_control(p, treated=0, after=AFTER) for p in (panel, moved))
    assert second.estimate.effect == pytest.approx(first.estimate.effect)


def test_a_control_with_a_gap_is_left_out_and_named():
    panel = np.random.default_rng(9).normal(size=(5, 8))
    panel[3, 2] = np.nan
    result = synthetic_control(panel, treated=0, after=AFTER)
    assert result.dropped == (3,)
    assert result.controls == (1, 2, 4)


def test_a_gap_of_the_treated_unit_takes_out_the_period_for_all():
    panel = np.random.default_rng(10).normal(size=(5, 8))
    panel[0, 1] = np.nan
    result = synthetic_control(panel, treated=0, after=AFTER)
    assert result.periods == (0, 2, 3, 4, 5, 6, 7)
    assert len(result.gaps) == 7


def test_one_control_has_an_effect_and_no_placebo():
    panel = [[1, 2, 3, 9], [0, 1, 2, 3]]
    result = synthetic_control(panel, treated=0, after=[0, 0, 0, 1])
    assert result.estimate.effect == pytest.approx(5)
    assert result.placebo is None
    assert result.estimate.p_value is None


def test_asks_for_two_periods_before():
    with pytest.raises(DataError, match="seen in 1 periods before the launch and 2 after"):
        synthetic_control(np.ones((3, 3)), treated=0, after=[False, True, True])


def test_asks_for_a_control_without_gaps():
    panel = np.ones((2, 4))
    panel[1, 0] = np.nan
    with pytest.raises(DataError, match="Every control misses a period"):
        synthetic_control(panel, treated=0, after=[0, 0, 1, 1])
