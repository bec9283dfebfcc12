import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.methods.effect.airports import windows

from opsbook.errors import DataError
from opsbook.methods.effect.difference_in_differences import difference_in_differences

AFTER = [False, False, True, True]
panels = arrays(float, (5, 4), elements=st.floats(1, 100))


# US DOT airline on-time data: share of flights late because of the air-traffic system, 12 months
# after the caps against the 12 before, 26 uncapped hubs as controls.
def test_jfk_improves_by_1_08_points_against_its_controls():
    jfk = windows("JFK", "2008-04")
    result = difference_in_differences(jfk.delayed, jfk.flights, treated=0, after=jfk.after)
    assert result.n_controls == 26
    assert result.treated_change == pytest.approx(-0.0198, abs=5e-5)
    assert result.estimate.effect == pytest.approx(-0.0108, abs=5e-5)
    assert not result.estimate.excludes_zero


def test_jfk_has_no_effect_at_all_on_the_ratio_scale():
    jfk = windows("JFK", "2008-04")
    result = difference_in_differences(jfk.delayed, jfk.flights, treated=0, after=jfk.after)
    assert result.ratio is not None
    assert result.ratio.effect == pytest.approx(0.988, abs=5e-4)
    assert result.relative == pytest.approx(-0.064, abs=5e-4)  # what the points say, in percent


def test_lga_improves_by_2_94_points_against_its_controls():
    lga = windows("LGA", "2009-02")
    result = difference_in_differences(lga.delayed, lga.flights, treated=0, after=lga.after)
    assert result.estimate.effect == pytest.approx(-0.0294, abs=5e-5)


def test_lga_after_two_years_is_shown_in_points_and_not_in_ratios():
    lga = windows("LGA", "2009-02", 24)
    result = difference_in_differences(lga.delayed, lga.flights, treated=0, after=lga.after)
    assert result.estimate.excludes_zero
    assert result.ratio is not None
    assert not result.ratio.excludes_zero
    assert result.scales_disagree


# Student's sleep data (1908) as a panel of two groups: Donald and Lang's two-step estimator is the
# pooled t-test of the changes. R: t.test(extra ~ group, data = sleep, var.equal = TRUE).
def test_agrees_with_the_pooled_t_test_of_changes():
    control = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    treated = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    panel = [[10, 10 + change] for change in control + treated]
    estimate = difference_in_differences(
        panel, treated=list(range(10, 20)), after=[False, True]
    ).estimate
    assert estimate.effect == pytest.approx(1.58)
    assert estimate.p_value == pytest.approx(0.07919, abs=5e-6)


@settings(max_examples=30)
@given(panels, st.floats(-50, 50))
def test_a_shock_common_to_all_changes_nothing(panel, shock):
    still = difference_in_differences(panel, treated=0, after=AFTER).estimate
    moved = difference_in_differences(panel + shock * np.array(AFTER), treated=0, after=AFTER)
    assert moved.estimate.effect == pytest.approx(still.effect, abs=1e-9)


@settings(max_examples=30)
@given(panels, st.floats(0.01, 100))
def test_the_unit_of_the_metric_leaves_the_ratio_alone(panel, factor):
    first = difference_in_differences(panel, treated=0, after=AFTER).ratio
    second = difference_in_differences(panel * factor, treated=0, after=AFTER).ratio
    assert first is not None
    assert second is not None
    assert second.effect == pytest.approx(first.effect)


def test_a_missing_month_does_not_shift_the_weight_of_a_control():
    late = np.array([[10, 10, 10, 10], [10, 10, 10, 10], [30, 30, 30, 30]], dtype=float)
    flights = np.full((3, 4), 100.0)
    late[2, 3] = np.nan
    result = difference_in_differences(late, flights, treated=0, after=AFTER)
    assert result.control_change == pytest.approx(0)


def test_a_control_with_an_empty_window_is_left_out_and_named():
    panel = np.array([[1, 1, 2, 2], [1, 1, 1, 1], [1, 2, 3, 4.0]])
    panel[1, 2:] = np.nan
    result = difference_in_differences(panel, treated=0, after=AFTER)
    assert result.dropped == (1,)
    assert result.n_controls == 1
    assert result.estimate.p_value is None


def test_a_group_at_zero_has_no_ratio():
    panel = [[0, 0, 1, 1], [1, 1, 1, 1], [1, 2, 1, 2]]
    assert difference_in_differences(panel, treated=0, after=AFTER).ratio is None


def test_a_single_control_at_zero_leaves_a_ratio_without_interval():
    panel = [[1, 1, 2, 2], [0, 0, 1, 1], [4, 4, 4, 4], [4, 4, 3, 3]]
    ratio = difference_in_differences(panel, treated=0, after=AFTER).ratio
    assert ratio is not None
    assert ratio.effect == pytest.approx(2)
    assert ratio.p_value is None


def test_a_constant_metric_has_no_p_value():
    result = difference_in_differences(np.full((5, 4), 0.1), treated=0, after=AFTER)
    assert result.estimate.effect == 0
    assert result.estimate.p_value is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"treated": 9}, r"Treated unit \[9\] is outside the panel of 3 units"),
        ({"treated": []}, "no treated unit"),
        ({"treated": [0, 1, 2]}, "no control"),
        ({"after": [True] * 4}, "no period before"),
        ({"after": [True]}, "4 periods and `after` 1"),
        ({"denominators": [[1, 2]]}, r"numerators are \(3, 4\) and the denominators \(1, 2\)"),
        ({"numerators": [1, 2, 3, 4]}, "has 1 dimension"),
        ({"numerators": [[np.inf] * 4] * 3}, "infinite number"),
        ({"denominators": [[-1] * 4] * 3}, "negative denominator, -1.0"),
        ({"treated": [True, False]}, "3 units and `treated` 2"),
        ({"numerators": [[np.nan] * 4, [1] * 4, [2] * 4]}, r"Treated unit \[0\] has a window"),
        ({"numerators": [[1] * 4, [np.nan] * 4, [np.nan] * 4]}, "No control has an observed"),
    ],
)
def test_says_what_is_wrong_with_the_panel(change, words):
    sound = {"numerators": np.arange(12.0).reshape(3, 4), "treated": 0, "after": AFTER}
    with pytest.raises(DataError, match=words):
        difference_in_differences(**(sound | change))
