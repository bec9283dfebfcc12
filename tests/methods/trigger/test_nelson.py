"""The Nelson rules."""

import pytest

from opsbook.methods.trigger.nelson import nelson


def fired(z) -> list[str]:
    return [name for name, at in nelson(z).fired.items() if at[-1]]


@pytest.mark.parametrize(
    ("z", "rule"),
    [
        ([0.0, -3.1], "beyond_3_sigma"),
        ([0.5, 0.1, 1.5, 0.1, 0.1, 0.2, 0.1, 0.3, 0.1], "nine_on_one_side"),
        ([-0.5, -0.2, 0.1, 0.5, 0.9, 1.2], "six_rising_or_falling"),
        ([1.2, -0.5] * 7, "fourteen_alternating"),
        ([2.5, -0.1, 2.5], "two_of_three_beyond_2_sigma"),
        ([1.5, 1.2, -0.1, 1.1, 1.3], "four_of_five_beyond_1_sigma"),
        ([0.5, 0.5, -0.5] * 5, "fifteen_within_1_sigma"),
        ([1.5, -1.5, -1.2, 1.5, 1.2, -1.5, -1.1, 1.5], "eight_beyond_1_sigma"),
    ],
)
def test_each_rule_finds_its_pattern_and_no_other_does(z, rule):
    assert fired(z) == [rule]


def test_equal_neighbours_neither_rise_nor_alternate():
    assert fired([0.1, 0.2, 0.2, 0.3, 0.4, 0.5]) == []
