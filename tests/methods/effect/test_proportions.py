import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from opsbook.errors import DataError
from opsbook.methods.effect.proportions import proportions

arms = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


# Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
@pytest.mark.parametrize(
    ("treatment", "control", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_agrees_with_newcombe(treatment, control, lower, upper):
    difference = proportions(control, treatment).difference
    assert (difference.lower, difference.upper) == pytest.approx((lower, upper), abs=5e-5)


# Physicians' Health Study (1989, NEJM 321, 129-135), heart attacks with placebo and with aspirin;
# Agresti (2002), Categorical Data Analysis, 3.1.1: difference .0077 (.005, .011), relative risk of
# placebo 1.82 (1.43, 2.31; from rounded logarithms the book has 2.30), chi-squared 25.01.
def test_agrees_with_agresti_on_aspirin_and_heart_attacks():
    found = proportions((189, 11034), (104, 11037))
    assert found.difference.effect == pytest.approx(-0.0077, abs=5e-5)
    assert found.difference.lower == pytest.approx(-0.011, abs=5e-4)
    assert found.difference.upper == pytest.approx(-0.005, abs=5e-4)
    ratio = found.ratio
    assert ratio is not None
    assert ratio.lower is not None
    assert ratio.upper is not None
    assert 1 / ratio.effect == pytest.approx(1.82, abs=5e-3)
    assert (1 / ratio.upper, 1 / ratio.lower) == pytest.approx((1.43, 2.31), abs=6e-3)
    assert found.difference.p_value == pytest.approx(chi2.sf(25.01, 1), rel=0.01)


# Cookie Cats, gate at level 30 against 40: 7-day retention -.0082 (-.0133, -.0031) p .00155;
# 1-day p .074.
def test_agrees_with_cookie_cats():
    week = proportions((8502, 44700), (8279, 45489)).difference
    day = proportions((20034, 44700), (20119, 45489)).difference
    assert week.effect == pytest.approx(-0.0082, abs=5e-5)
    assert (week.lower, week.upper) == pytest.approx((-0.0133, -0.0031), abs=5e-5)
    assert week.p_value == pytest.approx(0.00155, abs=5e-6)
    assert day.p_value == pytest.approx(0.074, abs=5e-4)


# Physicians' Health Study: 104 of 11,037 on aspirin, 189 of 11,034 on placebo; the relative risk
# in Agresti (2002), Categorical Data Analysis, section 3.1: 1.82 (1.43, 2.31), placebo first.
def test_agrees_with_agresti_on_the_relative_risk():
    ratio = proportions((104, 11_037), (189, 11_034)).ratio
    assert ratio is not None
    assert (ratio.effect, ratio.lower, ratio.upper) == pytest.approx((1.82, 1.43, 2.31), abs=0.006)


# Fisher's tea-tasting lady, 3 of 4 cups: two-sided p .4857 (Agresti 2002, section 3.5).
def test_small_cells_get_fishers_p_value():
    result = proportions((1, 4), (3, 4))
    assert result.exact
    assert result.difference.p_value == pytest.approx(0.4857, abs=5e-5)


@settings(max_examples=30)
@given(arms, arms)
def test_the_interval_stays_inside_and_around_the_difference(control, treatment):
    difference = proportions(control, treatment).difference
    assert difference.lower is not None
    assert difference.upper is not None
    assert -1 <= difference.lower <= difference.effect <= difference.upper <= 1


@settings(max_examples=30)
@given(arms, arms)
def test_counting_failures_instead_flips_the_sign_only(control, treatment):
    forth = proportions(control, treatment).difference
    back = proportions(
        (control[1] - control[0], control[1]), (treatment[1] - treatment[0], treatment[1])
    )
    assert back.difference.lower == pytest.approx(-(forth.upper or 0), abs=1e-12)
    assert back.difference.p_value == pytest.approx(forth.p_value)


def test_an_arm_without_success_has_no_ratio():
    assert proportions((0, 50), (9, 50)).ratio is None


@pytest.mark.parametrize("control", [(3, 2), (-1, 5), (0, 0)])
def test_names_the_arm_that_cannot_be(control):
    with pytest.raises(DataError, match=f"control arm has {control[0]} successes of {control[1]}"):
        proportions(control, (1, 2))
