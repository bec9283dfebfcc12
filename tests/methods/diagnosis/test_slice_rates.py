from __future__ import annotations

import numpy as np
import pytest

from opsbook.methods.diagnosis.slice_rates import SliceRates


# Admissions to Berkeley in 1973, men after women, six departments.
# R: mantelhaen.test(UCBAdmissions)$estimate.
def test_the_common_odds_ratio_agrees_with_r_on_the_berkeley_admissions():
    men = np.array([[512, 353, 120, 138, 53, 22], [313, 207, 205, 279, 138, 351]], float)
    women = np.array([[89, 17, 202, 131, 94, 24], [19, 8, 391, 244, 299, 317]], float)
    rates = SliceRates(
        hits=men[0], trials=men.sum(axis=0), hits_before=women[0], trials_before=women.sum(axis=0)
    )
    fallen, risen = rates.odds_against()
    assert risen.sum() / fallen.sum() == pytest.approx(0.9046968, abs=5e-8)


def test_a_leaf_without_a_past_has_no_say_in_the_odds():
    rates = SliceRates(
        hits=np.array([5.0]),
        trials=np.array([10.0]),
        hits_before=np.zeros(1),
        trials_before=np.zeros(1),
    )
    assert [x.tolist() for x in rates.odds_against()] == [[0.0], [0.0]]


def test_what_most_leaves_have_in_common_is_not_drawn_to_those_that_moved_further():
    rng = np.random.default_rng(4)
    odds, further = np.full(300, 3.0), np.arange(300) < 120
    now = odds * np.where(further, 0.1, 0.5)
    trials = np.full(300, 200.0)
    rates = SliceRates(
        hits=rng.binomial(200, now / (1 + now)).astype(float),
        trials=trials,
        hits_before=rng.binomial(200, odds / (1 + odds)).astype(float),
        trials_before=trials,
    )
    left = rates.without_common_shift().falls()
    assert abs(np.mean(left[~further])) < 0.01
    assert np.mean(left[further]) > 0.3
