import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.effect.covariance_averaged_gls import covariance_averaged_gls
from opsbook.methods.effect.covariance_periods_needed import covariance_periods_needed
from opsbook.methods.effect.minimum_detectable_effect import minimum_detectable_effect

CALM = np.random.default_rng(14).normal(size=44)
DRIFTING = np.cumsum(np.random.default_rng(15).normal(size=44))


def test_nothing_more_is_needed_for_what_is_detectable_now():
    step = covariance_averaged_gls(CALM, launch=40, model="level").step
    target = minimum_detectable_effect(step)
    assert covariance_periods_needed(CALM, launch=40, target=target * 1.01, model="level") == 0
    assert covariance_periods_needed(CALM, launch=40, target=target * 0.9, model="level") != 0


# With independent errors of standard deviation s, 40 periods before and m after, the error of the
# step is s * sqrt(1/40 + 1/m): halving it from m = 4 needs m = 22.9, so 19 periods more; that the
# errors may depend on each other changes it somewhat.
def test_independent_periods_shrink_the_error_as_the_formula_says():
    step = covariance_averaged_gls(CALM, launch=40, model="level").step
    target = -minimum_detectable_effect(step) / 2
    more = covariance_periods_needed(CALM, launch=40, target=target, model="level")
    assert more is not None
    assert 12 <= more <= 50


def test_a_smaller_target_needs_more_periods():
    needed = [
        covariance_periods_needed(CALM, launch=40, target=target, model="level") or 0
        for target in (1.5, 1.2, 1.0, 0.8)
    ]
    assert needed == sorted(needed)
    assert needed[0] < needed[-1]


def test_on_a_random_walk_no_patience_helps():
    step = covariance_averaged_gls(DRIFTING, launch=40).step
    target = minimum_detectable_effect(step) / 2
    assert covariance_periods_needed(DRIFTING, launch=40, target=target) is None


def test_the_dates_and_the_unit_do_not_matter():
    base = covariance_periods_needed(CALM, launch=40, target=1.0)
    moved = covariance_periods_needed(CALM * 1e6, launch=540, target=1e6, time=np.arange(44) + 500)
    assert moved == base


def test_a_change_of_slope_needs_patience_too():
    more = covariance_periods_needed(CALM, launch=40, target=2.5, model="step_slope")
    assert more is None or more > 0


@pytest.mark.parametrize("target", [0.0, float("nan")])
def test_refuses_a_target_that_is_none(target):
    with pytest.raises(DataError, match=f"target is {target}"):
        covariance_periods_needed(CALM, launch=40, target=target)
