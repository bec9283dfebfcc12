from typing import Any

from tests.report.samples import estimate, project, results

from opsbook.report.key_number import key_number
from opsbook.report.summary import StageView, summarise
from opsbook.results import Failure, Finding, Grade, Stage
from opsbook.text import Language, say

EN, ZH = Language("en"), Language("zh")


def view(stage: Stage, **given: Any) -> StageView:
    summary = summarise(project(), given.get("results", results()), given.get("failures", {}), EN)
    return next(v for v in summary.stages if v.stage == stage)


def test_the_key_number_is_the_one_with_the_strongest_evidence():
    key = view("effect").key
    assert key is not None
    assert (key.value, key.grade) == ("−1.08 percentage points", "B")
    assert key.interval == "95% interval −3.47 to +1.32"


def test_the_unit_of_the_interval_is_said_in_the_reader_s_language():
    assert key_number(estimate(), "B", ZH).value == "−1.08 个百分点"


def test_a_ratio_is_shown_as_a_relative_change():
    key = key_number(estimate(effect=0.9, lower=0.8, upper=1.1, scale="ratio", unit=""), "C", EN)
    assert key.value == "−10.0%"
    assert key.interval == "95% interval −20.0 to +10.0"


def test_no_interval_is_said_where_there_is_none():
    key = key_number(estimate(lower=None, upper=None), "E", EN)
    assert key.interval is None
    assert key.picture is None


def test_the_picture_has_no_change_in_its_middle_and_stays_inside():
    picture = key_number(estimate(), "B", EN).picture
    assert picture is not None
    assert 0 <= picture.lower < picture.at < 50 < picture.upper <= 100


def test_a_failure_outweighs_an_older_result():
    failure = Failure(stage="effect", error="DataError", message="No column.")
    failed = view("effect", failures={"effect": failure})
    assert failed.mark.sign == "failed"
    assert failed.key is None
    assert failed.headline == "No column."


def test_a_stage_without_result_says_so():
    assert view("effect", results={}).headline == "This stage has not been run."


def test_an_answer_that_measures_no_change_stands_on_findings_with_size_and_grade():
    told: list[tuple[str, Grade | None]] = [
        ("latest", None),
        ("misses_target", "D"),
        ("guard", "C"),
        ("false_starts", "C"),
    ]
    findings = tuple(
        Finding(id=name, statement=say("It is so."), grade=grade) for name, grade in told
    )
    found = results()
    found["trigger"] = found["trigger"].model_copy(update={"findings": findings})
    trigger = view("trigger", results=found)
    assert trigger.key is None
    assert [(one.id, one.grade) for one in trigger.support] == [("latest", None), ("guard", "C")]
    assert view("effect").support == ()
