from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.gates import GateFacts, gates


def test_a_gated_option_never_passes_whatever_else_is_good():
    fine = GateFacts(option="fine", legal=True, possible=True, cost=10, weeks=4)
    illegal = GateFacts(option="illegal", legal=False, possible=True, cost=1, weeks=1)
    result = gates([fine, illegal], hard_budget=10, deadline_weeks=4)
    assert result.passed == ("fine",)
    assert [(shut.option, shut.gate) for shut in result.shut] == [("illegal", "legal")]


def test_every_gate_an_option_breaks_is_shown():
    bad = GateFacts(
        option="bad",
        legal=False,
        possible=False,
        cost=11,
        weeks=5,
        harmed_guardrails=("complaints",),
    )
    result = gates([bad], hard_budget=10, deadline_weeks=4)
    assert result.passed == ()
    names = [shut.gate for shut in result.shut]
    assert names == ["legal", "technical", "budget", "deadline", "guardrail"]
    assert (result.shut[2].value, result.shut[2].limit) == (11, 10)
    assert result.shut[4].guardrails == ("complaints",)


def test_an_open_question_is_listed_and_is_no_pass_in_silence():
    result = gates([GateFacts(option="new", legal=True, cost=3)], hard_budget=5, deadline_weeks=8)
    assert result.passed == ("new",)
    assert result.unanswered == (("new", "technical"), ("new", "deadline"))


def test_names_what_is_wrong():
    with pytest.raises(DataError, match="found 'A' 2 times"):
        gates([GateFacts(option="A"), GateFacts(option="A")])
    with pytest.raises(DataError, match="cost of option 'A' is -3"):
        gates([GateFacts(option="A", cost=-3)])
    with pytest.raises(DataError, match="hard budget is nan"):
        gates([GateFacts(option="A")], hard_budget=float("nan"))
