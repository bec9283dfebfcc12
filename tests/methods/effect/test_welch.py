import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.welch import welch

DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
PERIODS = st.lists(st.integers(-1000, 1000), min_size=2, max_size=20)


# Student's sleep data (1908); R: t.test(extra ~ group, data = sleep).
def test_agrees_with_r_on_the_sleep_data():
    found = welch(DRUG_1, DRUG_2)
    assert found.effect == pytest.approx(1.58)
    assert found.p_value == pytest.approx(0.07939, abs=5e-6)
    assert (found.lower, found.upper) == pytest.approx((-0.2054832, 3.3654832), abs=5e-7)
    assert found.n == 20


@given(before=PERIODS, after=PERIODS)
def test_swapping_the_periods_flips_the_sign_only(before, after):
    assume(np.ptp(before) + np.ptp(after) > 0)
    forth, back = welch(before, after), welch(after, before)
    assert forth.effect == pytest.approx(-back.effect)
    assert forth.lower == pytest.approx(-1 * (back.upper or 0))
    assert forth.p_value == pytest.approx(back.p_value)


@pytest.mark.parametrize("unit", [1e-200, 1e-6, 1e6, 1e200])
def test_the_answer_scales_with_the_values(unit):
    base = welch(DRUG_1, DRUG_2)
    scaled = welch(np.multiply(DRUG_1, unit), np.multiply(DRUG_2, unit))
    assert scaled.upper == pytest.approx((base.upper or 0) * unit)
    assert scaled.p_value == pytest.approx(base.p_value)


def test_leaves_missing_values_out():
    assert welch([*DRUG_1, np.nan], DRUG_2) == welch(DRUG_1, DRUG_2)


def test_names_the_period_that_is_too_short():
    with pytest.raises(DataError, match="period 'after' has 1 finite value of 1"):
        welch([1, 2, 3], [4])


def test_refuses_periods_that_do_not_vary():
    with pytest.raises(DataError, match=r"Neither period varies \(1 before, 2 after\)"):
        welch([1, 1], [2, 2])
