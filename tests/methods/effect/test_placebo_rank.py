import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.methods.effect.airports import windows

from opsbook.errors import DataError
from opsbook.methods.effect.placebo_rank import placebo_rank, rank_among_placebos

AFTER = [False, False, True, True]
panels = arrays(float, (8, 4), elements=st.floats(-100, 100))


# US DOT airline on-time data, 12 months against 12, 26 uncapped hubs.
def test_five_of_26_controls_improve_more_than_jfk_by_themselves():
    jfk = windows("JFK", "2008-04")
    result = placebo_rank(jfk.delayed, jfk.flights, treated=0, after=jfk.after)
    assert result.estimate.effect == pytest.approx(-0.0108, abs=5e-5)
    assert result.rank == pytest.approx(5 / 26)  # .19
    assert result.p_value_one_sided == pytest.approx(6 / 27)
    assert result.estimate.p_value == pytest.approx(11 / 27)


def test_one_of_26_controls_improves_more_than_lga():
    lga = windows("LGA", "2009-02")
    result = placebo_rank(lga.delayed, lga.flights, treated=0, after=lga.after)
    assert result.estimate.effect == pytest.approx(-0.0294, abs=5e-5)
    assert result.rank == pytest.approx(1 / 26)  # .04
    assert result.p_value_one_sided == pytest.approx(2 / 27)
    assert result.estimate.p_value == pytest.approx(3 / 27)


def test_lga_is_in_the_middle_of_its_controls_on_the_log_scale():
    lga = windows("LGA", "2009-02")
    result = placebo_rank(lga.delayed, lga.flights, treated=0, after=lga.after, scale="log")
    assert np.exp(result.estimate.effect) == pytest.approx(0.909, abs=5e-4)
    assert result.rank == pytest.approx(11 / 26)


@settings(max_examples=30)
@given(panels)
def test_the_interval_excludes_zero_exactly_when_the_p_value_is_small(panel):
    estimate = placebo_rank(panel, treated=0, after=AFTER, confidence=0.75).estimate
    assert estimate.p_value is not None
    assert estimate.excludes_zero == (estimate.p_value <= 0.25)


@settings(max_examples=30)
@given(panels)
def test_flipping_the_metric_flips_the_effect_and_keeps_the_ranks(panel):
    first = placebo_rank(panel, treated=2, after=AFTER)
    second = placebo_rank(-panel, treated=2, after=AFTER)
    assert second.estimate.effect == pytest.approx(-first.estimate.effect)
    assert second.estimate.p_value == first.estimate.p_value


def test_twenty_controls_are_needed_for_an_interval_at_95():
    rng = np.random.default_rng(1)
    few = placebo_rank(rng.normal(size=(19, 4)), treated=0, after=AFTER)
    enough = placebo_rank(rng.normal(size=(20, 4)), treated=0, after=AFTER)
    assert few.estimate.lower is None
    assert few.smallest_p_value > 0.05
    assert enough.estimate.lower is not None


def test_ranks_any_design_by_its_effect_alone():
    moved = np.array([9.0, 2.0, 1.0, 3.0])
    result = rank_among_placebos(
        "mine",
        lambda units, chosen: float(moved[units][chosen].mean()),
        treated=np.array([0]),
        controls=np.array([1, 2, 3]),
    )
    assert result.estimate.effect == 9
    assert result.placebos == (2, 1, 3)
    assert result.estimate.p_value == 1 / 4


def test_several_treated_units_are_ranked_among_sets_of_their_size():
    panel = np.random.default_rng(5).normal(size=(30, 4))
    panel[:3, 2:] += 3
    result = placebo_rank(panel, treated=[0, 1, 2], after=AFTER)
    assert len(result.placebos) == 499
    assert result.estimate.excludes_zero
    assert result == placebo_rank(panel, treated=[0, 1, 2], after=AFTER)


def test_refuses_a_single_control():
    with pytest.raises(DataError, match="need 2 controls seen in both windows; found 1"):
        placebo_rank(np.ones((2, 4)), treated=0, after=AFTER)


def test_refuses_the_log_of_nothing():
    with pytest.raises(DataError, match="log scale needs a level above 0"):
        placebo_rank(np.zeros((5, 4)), treated=0, after=AFTER, scale="log")
