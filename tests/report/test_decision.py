"""What the first screen asks to decide, and by when."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import Any

import pytest
from tests.report.samples import project, results

from opsbook.report.decision import ToDecide
from opsbook.report.summary import summarise
from opsbook.results import Failure, StageResult
from opsbook.results.control import ControlResult, Decision, Hypothesis
from opsbook.results.effect import EffectResult
from opsbook.results.intake import IntakeResult
from opsbook.results.trigger import TriggerResult
from opsbook.text import Language, say


def asked(found: Any, failures: Any = None, **identity: Any) -> ToDecide:
    decision = summarise(project(**identity), found, failures or {}, Language("en")).decision
    assert decision is not None
    return decision


def plain(markup: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", markup))


def control(**given: Any) -> ControlResult:
    return ControlResult(project="late", headline=say("Keep watching."), decision=Decision(**given))


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("start", "Decide whether to start an optimisation, and who leads it."),
        ("watch", "Nothing to decide yet: look again after the next period."),
        ("no_reason", "Nothing to decide: there is no reason to start."),
        ("insufficient", "Decide whether to collect more data: these cannot tell."),
    ],
)
def test_a_trigger_asks_what_its_verdict_leaves_open(verdict, words):
    found = {"trigger": TriggerResult(project="late", headline=say("t"), verdict=verdict)}
    assert asked(found).text == words


def test_the_last_stage_with_an_answer_asks():
    found = results()
    assert asked(found).text.startswith("Decide whether to go on measuring")
    found["control"] = control(
        action="extend", reason=say("Extend the test."), verdict="cannot_tell"
    )
    assert asked(found).text == "Extend the test."


def test_the_saved_decision_brings_its_steps_and_the_date_of_its_first_review():
    found = results()
    found["control"] = control(
        action="extend",
        reason=say("Extend the test."),
        verdict="cannot_tell",
        extension=(say("Measure on."), say("Change nothing else.")),
        reviews=(dt.date(2025, 7, 7), dt.date(2025, 9, 1)),
    )
    told = asked(found)
    assert told.steps == ("Measure on.", "Change nothing else.")
    assert plain(told.by or "") == "by 7 Jul 2025, the first review"
    assert "5_control.json: decision.reviews" in (told.by or "")


def test_what_did_not_work_asks_for_the_next_hypothesis():
    found = results()
    first = Hypothesis(id="h", claim="Staff is short.", status="untested", controllable=True)
    found["control"] = control(
        action="next_hypothesis", reason=say("Try on."), verdict="ineffective", hypotheses=(first,)
    )
    assert [plain(step) for step in asked(found).steps] == ["Next hypothesis: Staff is short."]


def test_a_harmed_guardrail_is_weighed_before_anything_is_made_standard(shop):
    effect = shop["effect"]
    assert isinstance(effect, EffectResult)
    told = asked({"effect": effect})
    assert told.text == "Weigh the gain against the harm before the change is made standard."


def test_data_that_cannot_be_used_are_repaired_before_anything_is_read_from_them():
    found = results()
    bad = IntakeResult(project="late", headline=say("Unusable."), verdict="unusable")
    found["intake"] = bad
    assert asked(found).text.startswith("Decide who repairs the data")


def test_a_failure_is_repaired_before_anything_is_decided():
    failure = Failure(stage="diagnosis", error="E", message="m")
    assert asked(results(), {"diagnosis": failure}).text == "Repair what failed first: Diagnosis."


def test_without_a_review_the_goal_gives_the_date():
    told = asked(results(), goal={"text": "Down to 8 %.", "by": "2009-03"})
    assert plain(told.by or "") == "by Mar 2009, the goal's date"
    assert asked(results()).by is None


def test_a_project_without_results_asks_nothing():
    assert summarise(project(), {}, {}, Language("en")).decision is None


def test_stages_that_wait_for_the_same_are_told_once():
    found = results()
    for stage in ("diagnosis", "solutions"):
        found[stage] = StageResult(
            stage=stage,
            project="late",
            status="not_due",
            headline=say(
                "Not due: nothing is planned for it yet (section '{section}' of the params).",
                section=stage,
            ),
        )
    (group,) = summarise(project(), found, {}, Language("en")).waiting
    assert [view.stage for view in group.stages] == ["diagnosis", "solutions"]
    assert (
        group.reason
        == "Not due: nothing is planned for it yet (section 'diagnosis, solutions' of the params)."
    )


def test_harm_stands_beside_a_success(shop):
    views = summarise(project(), shop, {}, Language("en")).stages
    effect = next(view for view in views if view.stage == "effect")
    assert effect.mark.word.term == "Effective, with harm"
    assert effect.mark.sign == "warn"
    assert [plain(harm.text).startswith("Guardrail ") for harm in effect.harms] == [True]
    assert plain(effect.harms[0].text).endswith("harmed.")
