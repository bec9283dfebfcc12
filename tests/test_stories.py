"""The samples' stories, recomputed from the data: what a reader of the reports must find."""

from __future__ import annotations

import re

import pytest
import yaml
from tests.conftest import ROOT, run_stages

from opsbook.project import load_project
from opsbook.text import Language


def test_jfk_was_worse_than_the_year_before_in_twelve_months_running(jfk):
    result = jfk["trigger"]
    assert result.misses is not None
    year = next(run for run in result.misses.runs if run.against == "last_year")
    assert (year.run, str(year.since.start)) == (12, "2006-09-01")
    assert result.verdict == "start"


def test_jfk_rose_by_11_08_points_of_which_8_54_came_through_the_air_traffic_system(jfk):
    result = jfk["diagnosis"]
    assert result.change.change.value == pytest.approx(0.1108, abs=5e-5)
    assert result.change.volume_change.value == pytest.approx(0.38, abs=5e-3)
    nas = next(row for row in result.causes.rows if row.cause == "n_nas")
    assert nas.change == pytest.approx(0.0854, abs=5e-5)
    assert nas.peers_change == pytest.approx(-0.0044, abs=5e-5)
    assert len(result.causes.peers) == 26
    assert result.causes.unexplained == pytest.approx(0, abs=2e-4)


def test_the_weather_is_refuted_and_stays_in_sight(jfk):
    status = {why.id: why.status for why in jfk["diagnosis"].whys.rows}
    assert status == {
        "air_traffic": "confirmed",
        "weather": "refuted",
        "overscheduling": "untested",
    }


def test_jfks_caps_are_still_first_under_84_percent_of_weightings(jfk):
    result = jfk["solutions"]
    shut = {row.id: [gate.gate.term for gate in row.shut] for row in result.gates.rows if row.shut}
    assert shut == {
        "slot_auction": ["not legal"],
        "airspace_redesign": ["over the hard budget", "past the deadline"],
    }
    assert result.surety.best == "Hourly caps on scheduled flights"
    assert result.surety.share == pytest.approx(0.84, abs=0.01)
    assert result.surety.verdict == "clear"
    assert (result.forecast.low, result.forecast.mode) == (-0.05, -0.03)


def test_the_shop_holds_its_judgements_together_and_its_pilot_is_long_enough(shop):
    result = shop["solutions"]
    assert result.scores.consistency_ratio < 0.1
    assert result.money.costs.cut == ("线下地推", "首页弹窗广告位")
    assert result.plan.pilot.enough
    assert result.forecast.minimum_detectable_effect == pytest.approx(0.0076, abs=1e-4)


def test_jfk_looks_like_a_success_and_is_not_shown_to_be_one(jfk):
    result = jfk["effect"]
    assert result.naive.estimate.effect == pytest.approx(-0.0198, abs=5e-5)
    assert result.controlled.estimate.effect == pytest.approx(-0.0108, abs=5e-5)
    assert result.controlled.rank == pytest.approx(0.19, abs=5e-3)
    assert result.verdict == "cannot_tell"
    assert result.receipt.detectable > abs(result.receipt.aim) == pytest.approx(0.03)
    assert jfk["control"].decision.action == "extend"
    assert not any(form.id == "2-6" and form.fields[0].value is None for form in result.forms)


@pytest.mark.parametrize("guide", ["reading-a-report.md", "reading-a-report.zh.md"])
def test_the_guide_for_managers_cites_the_interval_of_this_sample(jfk, guide):
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8").replace("−", "-")
    interval = jfk["effect"].controlled.estimate
    cited = re.search(
        r"-1\.08 (?:percentage points|个百分点) ?[(（](\S+) (?:to|至) ([^)）]+)", text
    )
    assert cited is not None
    assert [float(limit) for limit in cited.groups()] == [
        round(100 * interval.lower, 1),
        round(100 * interval.upper, 1),
    ]


def test_nothing_is_made_standard_where_no_effect_is_shown(jfk):
    text = Language("en").say(jfk["control"].headline)
    assert "nothing is made standard" in text


def test_the_clinic_went_from_10_5_to_2_2_percent(clinic):
    comparison = clinic["effect"].comparison
    assert comparison.before.value == pytest.approx(0.105, abs=5e-4)
    assert comparison.after.value == pytest.approx(0.022, abs=5e-4)


