"""Stage 4 and 5 as tables: every status has its word, in both languages."""

from __future__ import annotations

import pytest

from opsbook import show
from opsbook.results.effect import Receipt


@pytest.fixture(autouse=True)
def english():
    yield
    show.speak("en")


def test_the_design_names_what_was_passed_over_and_the_plans_hash(jfk):
    shown = show.design(jfk["effect"].design).html
    assert shown.count("not used") == 7
    assert jfk["effect"].design.registration.hash[:12] in shown


def test_the_report_card_says_what_to_do_where_there_is_something_to_do(jfk):
    result = jfk["effect"]
    card = show.report_card(result.checks).html
    assert card.count("tone-warn") == sum(check.status == "look" for check in result.checks)
    assert "a confounder" in card


def test_the_receipt_prints_false_alarms_and_power(jfk):
    shown = show.receipt(jfk["effect"].receipt).html
    assert "at the controls" in shown
    assert "in its own past" in shown
    assert "the forecast of what was chosen" in shown


def test_a_receipt_without_fake_launches_says_why():
    nothing = Receipt(lines=(), unit="points", aim=None, aim_source=None, detectable=None)
    assert "too little untouched history" in show.receipt(nothing).html


def test_the_decision_and_the_loops_are_shown(jfk):
    result = jfk["control"]
    assert "go on measuring" in show.decision(result.decision).html
    assert "Hourly caps on scheduled flights" in show.loops(result.loops).html
    assert "No roll-out" in show.roll_out(result.roll_out).html


def test_chinese_leaves_no_english_word_of_ours(shop):
    show.speak("zh")
    effect, control = shop["effect"], shop["control"]
    shown = [
        show.design(effect.design),
        show.report_card(effect.checks),
        show.receipt(effect.receipt),
        show.decision(control.decision),
        show.roll_out(control.roll_out),
    ]
    for one in shown:
        assert "not used" not in one.html
        assert "look" not in one.html
        assert "met." not in one.html
