"""Stage 4: the design follows from the data, the verdict is no stronger than its evidence."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from tests.conftest import ROOT
from tests.stages.small import LAUNCH, context, frame

from opsbook import show
from opsbook.errors import DataError
from opsbook.project.effect import EffectSection
from opsbook.results.effect import EffectResult
from opsbook.results.plan import Forecast
from opsbook.results.solutions import SolutionsResult
from opsbook.stages import effect, intake
from opsbook.stages.context import Context
from opsbook.stages.due import READS, waits_for
from opsbook.stages.registration import register_waiting
from opsbook.text import Language, say

SUMS = {
    "control": {"users": 3407, "total": 1396.87, "squares": 52377.9767},
    "treatment": {"users": 3461, "total": 2422.7, "squares": 134698.29},
}
COOKIE_CATS = {
    "control": {"users": 44700, "successes": 8502},
    "treatment": {"users": 45489, "successes": 8279},
}


def ran(made: Context) -> Any:
    return effect.run(made)


def check(result: EffectResult, name: str) -> str:
    return next(c.status for c in result.checks if c.id == name)


def test_controls_are_preferred_and_the_rest_is_passed_over_with_a_reason(tmp_path):
    plan = effect.design(context(tmp_path, frame()))
    assert (plan.chosen, plan.grade, plan.fixed) == ("difference_in_differences", "B", False)
    assert len(plan.rejected) == 7
    assert all(option.reason.message for option in plan.rejected)


def test_a_real_effect_is_shown_and_its_worth_comes_with_an_interval(tmp_path):
    given = {"benefit": {"per_case": 30, "currency": "CNY"}}
    result = ran(context(tmp_path, frame(0.03), effect=given))
    assert result.verdict == "effective"
    assert result.measured.best.effect == pytest.approx(0.03, abs=0.012)
    assert result.benefit.lower.value < result.benefit.value.value < result.benefit.upper.value
    assert result.benefit.value.value == pytest.approx(
        result.measured.best.effect * 12 * 10_000 * 30
    )
    assert result.attainment == pytest.approx(
        result.measured.best.effect / (0.25 - result.comparison.before.value)
    )


def test_a_harm_is_called_harmful(tmp_path):
    assert ran(context(tmp_path, frame(-0.05))).verdict == "harmful"


def test_an_aim_that_is_excluded_makes_it_ineffective(tmp_path):
    result = ran(context(tmp_path, frame(), effect={"aim": 0.05}))
    assert result.receipt.detectable < 0.05
    assert result.verdict == "ineffective"


def test_an_aim_too_small_to_see_leaves_it_open_and_says_what_would_settle_it(tmp_path):
    result = ran(context(tmp_path, frame(), effect={"aim": 0.001}))
    assert result.receipt.detectable > 0.001
    assert result.verdict == "cannot_tell"
    assert next(c for c in result.cautions if c.id == "not_shown").settles is not None
    assert check(result, "enough_data") == "look"


def test_one_series_is_judged_by_its_own_past_beside_the_naive_figure(tmp_path):
    result = ran(context(tmp_path, frame(0.05), effect={"controls": None}))
    assert result.design.chosen == "covariance_averaged_gls"
    assert (result.measured.grade, result.naive.grade) == ("C", "D")
    assert result.verdict == "effective"
    assert [line.where for line in result.receipt.lines] == ["own_past"]
    assert {e.method for e in result.measured.interrupted.peers} >= {"newey_west", "segmented_ols"}


def test_rare_events_are_compared_as_counts(tmp_path):
    rare = frame().assign(orders=lambda t: t.place % 3, visits=100)
    plan = effect.design(context(tmp_path, rare, effect={"controls": None}))
    assert plan.chosen == "count_interrupted_series"


def test_a_bare_before_after_comparison_never_says_effective(tmp_path):
    short = frame(0.1)[lambda t: t.place >= 20]
    result = ran(context(tmp_path, short, effect={"controls": None}))
    assert result.design.chosen == "before_after"
    assert result.naive.estimate.excludes_zero
    assert result.verdict == "cannot_tell"


def test_a_design_fixed_by_the_user_carries_their_reason(tmp_path):
    given = {"design": "synthetic_control", "design_reason": "Agreed with finance."}
    result = ran(context(tmp_path, frame(0.05, units=24), effect=given))
    assert result.design.fixed
    assert "Agreed with finance." in Language("en").say(result.design.reason)
    assert result.measured.best.method == "synthetic_control"
    assert result.verdict == "effective"
    # Its own placebos and receipt, beside the difference in differences.
    assert [line.n for line in result.receipt.lines] == [23]
    assert result.receipt.lines[0].effective <= 0.05
    assert result.measured.controlled.cross_checks[0].estimate.method == "difference_in_differences"
    assert check(result, "donor_fit") in {"pass", "look"}


def test_a_single_control_enters_the_interrupted_series(tmp_path):
    given = {"controls": {"dimension": "shop", "only": ["A1"]}}
    result = ran(context(tmp_path, frame(0.05), effect=given))
    assert result.measured.interrupted.with_control


def test_a_staggered_roll_out_is_measured_launch_by_launch(tmp_path):
    table = frame(0.05, units=16)
    late = (table.shop == "A1") & (table.month >= "2022-05-01")
    table.loc[late, "orders"] += 500
    result = ran(context(tmp_path, table, effect={"launches": {"A1": "2022-05-01"}}))
    assert result.design.chosen == "staggered_adoption"
    assert [launch.units for launch in result.measured.staggered.launches] == [("A0",), ("A1",)]
    assert result.measured.best.effect == pytest.approx(0.05, abs=0.02)


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


def test_a_second_intervention_is_a_confounder_and_blocks_a_single_series(tmp_path):
    event = {"title": "Price cut", "from": "2022-03-01", "kind": "intervention"}
    alone = context(tmp_path, frame(0.05), effect={"controls": None}, data={"events": [event]})
    result = ran(alone)
    assert check(result, "confounder_0") == "fail"
    assert result.verdict == "cannot_tell"
    held = ran(context(tmp_path, frame(0.05), data={"events": [event]}))
    assert check(held, "confounder_0") == "look"
    assert held.verdict == "effective"


def test_a_change_of_definition_leaves_no_verdict_standing(tmp_path):
    event = {"title": "Counted anew", "from": "2022-03-01", "kind": "definition_change"}
    result = ran(context(tmp_path, frame(0.05), data={"events": [event]}))
    assert check(result, "definition") == "fail"
    assert result.verdict == "cannot_tell"


def test_a_constant_metric_cannot_be_judged(tmp_path):
    flat = frame().assign(orders=2000)
    result = ran(context(tmp_path, flat, effect={"controls": None}))
    assert result.verdict == "cannot_tell"
    assert result.measured.best is None
    assert "the same in all its periods" in result.measured.missing.message


def test_further_metrics_share_their_false_discoveries(tmp_path):
    also = [{"name": "Refunds", "kind": "sum", "value": "refunds", "better": "lower"}]
    result = ran(context(tmp_path, frame(0.03), effect={"also": also}))
    assert [metric.name for metric in result.metrics] == ["Refunds"]
    assert not result.metrics[0].shown


def test_the_first_plan_is_kept_and_a_change_of_it_is_told(tmp_path):
    run_dir = tmp_path / "out"
    first = effect.design(context(tmp_path, frame(), run_dir=run_dir)).registration
    assert first.hash == first.registered
    assert first.deviations == ()
    later = context(tmp_path, frame(), run_dir=run_dir, effect={"periods": 6})
    again = effect.design(later).registration
    assert again.registered == first.hash != again.hash
    assert [Language("en").say(d) for d in again.deviations] == ["effect.periods was 12, now 6."]
    assert json.loads((run_dir / "registration.json").read_text())["plan"]["effect.periods"] == 12


def test_a_plan_stored_while_the_launch_is_waited_for_is_from_before_the_data(tmp_path):
    run_dir = tmp_path / "out"
    made = context(tmp_path, frame(0.03), run_dir=run_dir)
    register_waiting("effect", made.project, run_dir)
    result = ran(made)
    assert result.design.registration.before_data
    assert check(result, "registration") == "pass"


def test_a_field_that_a_newer_kit_adds_is_no_deviation(tmp_path):
    run_dir = tmp_path / "out"
    first = effect.design(context(tmp_path, frame(), run_dir=run_dir)).registration
    file = run_dir / "registration.json"
    stored = json.loads(file.read_text(encoding="utf-8"))
    for name in ("effect.model", "effect.covariates"):
        del stored["plan"][name]
    del stored["plan"]["effect.controls"]["exclude"]
    file.write_text(json.dumps(stored), encoding="utf-8")
    again = effect.design(context(tmp_path, frame(), run_dir=run_dir)).registration
    assert again == first
    later = context(tmp_path, frame(), run_dir=run_dir, effect={"model": "step_slope"})
    told = effect.design(later).registration.deviations
    assert [Language("en").say(each) for each in told] == ["effect.model was step, now step_slope."]


def test_a_change_inside_a_section_of_the_plan_is_told_by_its_field_alone(tmp_path):
    run_dir = tmp_path / "out"
    made = context(tmp_path, frame(), run_dir=run_dir, effect={"controls": {"dimension": "shop"}})
    effect.design(made)
    fewer = {"controls": {"dimension": "shop", "exclude": ["A1", "A2"]}}
    again = effect.design(context(tmp_path, frame(), run_dir=run_dir, effect=fewer)).registration
    assert [Language("en").say(each) for each in again.deviations] == [
        "effect.controls.exclude was –, now A1, A2."
    ]


def test_without_a_place_to_store_it_the_plan_counts_as_the_first(tmp_path):
    plan = effect.design(context(tmp_path, frame())).registration
    assert plan.hash == plan.registered


def test_a_result_reads_back_equal(tmp_path):
    result = ran(context(tmp_path, frame(0.03)))
    assert EffectResult.model_validate_json(result.model_dump_json()) == result
    assert len(result.model_dump_json()) < 200_000


def test_a_control_that_is_the_treated_unit_is_refused(tmp_path):
    given = {"controls": {"dimension": "shop", "only": ["A0", "A1"]}}
    with pytest.raises(DataError, match="'A0' is the unit in focus"):
        ran(context(tmp_path, frame(), effect=given))


def test_a_launch_outside_the_data_says_what_is_needed(tmp_path):
    with pytest.raises(DataError, match="No whole period before the launch"):
        ran(context(tmp_path, frame(), effect={"launched": "2019-01-01"}))


def test_a_launch_without_a_period_after_it_is_waited_for(tmp_path):
    made = context(tmp_path, frame(), effect={"launched": "2023-06-01"})
    told = waits_for("effect", made.project, {"intake": intake.run(made)})
    assert told is not None
    assert "the first whole period after the launch of 1 Jun 2023" in Language("en").say(told)
    with pytest.raises(DataError, match="No whole period after the launch"):
        ran(made)


def test_too_few_periods_before_leave_a_fixed_design_open_and_say_what_it_needs(tmp_path):
    short = frame(0.1)[lambda t: t.place >= 20]
    given = {"controls": None, "design": "covariance_averaged_gls", "design_reason": "Agreed."}
    result = ran(context(tmp_path, short, effect=given))
    assert (result.verdict, result.measured.best) == ("cannot_tell", None)
    assert check(result, "enough_data") == "fail"
    told = next(c for c in result.checks if c.id == "enough_data")
    assert "There are 4 periods before the launch and 12 after" in Language("en").say(told.finding)
    assert told.todo is not None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"design": "synthetic_control"}, "name controls"),
        ({"design": "randomised"}, "needs experiment"),
        ({"design_reason": "Because."}, "no design is fixed"),
        ({"aim": 0}, "aim is 0"),
        (
            {
                "before": {"from": "2021-01", "to": "2022-01"},
                "after": {"from": "2022-01", "to": "2022-06"},
            },
            "the windows overlap",
        ),
        ({"experiment": {}}, "give either path"),
        (
            {
                "experiment": {
                    "path": "a.csv",
                    "value": "v",
                    "statistic": "quantile",
                    "covariate": "c",
                }
            },
            "neither denominator nor covariate",
        ),
        ({"experiment": {"arms": {"control": {"users": 9, "successes": 10}}}}, "10 successes of 9"),
    ],
)
def test_faults_of_the_params_are_told_at_load(given, words):
    with pytest.raises(ValidationError, match=words):
        EffectSection.model_validate({"launched": LAUNCH, **given})


def test_a_missing_table_of_users_is_named(tmp_path: Path):
    given = {"experiment": {"path": "nobody.csv", "value": "orders"}}
    with pytest.raises(DataError, match=r"There is no table .*nobody\.csv \(effect"):
        context(tmp_path, frame(), effect=given)


def entry(result: EffectResult, label: str) -> str:
    """A line of form 2-5 in English."""
    field = next(f for f in result.forms[0].fields if f.label.term == label)
    return "" if field.value is None else Language("en").say(field.value)


def test_attainment_has_an_interval_and_none_where_the_target_was_met_before(tmp_path):
    ahead = ran(context(tmp_path, frame(0.03)))
    assert 0 < ahead.attainment < 1.5
    assert "95% interval" in entry(ahead, "Attainment")
    met = ran(context(tmp_path, frame(0.03), metric={"target": 0.15}))
    assert met.attainment is None
    assert "met before the launch" in entry(met, "Attainment")
    assert met.receipt.aim is None


@pytest.mark.parametrize(
    ("margin", "status"), [(0.004, "safe"), (0.002, "worse"), (0.0005, "harmed")]
)
def test_a_guardrail_is_harmed_only_where_it_is_shown_beyond_its_margin(tmp_path, margin, status):
    table = frame(0.03)
    noise = np.random.default_rng(4).normal(0, 5, len(table))
    late = (table.shop == "A0") & (table.month >= LAUNCH)
    table["frauds"] = (500 + noise + 20 * late).round()
    rail = {
        "name": "Fraud",
        "numerator": "frauds",
        "denominator": "visits",
        "better": "lower",
        "margin": margin,
    }
    result = ran(context(tmp_path, table, metric={"guardrails": [rail]}))
    assert result.guardrails[0].status == status
    assert any(c.id == "harmed_0" for c in result.cautions) == (status == "harmed")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, True),
        ({"launch_period": "left_out"}, False),
        ({"before": {"from": "2020-01", "to": "2021-12"}}, False),
    ],
)
def test_dilution_is_told_only_of_a_window_that_holds_the_launch(tmp_path, given, told):
    result = ran(context(tmp_path, frame(0.03), effect={"launched": "2022-01-12", **given}))
    assert any(c.id == "launch_period" for c in result.cautions) == told


def test_periods_between_the_windows_belong_to_neither(tmp_path):
    windows = {
        "before": {"from": "2020-01", "to": "2021-12"},
        "after": {"from": "2022-04", "to": "2022-12"},
    }
    clean = ran(context(tmp_path, frame(0.05), effect={"controls": None, **windows}))
    wild = frame(0.05)
    wild.loc[wild.month.between("2022-01-01", "2022-03-01"), "orders"] = 9000
    left_out = ran(context(tmp_path, wild, effect={"controls": None, **windows}))
    assert left_out.measured.interrupted.n_before == 24
    assert left_out.measured.best == clean.measured.best


def test_the_forecast_is_the_one_that_stage_3_saved(tmp_path):
    promise = Forecast(
        metric="Conversion",
        options=("New form",),
        low=0.01,
        mode=0.02,
        high=0.04,
        unit="points",
        minimum_detectable_effect=0.015,
    )
    saved = SolutionsResult(project="small", headline=say("Chosen."), forecast=promise)
    made = context(tmp_path, frame(0.03))
    result = ran(dataclasses.replace(made, upstream={"solutions": saved}))
    assert result.receipt.aim == 0.02
    assert result.forecast.options == ("New form",)
    assert result.forecast.planned == 0.015
    assert any(finding.id == "planned" for finding in result.findings)


def test_without_the_solutions_it_runs_and_holds_nothing_against_a_forecast(tmp_path):
    assert "solutions" not in READS["effect"]
    result = ran(context(tmp_path, frame(0.03)))
    assert (result.verdict, result.forecast) == ("effective", None)


def durations(folder: Path) -> dict[str, Any]:
    """A table of handling times, shorter by a fifth in the treatment arm."""
    draw = np.random.default_rng(8)
    minutes = np.concatenate([draw.lognormal(3, 0.8, 600), 0.8 * draw.lognormal(3, 0.8, 600)])
    table = pd.DataFrame({"variant": np.repeat([0, 1], 600), "minutes": minutes})
    table.to_csv(folder / "cases.csv", index=False)
    return {"path": "cases.csv", "value": "minutes"}


MINUTES = {
    "kind": "mean",
    "value": "refunds",
    "unit": "minutes",
    "better": "lower",
    "target": None,
    "numerator": None,
    "denominator": None,
}


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


def test_positive_values_of_one_series_have_a_ratio_of_typical_levels(tmp_path):
    table = frame()
    late = (table.shop == "A0") & (table.month >= LAUNCH)
    table["refunds"] = table["refunds"].astype(float)
    table.loc[late, "refunds"] *= 0.8
    result = ran(context(tmp_path, table, effect={"controls": None}, metric=MINUTES))
    ratio = result.measured.interrupted.ratio
    assert (ratio.scale, ratio.method) == ("ratio", "covariance_averaged_gls")
    assert ratio.lower < 0.8 < ratio.upper < 1
    assert "On the log scale" in next(
        Language("en").say(f.statement) for f in result.findings if f.id == "ratio"
    )


def test_several_units_get_an_overview_that_holds_chance_down(tmp_path):
    table = frame(0.05, units=16)
    late = (table.shop == "A1") & (table.month >= "2022-05-01")
    table.loc[late, "orders"] += 500
    launches = {"A1": "2022-05-01", "A2": "2022-03-01"}
    result = ran(context(tmp_path, table, effect={"launches": launches}))
    assert [(one.unit, one.shown) for one in result.measured.units] == [
        ("A0", True),
        ("A1", True),
        ("A2", False),
    ]
    assert result.measured.units[1].estimate.effect == pytest.approx(0.05, abs=0.02)
    assert "A2" in show.units(result.measured).html
    assert ran(context(tmp_path, frame())).measured.units == ()
