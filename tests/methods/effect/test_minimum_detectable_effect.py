import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from opsbook.errors import DataError
from opsbook.methods.effect.minimum_detectable_effect import (
    minimum_detectable_effect,
    units_for_means,
    units_for_proportions,
)
from opsbook.methods.estimate import Estimate


def measured(lower, upper, **options):
    return Estimate(
        method="m",
        effect=(lower + upper) / 2,
        lower=lower,
        upper=upper,
        p_value=0.5,
        n=9,
        **options,
    )


# R: power.prop.test(p1 = .15, p2 = .20, power = .8)$n is 905.3658.
def test_agrees_with_r_on_proportions():
    assert units_for_proportions(0.15, 0.20) == pytest.approx(905.3658, abs=1e-4)


# R: power.t.test(delta = 1, power = .9)$n is 22.02110.
def test_agrees_with_r_on_means():
    assert units_for_means(1.0, 1.0, power=0.9) == pytest.approx(22.02110, abs=1e-4)


# The usual 2.8 standard errors for 5 % and 80 %.
def test_a_normal_measurement_shows_2_8_standard_errors():
    reach = norm.ppf(0.975)
    assert minimum_detectable_effect(measured(-reach, reach)) == pytest.approx(2.8016, abs=1e-4)


def test_a_ratio_is_detectable_as_a_ratio():
    log = minimum_detectable_effect(measured(math.log(0.8), math.log(1.5)))
    ratio = minimum_detectable_effect(measured(0.8, 1.5, scale="ratio"))
    assert ratio == pytest.approx(math.exp(log))


@given(size=st.floats(0.05, 5), unit=st.floats(1e-6, 1e6))
def test_the_unit_of_a_mean_does_not_matter(size, unit):
    assert units_for_means(size * unit, unit) == pytest.approx(units_for_means(size, 1), rel=1e-6)


@given(power=st.floats(0.55, 0.95))
def test_more_power_needs_more_units(power):
    assert units_for_means(0.5, 1, power=power + 0.02) > units_for_means(0.5, 1, power=power)
    more = units_for_proportions(0.1, 0.12, power=power + 0.02)
    assert more > units_for_proportions(0.1, 0.12, power=power)


def test_a_huge_difference_needs_two_units():
    assert units_for_means(100, 1) == 2


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: units_for_proportions(0.2, 0.2), "proportions are 0.2 and 0.2"),
        (lambda: units_for_proportions(15, 20), "proportions are 15 and 20"),
        (lambda: units_for_means(0, 1), "difference is 0"),
        (lambda: units_for_means(1e-9, 1), "more than 1e"),
        (lambda: units_for_means(1, 1, power=80), "power is 80"),
        (lambda: minimum_detectable_effect(measured(0, 1, scale="ratio")), "reaches down to 0"),
    ],
)
def test_names_the_figure_that_cannot_be(call, words):
    with pytest.raises(DataError, match=words):
        call()


def test_an_estimate_without_interval_detects_nothing():
    bare = Estimate(method="m", effect=1, lower=None, upper=None, p_value=None, n=9)
    with pytest.raises(DataError, match="estimate of m has no interval"):
        minimum_detectable_effect(bare)
