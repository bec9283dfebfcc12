"""Stage 4: a randomised comparison, from users or from the sums of two arms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.conftest import ROOT
from tests.stages.small import MINUTES, check, context, frame, ran

from opsbook.errors import DataError
from opsbook.text import Language

SUMS = {
    "control": {"users": 3407, "total": 1396.87, "squares": 52377.9767},
    "treatment": {"users": 3461, "total": 2422.7, "squares": 134698.29},
}
COOKIE_CATS = {
    "control": {"users": 44700, "successes": 8502},
    "treatment": {"users": 45489, "successes": 8279},
}


# FACTS.md, A/B from sums: .29 (.04538, .53462), p .02016.
def test_an_experiment_from_sums_outranks_the_controls(tmp_path):
    given = {"experiment": {"arms": SUMS}}
    metric = {"kind": "mean", "value": "refunds", "numerator": None, "denominator": None}
    result = ran(context(tmp_path, frame(), effect=given, metric=metric | {"target": None}))
    best = result.measured.best
    assert (result.design.chosen, result.design.grade) == ("randomised", "A")
    assert best.effect == pytest.approx(0.29, abs=5e-5)
    assert (best.lower, best.upper) == pytest.approx((0.04538, 0.53462), abs=5e-5)
    assert result.verdict == "effective"


# FACTS.md, Cookie Cats: 7-day retention -.0082, p .00155; the sample ratio p .0086 is no alarm.
def test_cookie_cats_lost_retention(tmp_path):
    result = ran(context(tmp_path, frame(), effect={"experiment": {"arms": COOKIE_CATS}}))
    assert result.measured.best.effect == pytest.approx(-0.0082, abs=5e-5)
    assert result.measured.best.p_value == pytest.approx(0.00155, abs=5e-5)
    assert result.measured.randomised.split_p_value == pytest.approx(0.0086, abs=5e-5)
    assert result.verdict == "harmful"


# Kohavi 2020: 821,588 against 815,482 users is no fair split.
def test_a_broken_split_leaves_no_verdict_standing(tmp_path):
    arms = {
        "control": {"users": 821588, "successes": 100000},
        "treatment": {"users": 815482, "successes": 120000},
    }
    result = ran(context(tmp_path, frame(), effect={"experiment": {"arms": arms}}))
    assert check(result, "sample_ratio") == "fail"
    assert result.verdict == "cannot_tell"


# FACTS.md, A/B with CUPED: orders per session +12 % (4.2, 21), p .00229.
def test_an_experiment_from_users_takes_their_past_out(tmp_path):
    users = pd.read_csv(ROOT / "tests" / "data" / "ab_tea_users_seed42.csv.gz")
    users.to_csv(tmp_path / "users.csv", index=False)
    experiment = {
        "path": "users.csv",
        "value": "orders",
        "denominator": "sessions",
        "covariate": "orders_covariate",
        "covariate_denominator": "sessions_covariate",
    }
    result = ran(context(tmp_path, frame(), effect={"experiment": experiment}))
    found = result.measured.randomised
    assert found.relative.effect == pytest.approx(0.12, abs=5e-3)
    assert found.estimate.p_value == pytest.approx(0.00229, abs=5e-5)
    assert found.plain is not None


def test_a_missing_table_of_users_is_named(tmp_path: Path):
    given = {"experiment": {"path": "nobody.csv", "value": "orders"}}
    with pytest.raises(DataError, match=r"There is no table .*nobody\.csv \(effect"):
        context(tmp_path, frame(), effect=given)


def durations(folder: Path) -> dict[str, Any]:
    """A table of handling times, shorter by a fifth in the treatment arm."""
    draw = np.random.default_rng(8)
    minutes = np.concatenate([draw.lognormal(3, 0.8, 600), 0.8 * draw.lognormal(3, 0.8, 600)])
    table = pd.DataFrame({"variant": np.repeat([0, 1], 600), "minutes": minutes})
    table.to_csv(folder / "cases.csv", index=False)
    return {"path": "cases.csv", "value": "minutes"}


def test_durations_are_compared_by_their_typical_case(tmp_path):
    experiment = durations(tmp_path) | {"statistic": "geometric_mean"}
    result = ran(context(tmp_path, frame(), effect={"experiment": experiment}, metric=MINUTES))
    found = result.measured.randomised
    assert found.estimate.method == "geometric_mean_ratio"
    assert found.relative.lower < -0.2 < found.relative.upper < 0
    control, treatment = (arm.level for arm in found.arms)
    assert found.estimate.effect == pytest.approx(treatment - control)
    assert result.verdict == "effective"


def test_durations_are_compared_by_what_most_cases_keep(tmp_path):
    experiment = durations(tmp_path) | {"statistic": "quantile", "quantile": 0.9}
    result = ran(context(tmp_path, frame(), effect={"experiment": experiment}, metric=MINUTES))
    best = result.measured.best
    assert best.method == "quantile_change"
    assert best.lower < 0.8 * np.exp(3 + 0.8 * 1.2816) - np.exp(3 + 0.8 * 1.2816) < best.upper


def test_arms_too_small_for_the_aim_say_how_many_more_users_would_settle_it(tmp_path):
    def of(users: int):
        arms = {
            "control": {"users": users, "successes": users // 5},
            "treatment": {"users": users, "successes": users // 5},
        }
        return ran(context(tmp_path, frame(), effect={"experiment": {"arms": arms}, "aim": 0.02}))

    few = of(1000)
    assert few.verdict == "cannot_tell"
    told = next(c for c in few.cautions if c.id == "not_shown")
    assert Language("en").say(told.settles).startswith("Further users, split as before: ")
    enough = of((2000 + few.receipt.more_users) // 2 + 1)
    assert enough.receipt.detectable <= 0.02
    assert enough.receipt.more_users == 0
