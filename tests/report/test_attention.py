from typing import Any, cast

from tests.report.samples import estimate

from opsbook.report.attention import NEEDS, attention
from opsbook.results import Failure, StageResult
from opsbook.results.effect import EffectResult, GuardrailCheck
from opsbook.results.trigger import TriggerResult
from opsbook.text import say


def trigger(verdict: Any) -> TriggerResult:
    return TriggerResult(project="p", headline=say("t"), verdict=verdict)


def effect(verdict: Any, *statuses: Any) -> EffectResult:
    rails = tuple(
        GuardrailCheck(
            name="g",
            unit="share",
            change_unit="points",
            before=0.1,
            after=0.2,
            estimate=estimate(),
            margin=0.01,
            status=status,
        )
        for status in statuses
    )
    return EffectResult(project="p", headline=say("e"), verdict=verdict, guardrails=rails)


def need(failures: Any = None, **results: StageResult) -> str:
    return attention(cast("Any", results), failures or {}).need


def test_the_needs_come_in_the_order_of_their_urgency():
    assert list(NEEDS) == [
        "failed",
        "start",
        "breached",
        "harmed",
        "watch",
        "cannot_tell",
        "quiet",
        "not_run",
    ]


def test_a_failure_comes_before_everything():
    failure = Failure(stage="effect", error="E", message="m")
    assert need({"effect": failure}, trigger=trigger("start")) == "failed"


def test_a_result_saved_as_failed_counts_as_a_failure():
    broken = StageResult(stage="effect", project="p", status="failed", headline=say("Failed."))
    assert need(effect=broken) == "failed"


def test_a_trigger_is_news_until_its_effect_is_measured():
    assert need(trigger=trigger("start")) == "start"
    assert need(trigger=trigger("start"), effect=effect("effective")) == "quiet"


def test_a_harmed_guardrail_is_told_even_beside_a_success():
    found = attention({"effect": effect("effective", "safe", "harmed")}, {})
    assert (found.need, found.stage) == ("harmed", "effect")


def test_a_quiet_project_shows_its_newest_test():
    found = attention({"trigger": trigger("no_reason")}, {})
    assert (found.need, found.stage) == ("quiet", "trigger")


def test_nothing_done_is_not_run():
    assert need() == "not_run"
