"""The rules from which Western Electric's and Nelson's sets are made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from opsbook.errors import DataError
from opsbook.methods.trigger.nelson import nelson
from opsbook.methods.trigger.run_rules import alternating, beyond, in_a_row, rising
from opsbook.methods.trigger.western_electric import western_electric

series = arrays(np.float64, st.integers(1, 40), elements=st.integers(-8, 8).map(lambda i: i / 2))


def naive_beyond(z, sigmas, needed, window) -> list[bool]:
    fired = []
    for i in range(len(z)):
        last = list(z[max(0, i - window + 1) : i + 1])
        gaps = [j for j, value in enumerate(last) if np.isnan(value)]
        last = last[gaps[-1] + 1 :] if gaps else last
        fired.append(sum(value > sigmas for value in last) >= needed)
    return fired


@given(
    z=series,
    gaps=st.sets(st.integers(0, 39)),
    rule=st.sampled_from([(3, 1, 1), (2, 2, 3), (1, 4, 5)]),
)
def test_counts_the_points_beyond_as_a_person_would(z, gaps, rule):
    z[[i for i in gaps if i < len(z)]] = np.nan
    assert beyond(*rule)(z).tolist() == naive_beyond(z, *rule)


def test_two_of_three_may_be_the_first_two():
    assert beyond(2, 2, 3)(np.array([2.5, 2.5, 0.0, 0.0])).tolist() == [False, True, True, False]


def test_a_gap_forgets_what_was_before_it():
    assert not beyond(2, 2, 3)(np.array([2.5, np.nan, 2.5])).any()
    assert not in_a_row(4)(np.array([1.0, 1, 1, np.nan, 1, 1, 1])).any()
    assert not rising(4)(np.array([1.0, 2, 3, np.nan, 4, 5, 6])).any()
    assert not alternating(4)(np.array([1.0, 2, 1, np.nan, 2, 1])).any()


@pytest.mark.parametrize("rules", [western_electric, nelson])
@given(z=series)
def test_turning_the_chart_over_swaps_the_sides(rules, z):
    above, below = rules(z, side="above"), rules(-z, side="below")
    assert all((above.fired[name] == below.fired[name]).all() for name in above.fired)
    assert (rules(z).any == rules(-z).any).all()


@pytest.mark.parametrize("rules", [western_electric, nelson])
def test_many_series_at_once_equal_one_at_a_time(rules):
    z = np.random.default_rng(1).normal(size=(6, 80))
    z[0, 40] = np.nan
    together = rules(z).any
    assert all((together[row] == rules(one).any).all() for row, one in enumerate(z))


def test_names_the_rule_it_does_not_have():
    with pytest.raises(DataError, match="western_electric has no rule 'nine_on_one_side'"):
        western_electric([0.0], rules=["nine_on_one_side"])
    with pytest.raises(DataError, match="no rule chosen"):
        nelson([0.0], rules=[])
    with pytest.raises(DataError, match="side must be both, above or below"):
        nelson([0.0], side="left")  # type: ignore[arg-type]  # the fault tested
