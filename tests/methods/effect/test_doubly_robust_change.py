import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.doubly_robust_change import doubly_robust_change


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(-5, 5))
def test_takes_out_what_the_covariate_explains(seed, effect):
    rng = np.random.default_rng(seed)
    size = rng.normal(size=(60, 1))
    treated = rng.random(60) < 1 / (1 + np.exp(-size[:, 0]))
    treated[:4] = [True, True, False, False]
    change = 3 * size[:, 0] + effect * treated
    try:
        estimate, _ = doubly_robust_change(change, treated, size)
    except DataError:
        return  # this draw has no unit like some treated one
    assert estimate == pytest.approx(effect, abs=1e-6)


def test_its_interval_covers_the_truth():
    rng = np.random.default_rng(20)
    covered = []
    for _ in range(300):
        size = rng.normal(size=(300, 1))
        treated = rng.random(300) < 1 / (1 + np.exp(-size[:, 0]))
        effect, influence = doubly_robust_change(
            size[:, 0] + rng.normal(size=300) + 1.0 * treated, treated, size
        )
        covered.append(abs(effect - 1) < 1.96 * np.sqrt(influence @ influence))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_the_unit_of_a_covariate_does_not_matter():
    rng = np.random.default_rng(21)
    size, change, treated = rng.normal(size=(50, 1)), rng.normal(size=50), rng.random(50) < 0.5
    first, _ = doubly_robust_change(change, treated, size)
    second, _ = doubly_robust_change(change, treated, 1e6 * size + 5)
    assert second == pytest.approx(first, rel=1e-6)


def test_refuses_groups_that_have_nothing_in_common():
    treated = np.arange(20) < 10
    with pytest.raises(DataError, match="without error"):
        doubly_robust_change(np.zeros(20), treated, np.arange(20.0)[:, None])


def test_refuses_a_covariate_that_follows_from_the_others():
    treated = np.arange(20) % 2 == 0
    with pytest.raises(DataError, match="follows from the others"):
        doubly_robust_change(np.zeros(20), treated, np.ones((20, 1)))
