"""The Western Electric rules."""

import numpy as np
import pytest

from opsbook.methods.trigger.western_electric import RULES, western_electric


def fired(z) -> list[str]:
    return [name for name, at in western_electric(z).fired.items() if at[-1]]


@pytest.mark.parametrize(
    ("z", "rule"),
    [
        ([0.0, 3.1], "beyond_3_sigma"),
        ([-2.1, 0.0, -2.2], "two_of_three_beyond_2_sigma"),
        ([1.1, 1.2, -0.5, 1.3, 1.4], "four_of_five_beyond_1_sigma"),
        ([0.1] * 8, "eight_on_one_side"),
    ],
)
def test_each_rule_finds_its_pattern_and_no_other_does(z, rule):
    assert fired(z) == [rule]


def test_points_on_both_sides_make_no_run():
    assert fired([2.1, -2.2, 0.1]) == []
    assert fired([0.1] * 7 + [-0.1]) == []


# Champ and Woodall (1987), Technometrics 29, 393-399: the average run length of all four rules
# on independent noise is 91.75, of the 3-sigma limits alone 370.4.
def test_all_four_cry_wolf_about_every_92nd_point():
    z = np.random.default_rng(2).normal(size=(4000, 400))
    for rules, published in ((list(RULES), 91.75), (["beyond_3_sigma"], 370.4)):
        at = western_electric(z, rules=rules).any
        # Mean of a geometric-like run length from the share of series silent after 400 points.
        rate = -np.log((~at.any(axis=1)).mean()) / 400
        assert 1 / rate == pytest.approx(published, rel=0.08)
