"""Guardrails and further metrics: measured where the main metric is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from tests.stages.small import context, frame

from opsbook import show
from opsbook.project.effect import EffectSection
from opsbook.results.effect import EffectResult
from opsbook.stages import effect
from opsbook.text import Language

RAIL = {
    "name": "Refund rate",
    "numerator": "refunds",
    "denominator": "orders",
    "better": "lower",
    "margin": 0.02,
}


def ran(folder: Path, experiment: dict[str, Any], **metric: Any) -> EffectResult:
    made = context(
        folder,
        frame(),
        effect={"experiment": experiment},
        metric={"guardrails": [RAIL], **metric},
    )
    return effect.run(made)


def arms(harm: int) -> dict[str, Any]:
    """Sums of two arms; the treatment arm has so many refunds more."""
    refunds = {"control": 300, "treatment": 300 + harm}
    return {
        arm: {
            "users": 10_000,
            "successes": 2000 + 200 * (arm == "treatment"),
            "further": {"Refund rate": {"users": 10_000, "successes": count}},
        }
        for arm, count in refunds.items()
    }


@pytest.mark.parametrize(("harm", "status"), [(0, "safe"), (60, "safe"), (190, "cannot_tell")])
def test_a_guardrail_of_an_experiment_is_compared_between_its_arms(tmp_path, harm, status):
    rail = ran(tmp_path, {"arms": arms(harm)}).guardrails[0]
    assert (rail.before, rail.after) == pytest.approx((0.03, 0.03 + harm / 10_000))
    assert rail.estimate is not None
    assert rail.estimate.effect == pytest.approx(harm / 10_000)
    assert rail.grade == "A"
    assert rail.status == ("worse" if status == "cannot_tell" else status)


def test_a_harm_in_the_treatment_arm_is_shown_though_the_periods_hide_it(tmp_path):
    result = ran(tmp_path, {"arms": arms(400)})
    assert result.verdict == "effective"
    assert result.guardrails[0].status == "harmed"
    assert any(caution.id == "harmed_0" for caution in result.cautions)


def test_what_the_arms_do_not_hold_is_not_judged_by_the_periods(tmp_path):
    held = {arm: {k: v for k, v in one.items() if k != "further"} for arm, one in arms(0).items()}
    result = ran(tmp_path, {"arms": held})
    rail = result.guardrails[0]
    assert (rail.status, rail.estimate, rail.before) == ("cannot_tell", None, None)
    told = next(caution for caution in result.cautions if caution.id == "unmeasured_0")
    assert told.settles is not None
    assert "effect.experiment.further" in Language("en").say(told.settles)
    assert "Refund rate" in show.side_effects(result.guardrails, result.metrics).html
    assert EffectResult.model_validate_json(result.model_dump_json()) == result


# A ratio of sums by the delta method: users order several times, and a refund belongs to an order.
def test_a_table_of_users_names_the_columns_of_its_guardrails(tmp_path):
    draw = np.random.default_rng(5)
    users = pd.DataFrame({"variant": np.repeat([0, 1], 2000)})
    users["bought"] = draw.binomial(1, 0.2 + 0.1 * users.variant)
    users["orders"] = 1 + draw.poisson(1.0, len(users))
    users["refunds"] = draw.binomial(users.orders, 0.05 + 0.06 * users.variant)
    users.to_csv(tmp_path / "users.csv", index=False)
    named = {"Refund rate": {"value": "refunds", "denominator": "orders"}}
    result = ran(tmp_path, {"path": "users.csv", "value": "bought", "further": named})
    rail = result.guardrails[0]
    sums = users.groupby("variant")[["refunds", "orders"]].sum()
    control, treatment = sums.refunds / sums.orders
    assert (rail.before, rail.after) == pytest.approx((control, treatment))
    assert rail.status == "harmed"


def test_a_rate_of_the_arms_is_told_per_so_many_like_its_target(tmp_path):
    draw = np.random.default_rng(6)
    users = pd.DataFrame({"variant": np.repeat([0, 1], 3000), "visits": 4})
    users["orders"] = draw.poisson(0.2 + 0.1 * users.variant)
    users.to_csv(tmp_path / "users.csv", index=False)
    table = {"path": "users.csv", "value": "orders", "denominator": "visits"}
    result = ran(tmp_path, table, kind="rate", per=1000, unit="per 1,000", target=90)
    found = result.measured
    assert found is not None
    assert found.randomised is not None
    assert found.randomised.arms[1].level == pytest.approx(75, abs=4)
    assert found.randomised.estimate.effect == pytest.approx(25, abs=6)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"path": "u.csv", "value": "v", "further": {"Speed": {"value": "s"}}}, "Speed"),
        ({"arms": arms(0), "further": {"Refund rate": {"value": "s"}}}, "give arms"),
        (
            {"arms": {"control": arms(0)["control"], "treatment": {"users": 9, "successes": 1}}},
            "the same further metrics",
        ),
    ],
)
def test_faults_of_the_further_metrics_are_told_at_load(tmp_path, given, words):
    with pytest.raises(ValidationError, match=words):
        context(tmp_path, frame(), effect={"experiment": given}, metric={"guardrails": [RAIL]})


def test_the_names_of_the_further_metrics_belong_to_the_plan():
    section = EffectSection.model_validate(
        {"launched": "2022-01-01", "experiment": {"arms": arms(0)}}
    )
    assert section.experiment is not None
    assert section.experiment.measured == {"Refund rate"}
