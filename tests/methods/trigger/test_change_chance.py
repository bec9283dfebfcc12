import pytest

from opsbook.methods.trigger.change_chance import change_chance


def test_a_larger_gain_is_less_likely_by_chance():
    chances = [change_chance(gain) for gain in (12, 15, 18, 25, 60)]
    assert chances == sorted(chances, reverse=True)
    assert all(0 < chance < 1 for chance in chances)


def test_no_gain_is_certain():
    assert change_chance(-5.0) == 1.0


def test_more_breaks_must_gain_more():
    assert change_chance(30.0, breaks=2) == pytest.approx(change_chance(18.5))
