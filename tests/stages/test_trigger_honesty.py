"""Stage 1: what a careful reader would object to is said before they do."""

from __future__ import annotations

import numpy as np
from tests.stages.trigger_case import noisy, quick_check, weeks

from opsbook.results.trigger import NoChart
from opsbook.text import Language

EN = Language("en")


def told(result, name: str) -> str:
    return next(EN.say(f.statement) for f in result.findings if f.id == name)


def test_a_level_that_always_missed_its_target_is_not_said_to_have_become_worse(tmp_path):
    result = quick_check(tmp_path, weeks(noisy(60)), metric={"target": 0.15})
    assert result.verdict == "start"
    assert "missed its target by more than noise explains (noise alone: p\xa0<\xa00.001)" in told(
        result, "guard"
    )
    assert "against its own past it is not worse" in told(result, "guard")


def test_values_that_mostly_stand_still_get_no_individual_limits(tmp_path):
    still = np.r_[np.full(57, 0.2), 0.3, 0.3, 0.3]
    lost = {"kind": "mean", "value": "lost", "numerator": None, "denominator": None}
    result = quick_check(tmp_path, weeks(still), metric={**lost, "target": 250})
    assert isinstance(result.chart, NoChart)
    assert "the same as in the one before" in EN.say(result.chart.reason)
    assert "its baseline is too short or constant to know its noise" in EN.say(result.headline)


def test_a_share_of_few_cases_is_told_with_them_and_its_exact_interval(tmp_path):
    few = quick_check(tmp_path, weeks([0.5, 0.2, 0.4, 0.3] * 6, size=10), metric={"target": 0.2})
    # Clopper-Pearson for 3 of 10: .0667 to .6525.
    assert "30.0%, 3 of 10 cases (95% interval 6.7% to 65.2%); the target" in told(few, "latest")
    many = quick_check(tmp_path, weeks([0.5, 0.2, 0.4, 0.3] * 6), metric={"target": 0.2})
    assert "cases" not in told(many, "latest")
