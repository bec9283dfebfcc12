from __future__ import annotations

import pickle

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.net_present_value import net_present_value
from opsbook.methods.solutions.probability_of_loss import CashStream, probability_of_loss

COST = CashStream(name="cost", low=(-75, 0), mode=(-75, 0), high=(-75, 0))
GAIN = CashStream(name="gain", low=(0, 0), mode=(0, 50), high=(0, 100))


# By hand: a gain ~ triangular(0, 50, 100) stays under 75 with probability 1 - 25² / 5000.
def test_one_guess_has_the_closed_form():
    result = probability_of_loss([COST, GAIN], rate=0.0, draws=40_000, seed=1)
    assert result.probability == pytest.approx(0.875, abs=0.005)
    assert result.mean == pytest.approx(-25, abs=0.5)
    assert result.p50 == pytest.approx(-25, abs=0.5)


def test_shows_what_each_stream_alone_does_the_widest_first():
    licence = CashStream(name="licence", low=(0, -9), mode=(0, -5), high=(0, -4))
    result = probability_of_loss([COST, licence, GAIN], rate=0.25, seed=1)
    assert result.most_likely == pytest.approx(net_present_value([-75, 45], rate=0.25))
    assert [swing.name for swing in result.swings] == ["gain", "licence", "cost"]
    assert result.swings[0].at_low == pytest.approx(net_present_value([-75, -5], rate=0.25))
    assert result.swings[0].at_high == pytest.approx(net_present_value([-75, 95], rate=0.25))


def test_within_a_stream_a_good_first_year_goes_with_a_good_second():
    one = CashStream(name="gain", low=(0, 0), mode=(50, 50), high=(100, 100))
    two = [
        CashStream(name="first", low=(0, 0), mode=(50, 0), high=(100, 0)),
        CashStream(name="second", low=(0, 0), mode=(0, 50), high=(0, 100)),
    ]
    together = probability_of_loss([one], rate=0.0, seed=1)
    apart = probability_of_loss(two, rate=0.0, seed=1)
    assert together.p95 - together.p5 > 1.3 * (apart.p95 - apart.p5)


def test_the_same_seed_gives_the_same_bytes():
    first, second = (probability_of_loss([COST, GAIN], rate=0.1, seed=4) for _ in range(2))
    assert pickle.dumps(first) == pickle.dumps(second)


def test_names_what_is_wrong():
    with pytest.raises(DataError, match="found 'gain' 2 times"):
        probability_of_loss([GAIN, GAIN], rate=0.0, seed=1)
    short = CashStream(name="short", low=(1,), mode=(1,), high=(1,))
    with pytest.raises(DataError, match=r"'short' has \[1\] payments; 'gain' has 2"):
        probability_of_loss([GAIN, short], rate=0.0, seed=1)
    turned = CashStream(name="turned", low=(-5,), mode=(-7,), high=(-4,))
    with pytest.raises(DataError, match=r"'turned' in period 0 is \(-5, -7, -4\)"):
        probability_of_loss([turned], rate=0.0, seed=1)
    with pytest.raises(DataError, match="0 draws"):
        probability_of_loss([GAIN], rate=0.0, draws=0, seed=1)
