"""The rank among placebos, asked of the placebos."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.placebo_claims import placebo_claims


# Exact: a rank test at 5 % claims 5 % of exchangeable units, and at 2.5 % the other way.
def test_of_many_placebos_one_in_twenty_is_called_an_improvement():
    claims = placebo_claims(np.random.default_rng(1).normal(size=200), better_is_higher=True).claims
    assert claims.count("improved") == 10
    assert claims.count("worsened") == 5


@given(
    st.lists(st.integers(-1000, 1000), min_size=20, max_size=60, unique=True),
    st.floats(0.1, 3000),
)
def test_the_power_is_what_moving_each_placebo_would_have_shown(effects, aim):
    found = placebo_claims(effects, better_is_higher=True, aim=aim)
    shown = []
    for place, effect in enumerate(effects):
        others = [other for other in effects if other != effect]
        moved = [*others[:place], effect + aim, *others[place:]]
        shown.append(placebo_claims(moved, better_is_higher=True).claims[place] == "improved")
    ties = any(effect + aim == other for effect in effects for other in effects)
    assert ties or found.power == pytest.approx(np.mean(shown))


@given(st.lists(st.floats(-9, 9), min_size=20, max_size=40))
def test_turning_the_metric_round_turns_the_claims_round(effects):
    up = placebo_claims(effects, better_is_higher=True)
    down = placebo_claims([-effect for effect in effects], better_is_higher=False)
    assert up.claims == down.claims
    assert up.detectable == pytest.approx(down.detectable)


def test_says_when_no_rank_is_low_enough():
    with pytest.raises(DataError, match="19 placebos cannot give a p-value of 5%"):
        placebo_claims(range(19), better_is_higher=True)
