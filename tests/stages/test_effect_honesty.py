"""Stage 4: what a careful reader would object to is said before they do."""

from __future__ import annotations

import numpy as np
import pandas as pd
from tests.stages.small import LAUNCH, check, context, frame, ran

from opsbook.text import Language

ALONE = {"controls": None}
EN = Language("en")


def caution(result, name: str) -> tuple[str, str]:
    found = next(c for c in result.cautions if c.id == name)
    return EN.say(found.statement), EN.say(found.settles) if found.settles else ""


def receipts(result) -> list[str]:
    return [EN.say(f.statement) for f in result.findings if f.id.startswith("receipt")]


def drifting(per_month: float):
    """The treated unit drifts away from its controls all along; nothing happens at the launch."""
    table = frame()
    own = table.shop == "A0"
    table.loc[own, "orders"] += (per_month * table.place[own] * 10_000).astype(int)
    return table


def test_a_movement_from_before_that_may_be_the_effect_leaves_no_verdict(tmp_path):
    result = ran(context(tmp_path, drifting(0.004), metric={"target": 0.4}))
    assert result.measured.best.excludes_zero
    assert check(result, "pre_trend") == "fail"
    assert result.verdict == "cannot_tell"
    told, settles = caution(result, "not_shown")
    assert told.endswith("Trend before the launch")
    assert "choose controls that moved alike" in settles


def test_a_design_that_follows_the_movement_is_not_held_back_by_it(tmp_path):
    given = {"design": "synthetic_difference_in_differences", "design_reason": "It drifts."}
    result = ran(context(tmp_path, drifting(0.004), metric={"target": 0.4}, effect=given))
    assert check(result, "pre_trend") == "look"


def test_a_launch_in_answer_to_one_bad_period_is_told(tmp_path):
    table = frame()
    last = (table.shop == "A0") & (table.month == "2021-12-01")
    table.loc[last, "orders"] = 1200
    result = ran(context(tmp_path, table, effect=ALONE))
    told, settles = caution(result, "check_regression_to_the_mean")
    assert "Dec 2021, was 12.0%, far worse than its usual 20" in told
    assert "better by itself" in settles
    assert check(ran(context(tmp_path, frame(), effect=ALONE)), "regression_to_the_mean") == "pass"


def test_an_effect_shown_by_a_test_too_small_for_its_aim_is_told_as_overstated(tmp_path):
    result = ran(context(tmp_path, frame(0.05), effect={"aim": 0.001}))
    assert result.verdict == "effective"
    assert "overstated on average" in caution(result, "overstated")[0]
    fine = ran(context(tmp_path, frame(0.05), effect={"aim": 0.05}))
    assert all(c.id != "overstated" for c in fine.cautions)


def test_the_receipt_counts_fake_launches_instead_of_taking_per_cent_of_a_few(tmp_path):
    result = ran(context(tmp_path, frame(0.05), effect={**ALONE, "aim": 0.05}))
    line = result.receipt.lines[0]
    shown = round(line.power * line.n)
    assert receipts(result)[0].startswith(f"Receipt: of {line.n} fake launches in its own past, ")
    assert receipts(result)[0].endswith(f"points, {shown} would have been.")
    assert shown >= 0.8 * line.n or line.detectable > 0.05  # the two shares go together


def test_a_harm_that_the_naive_comparison_shows_too_is_not_called_misleading(tmp_path):
    result = ran(context(tmp_path, frame(-0.05)))
    assert result.verdict == "harmful"
    assert result.naive.estimate.excludes_zero
    assert all(c.id != "naive_misleads" for c in result.cautions)


def test_two_levels_without_noise_are_told_as_such(tmp_path):
    table = frame().assign(orders=lambda t: np.where(t.month >= LAUNCH, 2500, 2000))
    result = ran(context(tmp_path, table, effect=ALONE))
    assert result.verdict == "cannot_tell"
    assert "no noise to judge the change by" in caution(result, "check_enough_data")[0]


def test_a_share_never_needs_an_effect_larger_than_it_can_have(tmp_path):
    rng = np.random.default_rng(8)
    few = frame().assign(visits=4, orders=lambda t: rng.binomial(4, 0.3, len(t)))
    result = ran(context(tmp_path, few, effect=ALONE, metric={"target": 0.35}))
    assert result.receipt.detectable > 0.7
    assert "no effect that a share can have" in caution(result, "not_shown")[0]


def test_a_store_with_data_in_every_other_month_is_measured_all_the_same(tmp_path):
    sparse = frame(0.05)[lambda t: pd.to_datetime(t.month).dt.month % 2 == 1]
    result = ran(context(tmp_path, sparse, effect=ALONE))
    assert result.measured.best is not None
    assert result.measured.best.effect > 0.03
