"""Stage 4: the plan that was stored first, and what became of it."""

from __future__ import annotations

import json

from tests.stages.small import check, context, frame, ran

from opsbook.stages import effect
from opsbook.stages.registration import register_waiting
from opsbook.text import Language


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
