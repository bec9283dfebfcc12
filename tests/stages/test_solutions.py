"""Stage 3: what is scored, who wins and how surely, what is chosen, planned and forecast."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.stages.solutions_case import context, diagnosis, option, section, solve

from opsbook.methods.solutions.pilot_size import PilotPlan, pilot_size
from opsbook.results.solutions import SolutionsResult
from opsbook.stages import solutions
from opsbook.text import Language

ENGLISH = Language("en")
EASE = {"zz_ease": 60}
EFFECT = {"low": 0.0, "mode": 0.05, "high": 0.1}
PLAN: dict[str, Any] = {
    "start": "2024-04-01",
    "tasks": [
        {"id": "zz_build", "title": "Build", "owner": "Ann", "days": 10},
        {"id": "zz_texts", "title": "Texts", "owner": "Bob", "days": 3},
        {"id": "zz_live", "title": "Live", "owner": "Ann", "days": 0, "after": ["zz_build"]},
    ],
}


def said(result: Any) -> dict[str, str]:
    """Caution → its sentence."""
    return {caution.id: ENGLISH.say(caution.statement) for caution in result.cautions}


@pytest.mark.parametrize(
    ("fields", "limits", "reason"),
    [
        ({"gates": {"legal": False}}, {}, "not legal"),
        ({"gates": {"technical": False}}, {}, "technically impossible"),
        ({"gates": {"union agrees": False}}, {}, "not passed: union agrees"),
        ({"cost": 11}, {"hard_budget": 10}, "costs EUR 11, over the hard budget of EUR 10"),
        ({"weeks": 9}, {"deadline_weeks": 8}, "works after 9 weeks, past the deadline of 8 weeks"),
        ({"harms": ["Returns"]}, {}, "harms Returns"),
    ],
)
def test_an_option_with_a_shut_gate_is_shown_with_it_and_never_scored(
    tmp_path, fields, limits, reason
):
    result = solve(tmp_path, option(section(**limits), 0, **fields))
    shut = result.gates.rows[0].shut
    assert [ENGLISH.say(gate.reason) for gate in shut] == [reason]
    assert [row.title for row in result.scores.rows] == ["Beta"]
    assert result.choice.titles == ("Beta",)


def test_costing_just_the_hard_budget_passes(tmp_path):
    result = solve(tmp_path, option(section(hard_budget=10), 0, cost=10))
    assert result.gates.open == ("zz_a", "zz_b")


def test_a_gate_that_nobody_answered_is_a_question_before_the_choice(tmp_path):
    result = solve(tmp_path, option(section(), 0, gates={"legal": True, "technical": None}))
    asked = result.gates.rows[0].unanswered
    assert [ENGLISH.say(question) for question in asked] == ["technically possible?"]
    assert "gates that nobody has answered: 1" in said(result)["open_zz_a"]


# Lahdelma & Salminen's analysis by hand: A (.8, .3) beats B (.4, .6) where w > 3/7.
def test_the_winner_is_first_under_four_sevenths_of_all_weightings(tmp_path):
    surety = solve(tmp_path, section()).surety
    assert surety.best == "Alpha"
    assert surety.share == pytest.approx(4 / 7, abs=3 * surety.standard_error)
    assert surety.verdict == "leaning"


def test_the_order_that_weights_state_is_kept_in_the_draws(tmp_path):
    params = section()
    params["criteria"][0]["weight"], params["criteria"][1]["weight"] = 3, 1
    surety = solve(tmp_path, params).surety
    assert surety.share == 1
    assert surety.share_any_weights == pytest.approx(4 / 7, abs=0.02)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_draws(tmp_path):
    params = option(section(), 1, scores={"zz_gain": {"low": 20, "mode": 40, "high": 90}} | EASE)
    first, again = solve(tmp_path, params), solve(tmp_path, params)
    assert first.model_dump_json() == again.model_dump_json()
    other = solve(tmp_path, params | {"seed": 2})
    assert other.surety.share != first.surety.share


def test_a_missing_rater_is_no_zero(tmp_path):
    rated = {"raters": {"Ann": 70, "Bob": 90, "Cy": None}}
    result = solve(tmp_path, option(section(), 0, scores={"zz_gain": rated, "zz_ease": 30}))
    cell = result.scores.rows[0].cells[0]
    assert (cell.low, cell.value, cell.high, cell.n_raters) == (70, 80, 90, 2)
    assert said(result)["raters_missing"] == "Raters who left scores blank: Cy."


def test_measures_come_from_the_option_itself(tmp_path):
    params = section(money={"volume": 1000, "unit_value": 10})
    ends = [[0, 0], [1000, 100]]
    params["criteria"] = [
        {"id": "c", "title": "Cost", "measure": "cost", "anchors": [[0, 100], [100, 0]]},
        {"id": "e", "title": "Effect", "measure": "effect", "anchors": [["0%", 0], ["10%", 100]]},
        {"id": "b", "title": "Benefit", "measure": "benefit", "anchors": ends},
        {"id": "r", "title": "Risk", "measure": "risk", "anchors": [[0, 100], [5, 0]]},
    ]
    risk = {"title": "Late", "probability": 0.5, "impact": 2}
    for i in (0, 1):
        option(params, i, scores={}, cost=25, effect=EFFECT, risks=[risk])
    cells = solve(tmp_path, params).scores.rows[0].cells
    assert [round(cell.value, 9) for cell in cells] == [25, 0.05, 500, 1]
    assert [round(cell.points, 9) for cell in cells] == [75, 50, 50, 80]


@pytest.mark.parametrize(
    ("weighting", "weights", "shares"),
    [
        (None, (None, None), (0.5, 0.5)),
        (None, (3, 1), (0.75, 0.25)),
        ({"method": "swing_weights"}, (100, 60), (0.625, 0.375)),
        (
            {"method": "rank_order_centroid", "order": ["zz_ease", "zz_gain"]},
            (None, None),
            (0.25, 0.75),
        ),
        (
            {"method": "analytic_hierarchy_process", "judgements": [["zz_gain", "zz_ease", 4]]},
            (None, None),
            (0.8, 0.2),
        ),
    ],
)
def test_weights_come_from_each_method(tmp_path, weighting, weights, shares):
    params = section(weighting=weighting)
    for criterion, weight in zip(params["criteria"], weights, strict=True):
        criterion["weight"] = weight
    found = [criterion.weight for criterion in solve(tmp_path, params).scores.criteria]
    assert found == pytest.approx(shares)


def test_contradicting_judgements_are_told_and_not_mended(tmp_path):
    params = section()
    params["criteria"].append({"id": "c", "title": "Calm", "anchors": [[0, 0], [100, 100]]})
    for i in (0, 1):
        params["options"][i]["scores"]["c"] = 50
    params["weighting"] = {
        "method": "analytic_hierarchy_process",
        "judgements": [["zz_gain", "zz_ease", 5], ["zz_ease", "c", 5], ["c", "zz_gain", 5]],
    }
    result = solve(tmp_path, params)
    assert result.scores.consistency_ratio > 0.1
    assert len(result.scores.contradictions) == 3
    assert "contradict each other" in said(result)["inconsistent"]


def test_a_confirmed_cause_without_an_option_and_an_option_without_a_cause_are_told(tmp_path):
    result = solve(tmp_path, section(), upstream=diagnosis(zz_slow="confirmed"))
    assert result.gates.causes_without_option == ("Pages are slow.",)
    assert "Alpha, Beta" in said(result)["no_cause"]


def test_removing_a_deeper_cause_covers_what_it_causes(tmp_path):
    params = option(section(), 0, cause="zz_disk")
    result = solve(tmp_path, params, upstream=diagnosis(zz_slow="confirmed"))
    assert result.gates.causes_without_option == ()
    assert said(result)["unproven_zz_a"] == "Alpha addresses a cause that is untested."


# By hand: 0.05 × 1,000 × 2 = 100 a year for two years, for 100 today, at no interest.
def test_money_of_an_option_by_hand(tmp_path):
    params = section(money={"volume": 1000, "unit_value": 2, "years": 2, "rate": 0})
    option(params, 0, cost=100, effect=EFFECT)
    known, unknown = solve(tmp_path, params).money.options
    assert known.benefit == pytest.approx(100)
    assert known.roi == pytest.approx(2)
    assert known.net_present_value == pytest.approx(100)
    assert known.payback_years == pytest.approx(1)
    # Loss where the effect is under 0.025, on a triangle from 0 over 0.05 to 0.1: 1/8.
    assert known.probability_of_loss == pytest.approx(0.125, abs=0.01)
    assert unknown.lacks is not None
    assert unknown.roi is None


def test_a_chosen_option_that_rather_loses_money_is_told(tmp_path):
    params = section(money={"volume": 1000, "unit_value": 2, "years": 2, "rate": 0})
    option(params, 0, cost=100, effect=EFFECT)
    option(params, 1, cost=1000, effect=EFFECT)
    found = [caution.id for caution in solve(tmp_path, params).cautions]
    assert "loses_zz_b" in found
    assert "loses_zz_a" not in found


def test_steps_that_go_raise_the_share_that_adds_value(tmp_path):
    steps = [
        {"title": "Form", "minutes": 6, "value_added": True},
        {"title": "Check", "minutes": 4, "value_added": False, "action": "eliminate"},
    ]
    found = solve(tmp_path, section(steps=steps)).money.steps
    assert (found.minutes, found.minutes_after) == (10, 6)
    assert (found.value_share, found.value_share_after) == (0.6, 1)


def test_what_works_late_brings_less(tmp_path):
    params = section(money={"volume": 1000, "unit_value": 2, "years": 2, "rate": 0})
    option(params, 0, cost=100, effect=EFFECT, weeks=26.0893)
    row = solve(tmp_path, params).money.options[0]
    assert row.net_present_value == pytest.approx(50, abs=0.01)


def test_where_less_is_better_a_fall_is_worth_money(tmp_path):
    params = section(money={"volume": 1000, "unit_value": 2})
    option(params, 0, effect={"low": -0.1, "mode": -0.05, "high": 0})
    falls = context(tmp_path, params)
    project = falls.project.model_copy(
        update={"metric": falls.project.metric.model_copy(update={"better": "lower"})}
    )
    gates = solutions.gates(falls)
    other = type(falls)(project=project, tables=falls.tables)
    rows = solutions.money(other, gates).options or ()
    assert [row.benefit for row in rows] == [pytest.approx(100), None]


def test_nothing_fits_and_what_is_missing_is_told(tmp_path):
    params = section(budget=5)
    for i, cost in enumerate((8, 6)):
        option(params, i, cost=cost)
    result = solve(tmp_path, params)
    assert result.choice.chosen == ()
    assert result.tone == "warn"
    assert [ENGLISH.say(lack) for lack in result.choice.missing] == [
        "Beta: EUR 1 is missing.",
        "Alpha: EUR 3 is missing.",
    ]


def test_more_money_names_what_it_would_buy_by_title(tmp_path):
    params = section(budget=10, extra_budget=6)
    for i, cost in enumerate((10, 6)):
        option(params, i, cost=cost)
    choice = solve(tmp_path, params).choice
    assert choice.titles == ("Alpha",)
    assert ENGLISH.say(choice.next_best) == "EUR 6 more would buy: Beta."


def test_options_for_one_cause_exclude_each_other_unless_the_params_say_otherwise(tmp_path):
    params = section()
    for i in (0, 1):
        option(params, i, cause="zz_slow")
    assert solve(tmp_path, params).choice.titles == ("Alpha",)
    assert solve(tmp_path, params | {"exclusives": []}).choice.titles == ("Alpha", "Beta")


def test_an_option_whose_prerequisite_is_knocked_out_is_left_out(tmp_path):
    params = option(option(section(), 0, requires=["zz_b"]), 1, gates={"legal": False})
    result = solve(tmp_path, params)
    assert result.choice.chosen == ()
    assert "Alpha requires Beta, which is knocked out." in said(result).values()


def test_the_choice_can_go_by_net_present_value(tmp_path):
    params = section(
        money={"volume": 1000, "unit_value": 2}, choose_by="net_present_value", exclusives=[]
    )
    option(params, 0, cost=1e6, effect=EFFECT)
    option(params, 1, cost=1, effect=EFFECT)
    assert solve(tmp_path, params).choice.titles == ("Beta",)


def test_a_decision_stands_beside_the_computed_choice(tmp_path):
    decided = {"chosen": ["zz_b"], "who": "Ann", "when": "2024-03-01", "why": "cheaper to keep"}
    params = section(decision=decided, exclusives=[["zz_a", "zz_b"]])
    result = solve(tmp_path, params)
    assert result.choice.titles == ("Alpha",)
    assert ENGLISH.say(result.headline) == "Decided by Ann: Beta."
    assert "decision_differs" in said(result)
    assert ENGLISH.say(result.forms[0].fields[0].value) == "Beta"


def test_risks_stand_by_action_priority_and_not_by_the_product(tmp_path):
    # 10 × 1 × 4 and 2 × 4 × 5 are both 40; only the first endangers people.
    fire = {"title": "Fire", "probability": 0.01, "impact": 5}
    fire |= {"severity": 10, "occurrence": 1, "detection": 4}
    typo = {"title": "Typo", "probability": 0.9, "impact": 1}
    typo |= {"severity": 2, "occurrence": 4, "detection": 5}
    result = solve(tmp_path, option(section(), 0, risks=[typo, fire, {**typo, "title": "Slip"}]))
    assert result.risks.rows[0].title == "Fire"
    assert {row.risk_priority_number for row in result.risks.rows} == {40}


def test_an_indicator_beyond_its_threshold_warns(tmp_path):
    risk = {"title": "Fraud", "probability": 0.2, "impact": 3, "indicator": "share"}
    risk |= {"threshold": 3, "observed": 4, "plan": "take it back"}
    result = solve(tmp_path, option(section(), 0, risks=[risk]))
    assert result.risks.rows[0].warning is True
    assert said(result)["warning_0"] == "The indicator of a risk warns now: Fraud"


def test_the_plan_has_dates_a_critical_path_and_late_tasks(tmp_path):
    plan = solve(tmp_path, section(plan=PLAN | {"as_of": "2024-04-05"})).plan
    build, texts, live = plan.steps
    assert (build.start, build.due) == (dt.date(2024, 4, 1), dt.date(2024, 4, 10))
    assert (live.start, live.due) == (dt.date(2024, 4, 10), dt.date(2024, 4, 10))
    assert plan.critical == ("Build", "Live")
    assert (texts.slack, texts.late, build.late) == (7, True, False)


def test_a_start_before_what_it_waits_for_is_told(tmp_path):
    tasks = [*PLAN["tasks"][:2], PLAN["tasks"][2] | {"start": "2024-04-03"}]
    result = solve(tmp_path, section(plan=PLAN | {"tasks": tasks}))
    assert "too_early" in said(result)


def test_the_pilot_is_sized_by_the_data_before_the_plan_only(tmp_path):
    pilot = {"share": 0.5, "days": 7, "rollback": "returns over 5%"}
    params = option(section(plan=PLAN | {"pilot": pilot}), 0, effect=EFFECT)
    params["exclusives"] = [["zz_a", "zz_b"]]
    found = solve(tmp_path, params, rates=(0.15, 0.9)).plan.pilot
    asked = pilot_size(
        PilotPlan(daily_volume=1000, share=0.5, days=7), forecast=0.05, baseline=0.15
    )
    assert found.baseline == pytest.approx(0.15)
    assert found.minimum_detectable_effect == pytest.approx(asked.minimum_detectable_effect)
    assert found.days_needed == asked.days_needed


def test_the_forecast_is_kept_for_the_effect_test(tmp_path):
    pilot = {"share": 0.5, "days": 7}
    params = option(section(plan=PLAN | {"pilot": pilot}), 0, effect=EFFECT)
    result = solve(tmp_path, params | {"exclusives": [["zz_a", "zz_b"]]})
    forecast = result.forecast
    assert (forecast.low, forecast.mode, forecast.high) == (0.0, 0.05, 0.1)
    assert (forecast.metric, forecast.unit) == ("Conversion", "points")
    assert forecast.options == ("Alpha",)
    assert forecast.minimum_detectable_effect == result.plan.pilot.minimum_detectable_effect
    assert said(result)["no_rollback"] == "The pilot has no rollback condition."


def test_a_pilot_that_is_too_short_says_how_long_it_must_run(tmp_path):
    pilot = {"share": 0.5, "days": 1, "rollback": "x", "daily_volume": 50}
    small = {"low": 0.0, "mode": 0.02, "high": 0.04}
    params = option(section(plan=PLAN | {"pilot": pilot}), 0, effect=small)
    result = solve(tmp_path, params | {"exclusives": [["zz_a", "zz_b"]]})
    assert result.plan.pilot.enough is False
    caution = next(one for one in result.cautions if one.id == "pilot_too_short")
    days = ENGLISH.number(result.plan.pilot.days_needed, 0)
    assert ENGLISH.say(caution.settles) == f"Let it run {days} days."


def test_without_anything_optional_the_stage_still_answers(tmp_path):
    result = solve(tmp_path, section())
    assert result.money.options is None
    assert result.money.costs is None
    assert result.plan is None
    assert result.forecast is None
    assert result.risks.rows == ()
    assert {form.id for form in result.forms} == {"2-3"}


def test_with_one_option_there_is_nothing_to_compare(tmp_path):
    result = solve(tmp_path, option(section(), 1, gates={"legal": False}))
    assert result.surety is None
    assert result.scores.rows[0].rank == 1


def test_where_no_option_passes_nothing_is_done(tmp_path):
    params = section()
    for i in (0, 1):
        option(params, i, gates={"legal": False})
    result = solve(tmp_path, params)
    assert result.scores.rows == ()
    assert result.choice.chosen == ()
    assert "no option passes" in ENGLISH.say(result.headline)


def test_a_large_result_stays_small_and_reads_back_equal(tmp_path):
    params = section()
    criteria = [f"c{j}" for j in range(8)]
    anchors = [[0, 0], [10, 100]]
    params["criteria"] = [{"id": c, "title": c.upper(), "anchors": anchors} for c in criteria]
    params["options"] = [
        {
            "id": f"o{i}",
            "title": f"Option number {i}",
            "scores": {
                c: {"low": (i + j) % 7, "mode": (i + j) % 7 + 1, "high": (i + j) % 7 + 3}
                for j, c in enumerate(criteria)
            },
        }
        for i in range(20)
    ]
    result = solve(tmp_path, params)
    text = result.model_dump_json()
    assert len(text) < 200_000
    assert SolutionsResult.model_validate_json(text) == result
