import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike
from scipy.stats import t as student

from opsbook.methods.effect.covariance_mixture import CovarianceMixture

SIZES = st.floats(0.01, 100)
PLACES = st.floats(-100, 100)


def mixture(weight: ArrayLike, centre: ArrayLike, scale: ArrayLike) -> CovarianceMixture:
    column = [np.array(part, dtype=float)[:, None] for part in (weight, centre, scale)]
    return CovarianceMixture(weight=column[0], centre=column[1], scale=column[2], freedom=9)


def test_one_member_is_the_t_distribution():
    single = mixture([1], [2], [3])
    assert single.quantile(0.975)[0] == pytest.approx(2 + 3 * student.ppf(0.975, 9))
    assert single.p_value()[0] == pytest.approx(2 * student.sf(2 / 3, 9))
    assert single.mean[0] == 2


@settings(max_examples=60, deadline=None)
@given(
    members=st.lists(st.tuples(SIZES, PLACES, SIZES), min_size=2, max_size=6),
    probability=st.floats(0.001, 0.999),
)
def test_the_quantile_undoes_the_probability(members, probability):
    weight, centre, scale = np.array(members).T
    several = mixture(weight / weight.sum(), centre, scale)
    point = several.quantile(probability)
    assert several.below(point)[0] == pytest.approx(probability, abs=1e-8)
    assert several.above(point)[0] == pytest.approx(1 - probability, abs=1e-8)


def test_a_far_tail_keeps_its_digits():
    assert mixture([1], [50], [1]).p_value()[0] == pytest.approx(2 * student.sf(50, 9), rel=1e-9)
