import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.effect.quantile_change import _Group, quantile_change

groups = st.lists(st.integers(0, 100), min_size=30, max_size=60)


# The interval of a median, as any table of the sign test has it: of 10 values the 2nd and the
# 9th, of 20 the 6th and the 15th.
@pytest.mark.parametrize(("n", "low", "high"), [(10, 2, 9), (20, 6, 15)])
def test_agrees_with_the_tables_on_one_median(n, low, high):
    assert _Group.of(range(1, n + 1), "control", 0.5).limits(0.95) == (low, high)


def test_covers_the_true_change_of_skewed_durations():
    rng = np.random.default_rng(18)
    true = (1.5 - 1) * -np.log(1 - 0.9)
    covered = []
    for control, treatment in zip(
        rng.exponential(1, (300, 150)), rng.exponential(1.5, (300, 150)), strict=True
    ):
        estimate = quantile_change(control, treatment)
        assert estimate.lower is not None
        assert estimate.upper is not None
        covered.append(estimate.lower <= true <= estimate.upper)
    assert np.mean(covered) >= 0.94


@settings(max_examples=30)
@given(groups, groups, st.sampled_from([0.25, 0.5, 0.75]))
def test_the_interval_excludes_zero_exactly_when_the_p_value_is_small(control, treatment, share):
    estimate = quantile_change(control, treatment, quantile=share)
    assert estimate.p_value is not None
    if abs(estimate.p_value - 0.05) > 1e-3:
        assert estimate.excludes_zero == (estimate.p_value < 0.05)


@settings(max_examples=30)
@given(groups, st.integers(1, 50))
def test_a_shift_of_every_case_is_the_change_of_any_quantile(control, shift):
    treatment = np.add(control, shift)
    assert quantile_change(control, treatment).effect == pytest.approx(shift)


def test_ten_cases_cannot_bound_a_90th_percentile():
    estimate = quantile_change(range(10), range(5, 15))
    assert estimate.effect == pytest.approx(5)
    assert estimate.lower is None


def test_refuses_a_quantile_in_percent():
    with pytest.raises(DataError, match="The quantile is 90"):
        quantile_change([1, 2], [1, 2], quantile=90)
