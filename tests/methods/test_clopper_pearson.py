"""The exact interval of a share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from opsbook.errors import DataError
from opsbook.methods.clopper_pearson import clopper_pearson


# The handbook: ten of ten interviews agreeing shows at least 69 % (.025 ** (1 / 10)).
def test_ten_of_ten_interviews_show_at_least_69_per_cent():
    result = clopper_pearson(10, 10)
    assert result.lower == pytest.approx(0.025**0.1)
    assert (result.share, result.upper) == (1.0, 1.0)


# Newcombe (1998), Statistics in Medicine 17, 857-872, table I: 81/263 and 15/148.
@pytest.mark.parametrize(
    ("events", "trials", "lower", "upper"), [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617)]
)
def test_agrees_with_newcombe(events, trials, lower, upper):
    result = clopper_pearson(events, trials)
    assert (result.lower, result.upper) == pytest.approx((lower, upper), abs=5e-5)


@given(events=st.integers(0, 20), trials=st.integers(20, 40))
def test_counting_the_other_outcome_mirrors_the_interval(events, trials):
    one, other = clopper_pearson(events, trials), clopper_pearson(trials - events, trials)
    assert one.lower == pytest.approx(1 - (other.upper or 0.0))


@pytest.mark.parametrize("truth", [0.01, 0.2, 0.5])
def test_covers_the_truth_at_least_as_often_as_it_claims(truth):
    covered = 0.0
    for events in range(31):
        result = clopper_pearson(events, 30)
        if (result.lower or 0.0) <= truth <= (result.upper or 1.0):
            covered += binom.pmf(events, 30, truth)
    assert covered >= 0.95


def test_nothing_tried_shows_nothing():
    result = clopper_pearson(0, 0)
    assert (result.share, result.lower, result.upper) == (None, None, None)


def test_refuses_impossible_counts():
    with pytest.raises(DataError, match="5 of 4 is no share"):
        clopper_pearson(5, 4)
    with pytest.raises(DataError, match="confidence of 95"):
        clopper_pearson(1, 4, confidence=95)
