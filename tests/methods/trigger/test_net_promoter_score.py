"""The net promoter score."""

import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.trigger.net_promoter_score import net_promoter_score


def test_counts_promoters_passives_and_detractors():
    result = net_promoter_score([0, 6, 7, 8, 9, 10, np.nan])
    assert (result.detractors, result.passives, result.promoters, result.n) == (2, 2, 2, 6)
    assert result.score == 0.0


# By hand: (5.25 - 1.5) / 13 = .2885; variance (6.75 / 13 - .2885^2) / 13.
def test_the_interval_adds_three_answers():
    result = net_promoter_score([10] * 4 + [9] * 0 + [8] * 5 + [3])
    shares = np.array([1.75, 6.5, 4.75]) / 13
    middle = shares[2] - shares[0]
    reach = 1.959964 * np.sqrt((shares[2] + shares[0] - middle**2) / 13)
    assert result.score == pytest.approx(30.0)
    assert (result.lower, result.upper) == pytest.approx(
        (100 * (middle - reach), 100 * (middle + reach)), rel=1e-6
    )


@pytest.mark.parametrize("n", [10, 50])
def test_covers_the_truth_about_as_often_as_it_claims(n):
    rng = np.random.default_rng(1)
    answers = rng.choice([3, 8, 10], p=[0.2, 0.3, 0.5], size=(2000, n))
    results = [net_promoter_score(row) for row in answers]
    covered = np.mean([(r.lower or 0) <= 30 <= (r.upper or 0) for r in results])
    assert 0.935 < covered < 0.975


def test_turning_promoters_into_detractors_turns_the_score():
    up, down = net_promoter_score([10, 10, 8, 2]), net_promoter_score([2, 2, 8, 10])
    assert up.score == -(down.score or 0.0)
    assert up.lower == pytest.approx(-(down.upper or 0.0))


def test_an_interval_stays_within_a_hundred_points():
    assert net_promoter_score([10, 10]).upper == 100.0


@pytest.mark.parametrize("scores", [[], [np.nan, np.nan]])
def test_no_answers_give_no_score(scores):
    result = net_promoter_score(scores)
    assert (result.score, result.lower, result.upper, result.n) == (None, None, None, 0)


def test_refuses_answers_beyond_ten():
    with pytest.raises(DataError, match="An answer is 11"):
        net_promoter_score([11])
    with pytest.raises(DataError, match=r"confidence of 1\.5"):
        net_promoter_score([9], confidence=1.5)
