import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from opsbook.errors import DataError
from opsbook.methods.effect.minimum_detectable_effect import minimum_detectable_effect
from opsbook.methods.estimate import Estimate


def measured(lower: float, upper: float) -> Estimate:
    middle = (lower + upper) / 2
    return Estimate(method="m", effect=middle, lower=lower, upper=upper, p_value=0.5, n=9)


def ratio(lower: float, upper: float) -> Estimate:
    return Estimate(
        method="m", effect=1.0, lower=lower, upper=upper, p_value=0.5, n=9, scale="ratio"
    )


# The usual 2.8 standard errors for a two-sided test at 5 % and 80 % power (Gelman & Hill 2007,
# section 20.2).
def test_a_normal_measurement_shows_2_8_standard_errors():
    reach = norm.ppf(0.975)
    assert minimum_detectable_effect(measured(-reach, reach)) == pytest.approx(2.8016, abs=1e-4)


def test_few_degrees_of_freedom_need_a_larger_change():
    reach = t.ppf(0.975, 5)
    found = minimum_detectable_effect(measured(-reach, reach), freedom=5)
    assert found == pytest.approx(reach + t.ppf(0.8, 5))


def test_a_ratio_is_detectable_as_a_ratio():
    log = minimum_detectable_effect(measured(math.log(0.8), math.log(1.5)))
    assert minimum_detectable_effect(ratio(0.8, 1.5)) == pytest.approx(math.exp(log))


@given(width=st.floats(1e-6, 1e6), place=st.floats(-100, 100))
def test_only_the_width_of_the_interval_counts(width, place):
    base = minimum_detectable_effect(measured(0, 1))
    moved = minimum_detectable_effect(measured(place * width, (place + 1) * width))
    assert moved == pytest.approx(base * width, rel=1e-9)


@given(power=st.floats(0.51, 0.95))
def test_more_power_needs_a_larger_change(power):
    more = minimum_detectable_effect(measured(0, 1), power=power + 0.02)
    assert more > minimum_detectable_effect(measured(0, 1), power=power)


def test_refuses_a_power_that_is_none():
    with pytest.raises(DataError, match="power is 80"):
        minimum_detectable_effect(measured(0, 1), power=80)


def test_refuses_a_ratio_that_may_be_zero():
    with pytest.raises(DataError, match="interval of m reaches down to 0"):
        minimum_detectable_effect(ratio(0, 1.5))


def test_refuses_an_estimate_without_interval():
    bare = Estimate(method="m", effect=1, lower=None, upper=None, p_value=None, n=9)
    with pytest.raises(DataError, match="estimate of m has no interval"):
        minimum_detectable_effect(bare)
