from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.solutions.pilot_size import PilotPlan, pilot_size

PLAN = PilotPlan(daily_volume=100, share=0.5, days=14)


# R's help page: power.prop.test(p1 = .50, p2 = .75, power = .90) gives n = 76.7, and with n = 50
# a power of .740. The third: .15 against .20 takes 905.4 in each group for a power of 80 %.
def test_agrees_with_r_on_two_proportions():
    plan = PilotPlan(daily_volume=100, share=0.5, days=1)
    size = pilot_size(plan, forecast=0.25, baseline=0.5, power=0.9)
    assert size.cases_needed / 2 == pytest.approx(76.7, abs=0.05)
    assert size.power_of_plan == pytest.approx(0.740, abs=5e-4)
    size = pilot_size(PLAN, forecast=0.05, baseline=0.15)
    assert size.cases_needed / 2 == pytest.approx(905.4, abs=0.05)
    assert size.days_needed == 21
    assert not size.enough


# R's help page: power.t.test(power = .90, delta = 1) gives n = 22.02110 in each group.
def test_agrees_with_r_on_two_means():
    size = pilot_size(PLAN, forecast=1, sd=1, power=0.9)
    assert size.cases_needed / 2 == pytest.approx(22.02110, abs=5e-5)
    assert size.days_needed == 7
    assert size.enough


def test_the_minimum_detectable_effect_is_the_one_that_needs_the_whole_plan():
    plan = PilotPlan(daily_volume=100, share=0.5, days=10)
    size = pilot_size(plan, forecast=0.05, baseline=0.10)
    assert size.minimum_detectable_effect is not None
    again = pilot_size(plan, forecast=size.minimum_detectable_effect, baseline=0.10)
    assert again.power_of_plan == pytest.approx(0.8)
    assert again.cases_needed == pytest.approx(1_000)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.05, 0.95), st.floats(0.05, 0.9), st.sampled_from([-1, 1]))
def test_effect_and_cases_are_each_others_inverse(share, baseline, sign):
    forecast = sign * (1 - baseline if sign > 0 else baseline) / 3
    plan = PilotPlan(daily_volume=500, share=share, days=28)
    size = pilot_size(plan, forecast=forecast, baseline=baseline)
    if size.minimum_detectable_effect is not None:
        assert size.minimum_detectable_effect * sign > 0
        same = pilot_size(plan, forecast=size.minimum_detectable_effect, baseline=baseline)
        assert same.cases_needed == pytest.approx(500 * 28, rel=1e-6)
    assert size.enough == (size.cases_needed <= 500 * 28 * (1 + 1e-9))


def test_a_lopsided_split_and_dependent_cases_need_more_of_them():
    even = pilot_size(PLAN, forecast=0.5, sd=2)
    lopsided = pilot_size(PilotPlan(daily_volume=100, share=0.1, days=14), forecast=0.5, sd=2)
    dependent = pilot_size(PLAN, forecast=0.5, sd=2, design_effect=3)
    assert lopsided.cases_needed == pytest.approx(even.cases_needed / (4 * 0.1 * 0.9), rel=0.02)
    assert dependent.cases_needed == pytest.approx(3 * even.cases_needed)


def test_a_pilot_too_small_for_any_effect_says_so():
    size = pilot_size(PilotPlan(daily_volume=1, share=0.5, days=3), forecast=0.1, baseline=0.5)
    assert size.minimum_detectable_effect is None
    assert size.power_of_plan == 0
    assert size.days_needed % 7 == 0


def test_names_what_is_wrong():
    with pytest.raises(DataError, match="needs a baseline"):
        pilot_size(PLAN, forecast=0.1)
    with pytest.raises(DataError, match=r"carries the rate from 0\.15 to 5\.15"):
        pilot_size(PLAN, forecast=5, baseline=0.15)
    with pytest.raises(DataError, match="forecast effect is 0"):
        pilot_size(PLAN, forecast=0, sd=1)
    with pytest.raises(DataError, match="share of the pilot is 1"):
        pilot_size(PilotPlan(daily_volume=1, share=1, days=1), forecast=1, sd=1)
    with pytest.raises(DataError, match=r"design effect is 0\.5"):
        pilot_size(PLAN, forecast=1, sd=1, design_effect=0.5)
    with pytest.raises(DataError, match="No pilot of practicable length"):
        pilot_size(PLAN, forecast=1e-9, sd=1)
