import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.trigger.change_spread import change_spread


def test_finds_where_a_series_became_erratic():
    values = np.random.default_rng(1).standard_normal(200)
    values[120:] *= 3
    found = change_spread(values)
    assert found is not None
    assert abs(found.index - 120) <= 5
    assert found.p_value < 0.01
    assert found.before == pytest.approx(1, abs=0.2)
    assert found.after == pytest.approx(3, abs=0.5)


@pytest.mark.parametrize("n", [24, 52, 120])
def test_constant_spread_is_seldom_taken_for_a_change(n):
    rng = np.random.default_rng(n)
    found = [change_spread(rng.standard_normal(n)) for _ in range(200)]
    assert np.mean([one is not None and one.p_value < 0.05 for one in found]) < 0.08


def test_heavy_tails_are_no_change_of_spread():
    rng = np.random.default_rng(3)
    found = [change_spread(rng.standard_t(3, 120)) for _ in range(200)]
    assert np.mean([one is not None and one.p_value < 0.05 for one in found]) < 0.08


def test_counts_the_index_over_missing_values():
    values = np.random.default_rng(1).standard_normal(200)
    values[120:] *= 3
    padded = np.concatenate([[np.nan] * 10, values])
    plain, moved = change_spread(values), change_spread(padded)
    assert plain is not None
    assert moved is not None
    assert moved.index == plain.index + 10


@pytest.mark.parametrize("values", [[], [1.0] * 19, [0.0] * 50, [1.0] * 50])
def test_cannot_tell_without_enough_points_or_spread(values):
    assert change_spread(values) is None


def test_refuses_an_infinite_residual():
    with pytest.raises(DataError, match="must be one finite series"):
        change_spread([np.inf] * 30)
