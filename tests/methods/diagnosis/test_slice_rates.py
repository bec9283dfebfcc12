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
