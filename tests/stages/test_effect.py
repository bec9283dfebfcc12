"""Stage 4: the design follows from the data, the verdict is no stronger than its evidence."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from pydantic import ValidationError
from tests.stages.small import LAUNCH, MINUTES, check, context, frame, ran

from opsbook import show
from opsbook.errors import DataError
from opsbook.project.effect import EffectSection
from opsbook.results.effect import EffectResult
from opsbook.results.plan import Forecast
from opsbook.results.solutions import SolutionsResult
from opsbook.stages import effect, intake
from opsbook.stages.due import READS, waits_for
from opsbook.text import Language, say


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
    assert "Periods with data: 4 before the launch, 12 after" in Language("en").say(told.finding)
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