def test_the_clinic_is_judged_by_its_own_past_and_not_by_before_and_after(clinic):
    result = clinic["effect"]
    assert (result.verdict, result.design.chosen) == ("effective", "count_interrupted_series")
    assert (result.measured.grade, result.naive.grade) == ("C", "D")
    assert result.measured.interrupted.ratio.upper < 1


def test_the_clinic_breaches_its_new_limits_in_february_and_march_1849(clinic):
    result = clinic["control"]
    assert [str(period.start) for period in result.watch.breaches] == ["1849-02-01", "1849-03-01"]
    assert result.watch.level == "red"
    assert 0 < result.watch.lost < 1
    assert result.decision.action == "mend"


def test_december_1841_is_a_gap_and_no_zero(clinic):
    result = clinic["intake"]
    missing = [
        str(period.start)
        for period, state in zip(result.coverage.periods, result.coverage.state, strict=True)
        if state == "missing"
    ]
    assert missing == ["1841-12-01"]
    points = {str(p.period.start): p.value for p in clinic["trigger"].history.series.points}
    assert points["1841-12-01"] is None


def test_the_shop_gains_about_3_2_points_where_the_naive_figure_says_more(shop):
    result = shop["effect"]
    truth = 0.032
    assert result.controlled.estimate.lower < truth < result.controlled.estimate.upper
    assert result.naive.estimate.effect > truth + 0.01
    assert result.verdict == "effective"
    assert result.forecast.kept == "kept"
    assert shop["control"].decision.rollback_met
    assert shop["control"].decision.action == "mend"


def test_the_shop_harms_its_fraud_guardrail_and_no_other(shop):
    assert [rail.status for rail in shop["effect"].guardrails] == ["harmed", "safe"]


def test_the_shop_gains_money_and_finds_the_gain_at_the_verification_alone(shop):
    result = shop["effect"]
    assert 0 < result.benefit.lower.value < result.benefit.value.value
    assert {metric.name: metric.shown for metric in result.metrics} == {
        "验证环节离开率": True,
        "填写中离开率": False,
        "未开始填写率": False,
    }


def test_the_coupon_is_judged_by_its_randomised_arms():
    result = run_stages("coupon_ab")["effect"]
    assert (result.design.chosen, result.design.grade) == ("randomised", "A")
    assert result.verdict == "effective"
    assert result.measured.best.effect == pytest.approx(1083 / 3275 - 991 / 3312)
    assert not result.measured.randomised.mismatch
    rail = result.guardrails[0]
    assert (rail.grade, rail.status) == ("A", "safe")
    assert (rail.before, rail.after) == pytest.approx((169 / 3312, 181 / 3275))


def test_every_page_of_the_shop_says_that_it_is_simulated(shop):
    assert any(caution.id == "simulated" for caution in shop["intake"].cautions)


def test_la_guardia_is_measured_by_the_same_file_with_other_words():
    overrides = {
        "data": {"kpi": {"focus": {"airport": "LGA"}}},
        "effect": {
            "launched": "2009-01-15",
            "controls": {"dimension": "airport", "exclude": ["JFK", "EWR"]},
        },
        "diagnosis": {"peers": {"dimension": "airport", "exclude": ["JFK", "EWR"]}},
    }
    result = run_stages("jfk_delays", overrides)["effect"]
    assert result.controlled.estimate.effect == pytest.approx(-0.0294, abs=5e-5)
    assert result.controlled.rank == pytest.approx(0.04, abs=5e-3)
    assert result.verdict == "effective"
    assert result.controlled.scales_disagree
    assert any(finding.id == "scales" for finding in result.findings)


@pytest.mark.parametrize("name", ["jfk", "clinic", "shop"])
def test_each_samples_next_file_is_valid(name, request, tmp_path):
    result = request.getfixturevalue(name)["control"]
    file = tmp_path / "next.yaml"
    file.write_text(result.next_params, encoding="utf-8")
    project = load_project(file)
    assert project.data.kpi.path is not None
    assert (ROOT / "params" / project.data.kpi.path).is_file()
    assert yaml.safe_load(result.next_params)["trigger"]["baseline"]
