"""What may be claimed of a change whose wanted direction was declared beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.methods.effect.directed_claim import directed_claim
from opsbook.methods.effect.welch import welch
from opsbook.methods.estimate import Estimate


def change(effect: float, p_value: float | None) -> Estimate:
    return Estimate(method="m", effect=effect, lower=None, upper=None, p_value=p_value, n=20)


# FACTS.md: LaGuardia against 26 controls, two-sided p .0629.
def test_la_guardia_is_shown_in_the_direction_declared_and_in_no_other():
    lga = change(-0.0294, 0.0629)
    assert directed_claim(lga, better="lower") == "improved"
    assert directed_claim(lga, better="higher") == "nothing"


def test_a_worsening_needs_the_two_sided_test():
    assert directed_claim(change(1.0, 0.06), better="lower") == "nothing"
    assert directed_claim(change(1.0, 0.04), better="lower") == "worsened"


def test_without_a_p_value_nothing_is_claimed():
    assert directed_claim(change(-5.0, None), better="lower") == "nothing"


def test_a_ratio_of_one_is_no_change():
    ratio = Estimate(method="m", effect=0.5, lower=0.3, upper=0.8, p_value=0.01, n=9, scale="ratio")
    assert directed_claim(ratio, better="lower") == "improved"


@given(effect=st.floats(-5, 5), p_value=st.floats(0, 1))
def test_turning_the_wish_round_never_keeps_a_claim(effect, p_value):
    claims = {directed_claim(change(effect, p_value), better=way) for way in ("higher", "lower")}
    assert claims in ({"nothing"}, {"improved", "worsened"}, {"improved", "nothing"})


def test_without_a_change_it_claims_in_at_most_seven_and_a_half_percent():
    rng = np.random.default_rng(7)
    claims = [
        directed_claim(welch(rng.normal(size=12), rng.normal(size=12)), better="lower")
        for _ in range(1000)
    ]
    assert np.mean([claim == "improved" for claim in claims]) == pytest.approx(0.05, abs=0.015)
    assert np.mean([claim == "worsened" for claim in claims]) == pytest.approx(0.025, abs=0.012)
