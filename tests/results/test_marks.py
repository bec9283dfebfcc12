from tests.report.samples import results

from opsbook.results import Failure, StageResult
from opsbook.results.control import ControlResult
from opsbook.results.marks import mark
from opsbook.text import say


def test_every_state_has_a_sign_of_its_own():
    waiting = StageResult(
        stage="effect", project="p", status="not_due", headline=say("Not due: no launch date.")
    )
    failure = Failure(stage="effect", error="E", message="m")
    found = results()
    signs = [
        mark(found["trigger"]).sign,
        mark(found["effect"]).sign,
        mark(waiting).sign,
        mark(found["effect"], failure).sign,
    ]
    assert signs == ["bad", "unknown", "waiting", "failed"]


def test_the_word_is_the_verdict_s():
    found = results()
    assert mark(found["trigger"]).word.term == "Start"
    assert mark(found["effect"]).word.term == "Cannot tell"
    assert mark(None).word.term == "Not run"


def test_without_a_verdict_the_tone_gives_the_word():
    result = ControlResult(project="p", headline=say("Fine."), tone="good")
    assert mark(result).word.term == "Good"
