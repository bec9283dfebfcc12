import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.effect.mean_difference import mean_difference
from opsbook.methods.effect.sample_size_of_means import power_of_means, sample_size_of_means


# R: power.t.test(delta = 1, power = .90), from its help page; power.t.test(n = 20, delta = 1).
def test_agrees_with_r_on_means():
    assert sample_size_of_means(1, spread=1, power=0.9) == pytest.approx(22.02110, abs=5e-5)
    assert power_of_means(1, n=20) == pytest.approx(0.8689528, abs=5e-7)


def test_keeps_its_promise_on_simulated_experiments():
    n = round(sample_size_of_means(0.5, spread=1))
    arms = np.random.default_rng(17).normal(size=(1000, 2, n))
    seen = [mean_difference(c, t + 0.5).difference.excludes_zero for c, t in arms]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.03)


def test_halving_the_difference_needs_four_times_the_users():
    whole = sample_size_of_means(0.1, spread=1)
    assert sample_size_of_means(-0.05, spread=1) == pytest.approx(4 * whole, rel=2e-3)


def test_says_what_cannot_be():
    with pytest.raises(DataError, match="difference of 0 with a spread of 1"):
        sample_size_of_means(0, spread=1)
    with pytest.raises(DataError, match=r"power of 1 at a level of 0\.05"):
        sample_size_of_means(1, spread=1, power=1)
