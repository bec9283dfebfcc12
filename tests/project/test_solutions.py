"""The section `solutions`: shorthand is read, faults are refused with the value and the choices."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from tests.stages.solutions_case import option, section

from opsbook.project.solutions import SolutionsSection

TASK = {"id": "a", "title": "A", "owner": "Ann", "days": 1}
STEP = {"title": "Check", "minutes": 4, "value_added": False}
RISK = {"title": "Late", "probability": 0.5, "impact": 2}


def refused(values: dict[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        SolutionsSection.model_validate(values)
    return str(caught.value)


def plan(*tasks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return section(plan={"start": "2024-01-01", "tasks": list(tasks)} | fields)


def test_a_number_is_a_guess_without_a_span():
    values = option(section(), 0, cost=5, weeks={"low": 1, "mode": 2, "high": 4})
    found = SolutionsSection.model_validate(values).options[0]
    assert (found.cost.low, found.cost.mode, found.cost.high) == (5, 5, 5)
    assert found.weeks.high == 4


def test_an_anchor_may_carry_its_meaning():
    values = section()
    values["criteria"][0]["anchors"] = [["0%", 0, "none"], {"at": "10%", "points": 100}]
    anchors = SolutionsSection.model_validate(values).criteria[0].anchors
    assert [(a.at, a.meaning) for a in anchors] == [(0, "none"), (0.1, "")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"scores": {"zz_gain": 80}}, "option 'zz_a' has no score for 'zz_ease'"),
        ({"scores": {"zz_gain": None, "zz_ease": 1}}, "a blank is no zero"),
        ({"scores": {"zz_gain": 1, "zz_ease": 1, "x": 1}}, "scores 'x', which is no criterion"),
        ({"scores": {"zz_gain": {"raters": {"A": None}}, "zz_ease": 1}}, "nobody has scored"),
        (
            {"scores": {"zz_gain": {"low": 3, "mode": 2, "high": 4}, "zz_ease": 1}},
            "must rise from low to mode to high; it is 3, 2, 4",
        ),
        ({"cost": "¥12,000"}, "without currency sign"),
        ({"cost": -1}, "must be zero or more"),
        ({"id": "zz_b"}, "option 'zz_b' is there more than once"),
        ({"requires": ["zz_c"]}, "names 'zz_c', which is no option; there are: zz_a, zz_b"),
        ({"risks": [RISK, RISK]}, "lists the risk 'Late' more than once"),
        ({"risks": [RISK | {"severity": 3}]}, "severity, occurrence and detection together"),
        (
            {"risks": [RISK | {"before": {"probability": 0.1, "impact": 2}}]},
            "worse after mitigation than before",
        ),
    ],
)
def test_an_options_faults_are_told(fields, words):
    assert words in refused(option(section(), 0, **fields))


@pytest.mark.parametrize(
    ("weights", "weighting", "words"),
    [
        ((-1, 1), None, "greater than or equal to 0"),
        ((0, 0), None, "all weights are zero"),
        ((1, None), None, "criterion 'zz_ease' has no weight, and others have"),
        (
            (None, None),
            {"method": "point_allocation"},
            "criterion 'zz_gain' has no weight, which point_allocation reads",
        ),
        ((50, 20), {"method": "swing_weights"}, "the largest swing must be 100"),
        (
            (None, None),
            {"method": "rank_order_centroid", "order": ["zz_gain"]},
            "must name each criterion once: zz_gain, zz_ease",
        ),
        (
            (None, None),
            {"method": "analytic_hierarchy_process"},
            "lacks 'zz_gain' against 'zz_ease'",
        ),
        (
            (None, None),
            {"method": "analytic_hierarchy_process", "judgements": [["zz_gain", "x", 2]]},
            "names 'x', which is no criterion",
        ),
        (
            (None, None),
            {"method": "analytic_hierarchy_process", "judgements": [["zz_gain", "zz_ease", 0]]},
            "by a number over zero",
        ),
    ],
)
def test_weights_that_cannot_be_used_are_refused(weights, weighting, words):
    values = section(weighting=weighting)
    for criterion, weight in zip(values["criteria"], weights, strict=True):
        criterion["weight"] = weight
    assert words in refused(values)


@pytest.mark.parametrize(
    ("anchors", "words"),
    [
        ([[0, 0], [10, 90]], "run from 0 to 90"),
        ([[0, 0], [5, 100], [10, 50]], "rise and fall again"),
        ([[0, 0], [0, 100]], "two anchors at 0"),
    ],
)
def test_a_scale_must_run_one_way_from_nothing_to_everything(anchors, words):
    values = section()
    values["criteria"][0]["anchors"] = anchors
    assert words in refused(values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (plan(TASK | {"owner": "Ann, Bob"}), "name exactly one, and put the others into helpers"),
        (plan(TASK | {"owner": " "}), "every task has exactly one owner"),
        (plan(TASK, TASK), "task 'a' is there more than once"),
        (plan(TASK | {"after": ["b"]}), "waits for 'b', which is no task; there are: a"),
        (
            plan(TASK | {"after": ["b"]}, TASK | {"id": "b", "after": ["a"]}),
            "tasks wait for each other in a circle: a → b → a",
        ),
        (plan(TASK | {"days": None}), "task 'a' needs either days, or start and due"),
        (plan(TASK | {"days": None, "due": "2024-02-01"}), "due needs a start"),
        (plan(TASK | {"start": "2023-12-31"}), "before the plan (2024-01-01)"),
        (plan(pilot={"share": 1, "days": 7}), "less than 1"),
        (section(steps=[STEP | {"action": "eliminate", "minutes_after": 1}]), "still takes time"),
        (section(steps=[STEP | {"minutes_after": 1}]), "is kept and changes its minutes"),
        (section(choose_by="net_present_value"), "needs `money`"),
        (section(exclusives=[["zz_a", "zz_x"]]), "names 'zz_x', which is no option"),
        (section(cost_items=[{"title": "Ads", "cost": "€5"}]), "without currency sign"),
        (section(cost_items=[{"title": "Ads", "cost": 5}] * 2), "cost item 'Ads'"),
    ],
)
def test_faults_of_plan_and_means_are_told(values, words):
    assert words in refused(values)


def test_a_criterion_measured_by_the_option_takes_no_score_and_needs_the_measure():
    values = section()
    values["criteria"][0]["measure"] = "effect"
    assert "which is measured by its effect; leave the score out" in refused(values)
    for i in (0, 1):
        del values["options"][i]["scores"]["zz_gain"]
    assert "option 'zz_a' has no effect" in refused(values)
    values["criteria"][0]["measure"] = "risk"
    assert "an option without risks has not been looked at" in refused(values)
