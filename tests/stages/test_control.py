"""Stage 5: only what is shown to work is made standard."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError
from tests.stages.small import context, frame

from opsbook.data import load_tables
from opsbook.project import load_project
from opsbook.results.control import ControlResult
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.whys import Whys, WhyState, WhyVerdict
from opsbook.stages import control, effect, trigger
from opsbook.stages.context import Context
from opsbook.text import Language, Quantity, say


def why(name: str, status: WhyState, *, controllable: bool = True) -> WhyVerdict:
    return WhyVerdict(
        id=name,
        claim=name[0].upper(),
        because_of=None,
        controllable=controllable,
        status=status,
        chain=status,
        depth=0,
        joins="or",
        evidence=(),
    )


WHYS = DiagnosisResult(
    project="small",
    headline=say("Diagnosed."),
    whys=Whys(
        rows=(
            why("refuted", "refuted"),
            why("outside", "untested", controllable=False),
            why("ours", "untested"),
            why("known", "confirmed"),
        ),
        total=Quantity(value=1),
    ),
)


def controlled(folder: Any, change: float, **given: Any) -> tuple[Context, Any]:
    before = context(folder, frame(change), **given)
    after = Context(
        project=before.project,
        tables=before.tables,
        upstream={"diagnosis": WHYS, "effect": effect.run(before)},
        run_dir=before.run_dir,
    )
    return after, control.run(after)


def test_a_shown_effect_is_made_standard_with_limits_and_dated_reviews(tmp_path):
    _, result = controlled(tmp_path, 0.03, control={"procedure": "Checklist 2", "owner": "Ann"})
    assert result.decision.action == "standardise"
    assert result.decision.reviews[0] == dt.date(2023, 1, 1) + dt.timedelta(weeks=4)
    assert result.watch.baseline_start.start == dt.date(2022, 1, 1)
    entry = {field.label.term: field.value for field in result.forms[0].fields}
    assert Language("en").say(entry["Procedure and version"]) == "Checklist 2"


def test_the_roll_out_goes_first_where_most_is_to_be_gained_and_shrinks_the_effect(tmp_path):
    _, result = controlled(tmp_path, 0.03)
    gains = [site.gain for site in result.roll_out.sites]
    assert gains == sorted(gains, reverse=True)
    assert 0 < result.roll_out.shrinkage < 1
    assert max(site.expected for site in result.roll_out.sites) < result.roll_out.effect.value


def test_harm_meets_the_rollback_condition_and_names_the_next_hypotheses(tmp_path):
    _, result = controlled(tmp_path, -0.05)
    assert (result.decision.action, result.decision.rollback_met) == ("roll_back", True)
    assert [why.id for why in result.decision.hypotheses] == ["ours", "outside", "refuted"]
    assert result.roll_out is None
    assert result.tone == "bad"
    assert [caution.id for caution in result.cautions] == []


def test_the_next_check_learns_from_the_change_only_where_it_stays(tmp_path):
    _, kept = controlled(tmp_path, 0.03)
    _, taken_back = controlled(tmp_path, -0.05)
    assert "baseline:" in kept.next_params
    assert "baseline:" not in taken_back.next_params


def test_a_worsening_within_what_was_accepted_is_not_taken_back(tmp_path):
    _, result = controlled(tmp_path, -0.05, control={"rollback_at": "50%"})
    assert (result.decision.action, result.decision.rollback_met) == ("next_hypothesis", False)


def test_no_effect_asks_for_the_next_hypothesis_and_no_standard(tmp_path):
    _, result = controlled(tmp_path, 0.0, effect={"aim": 0.05}, control={"procedure": "P"})
    assert result.decision.action == "next_hypothesis"
    entry = {field.label.term: field.value for field in result.forms[0].fields}
    assert "Not made standard" in Language("en").say(entry["Procedure and version"])


def test_where_the_data_cannot_tell_the_test_goes_on(tmp_path):
    _, result = controlled(tmp_path, 0.0, effect={"aim": 0.001})
    assert result.decision.action == "extend"
    assert result.decision.extension
    assert result.tone == "unknown"
    assert "nothing is made standard" in Language("en").say(result.headline)


def test_a_harmed_guardrail_keeps_a_shown_effect_from_being_made_standard(tmp_path):
    table = frame(0.03)
    hit = (table.shop == "A0") & (table.month >= "2022-01-01")
    table.loc[hit, "refunds"] += 400
    rail = {"name": "Refunds", "kind": "share", "numerator": "refunds", "denominator": "visits"}
    before = context(
        tmp_path, table, metric={"guardrails": [rail | {"better": "lower", "margin": 0.005}]}
    )
    after = Context(
        project=before.project, tables=before.tables, upstream={"effect": effect.run(before)}
    )
    result: Any = control.run(after)
    assert result.decision.action == "mend"
    assert result.decision.rollback_met
    assert "Refunds" in Language("en").say(result.decision.rollback)
    steps = [Language("en").say(step) for step in result.decision.extension]
    assert steps[-1] == "If that fails, take the change back."


def test_a_harmed_guardrail_without_a_shown_gain_takes_the_change_back(tmp_path):
    table = frame()
    hit = (table.shop == "A0") & (table.month >= "2022-01-01")
    table.loc[hit, "refunds"] += 400
    rail = {"name": "Refunds", "kind": "share", "numerator": "refunds", "denominator": "visits"}
    before = context(
        tmp_path,
        table,
        effect={"aim": 0.001},
        metric={"guardrails": [rail | {"better": "lower", "margin": 0.005}]},
    )
    found: Any = effect.run(before)
    assert found.verdict == "cannot_tell"
    after = Context(project=before.project, tables=before.tables, upstream={"effect": found})
    result: Any = control.run(after)
    assert (result.decision.action, result.decision.extension) == ("roll_back", ())
    assert "a guardrail is harmed" in Language("en").say(result.headline)


def test_the_next_params_file_is_valid_beside_this_one_and_hands_the_loops_on(tmp_path):
    loop = {"title": "Banner", "forecast": 0.02, "measured": 0.001, "verdict": "ineffective"}
    run_dir = tmp_path / "out"
    last, result = controlled(tmp_path, 0.03, control={"loops": [loop]}, run_dir=run_dir)
    control.hand_over(last, result.next_params)
    file = tmp_path / "copied.yaml"
    file.write_text((run_dir / "small.next.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    project: Any = load_project(file)
    assert project.project.id == "small_next"
    assert (file.parent / project.data.kpi.path).is_file()
    assert [loop.title for loop in project.control.loops] == ["Banner", "Small"]
    assert project.control.loops[1].verdict == "effective"
    assert project.data.events[-1].kind == "intervention"
    opened = Context(project=project, tables=load_tables(project, tmp_path))
    assert trigger.run(opened).status == "done"
    assert [row.current for row in result.loops.rows] == [False, True]


def test_too_few_periods_after_give_a_note_and_no_limits(tmp_path):
    before = context(tmp_path, frame(0.03)[lambda t: t.place < 27])
    after = Context(
        project=before.project, tables=before.tables, upstream={"effect": effect.run(before)}
    )
    result: Any = control.run(after)
    assert result.watch is None
    assert any(caution.id == "no_limits" for caution in result.cautions)
    assert ControlResult.model_validate_json(result.model_dump_json()) == result


def test_limits_from_before_the_launch_are_refused_at_load(tmp_path):
    baseline = {"from": "2021-06", "to": "2022-06"}
    with pytest.raises(ValidationError, match="begins 2021-06, before the launch of 2022-01-01"):
        context(tmp_path, frame(), control={"baseline": baseline})
