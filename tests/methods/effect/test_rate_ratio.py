import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.rate_ratio import rate_ratio

rates = st.tuples(st.integers(1, 500), st.floats(0.1, 1000))


# R: poisson.test(c(11, 6 + 8 + 7), c(800, 1083 + 1050 + 878)): p .0797, (.858, 4.277).
def test_agrees_with_r_on_the_example_of_poisson_test():
    estimate = rate_ratio((21, 3011), (11, 800))
    assert estimate.p_value == pytest.approx(0.0797, abs=5e-5)
    assert (estimate.lower, estimate.upper) == pytest.approx((0.858, 4.277), abs=5e-4)


# Breast cancer after X-ray fluoroscopy (Rothman), as Stata's manual has it under ir: 41 cases in
# 28,010 woman-years against 15 in 19,017; rate ratio 1.86, exact (1.01, 3.61).
def test_agrees_with_the_fluoroscopy_study():
    estimate = rate_ratio((15, 19_017), (41, 28_010))
    assert (estimate.effect, estimate.lower, estimate.upper) == pytest.approx(
        (1.86, 1.01, 3.61), abs=0.006
    )


@settings(max_examples=30)
@given(rates, rates)
def test_swapping_the_groups_inverts_the_ratio(control, treatment):
    forth, back = rate_ratio(control, treatment), rate_ratio(treatment, control)
    assert back.effect == pytest.approx(1 / forth.effect)
    assert back.lower == pytest.approx(1 / (forth.upper or 0))
    assert back.p_value == pytest.approx(forth.p_value)


def test_no_event_after_is_a_ratio_of_zero_with_a_limit():
    estimate = rate_ratio((10, 100), (0, 100))
    assert estimate.effect == estimate.lower == 0
    assert estimate.upper == pytest.approx(0.4458, abs=5e-4)  # 1 - .025 ** (1 / 10), as odds


def test_refuses_a_control_without_an_event():
    with pytest.raises(DataError, match="control has no event"):
        rate_ratio((0, 100), (3, 100))


def test_refuses_an_exposure_of_nothing():
    with pytest.raises(DataError, match="treatment has 3 events over an exposure of 0"):
        rate_ratio((3, 100), (3, 0))
