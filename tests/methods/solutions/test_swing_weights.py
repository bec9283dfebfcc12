from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.swing_weights import swing_weights


def test_measures_every_swing_against_the_most_wanted_one():
    weights = swing_weights({"effect": 100, "risk": 60, "ease": 40}, ["effect", "ease", "risk"])
    assert weights.method == "swing_weights"
    assert weights.shares == pytest.approx([0.5, 0.2, 0.3])


def test_refuses_swings_of_which_none_is_100():
    with pytest.raises(DataError, match="largest swing is 60"):
        swing_weights({"effect": 60, "risk": 40}, ["effect", "risk"])
    with pytest.raises(DataError, match="missing for 'risk'"):
        swing_weights({"effect": 100}, ["effect", "risk"])
