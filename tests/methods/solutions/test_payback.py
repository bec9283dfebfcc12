from __future__ import annotations

import pytest

from opsbook.methods.solutions.payback import payback


# By hand: 40 - 5 - 8 - 12 leaves 15 of the last 30.
def test_counts_within_the_period_that_brings_the_money_back():
    result = payback([-40, 5, 8, 12, 30])
    assert result.periods == pytest.approx(3.5)
    assert result.balance == (-40, -35, -27, -15, 15)


# By hand: discounted by half per period, 100 and 100 are worth 50 and 25.
def test_discounting_puts_it_off():
    assert payback([-60, 100, 100], rate=1.0).periods == pytest.approx(1.4)
    assert payback([-80, 100, 100], rate=1.0).periods is None


def test_money_that_goes_out_again_is_not_back_yet():
    assert payback([-10, 20, -15, 10]).periods == pytest.approx(2.5)


def test_money_that_never_went_out_is_back_at_once():
    assert payback([0, 5]).periods == 0
