"""Sentences keep their numbers until somebody reads them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.text import Language, Period, Quantity, Statement, places, say, term

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize(
    ("quantity", "english", "chinese"),
    [
        (Quantity(value=0.1537, unit="share"), "15.4%", "15.4%"),
        (
            Quantity(value=0.05, unit="points", signed=True),
            "+5.00 percentage points",
            "+5.00个百分点",
        ),
        (Quantity(value=-0.0198, unit="points"), "−1.98 percentage points", "−1.98个百分点"),
        (Quantity(value=0.333, unit="relative"), "+33.3%", "+33.3%"),
        (Quantity(value=1234567, unit="count"), "1,234,567", "1,234,567"),
        (Quantity(value=20000, unit="money:CNY"), "CNY 20,000", "20,000 CNY"),
        (Quantity(value=0.0004, unit="p"), "< 0.001", "< 0.001"),
        (Quantity(value=0.0417, unit="p"), "0.042", "0.042"),
        (Quantity(value=12.5, unit="minutes"), "12.5 minutes", "12.5 minutes"),
        (Quantity(value=-0.00001, unit="share"), "0.0%", "0.0%"),
    ],
)
def test_a_quantity_is_shown_with_its_unit_in_both_languages(quantity, english, chinese):
    assert EN.quantity(quantity) == english
    assert ZH.quantity(quantity) == chinese


def test_points_and_percent_are_never_confused():
    rise = Quantity(value=0.05, unit="points", signed=True)
    growth = Quantity(value=0.05 / 0.15, unit="relative")
    assert "percentage points" in EN.quantity(rise)
    assert EN.quantity(growth) == "+33.3%"


@pytest.mark.parametrize(
    ("grain", "shown"),
    [
        ("day", "2008-04-01"),
        ("week", "2008-W14"),
        ("month", "2008-04"),
        ("quarter", "2008-Q2"),
        ("year", "2008"),
    ],
)
def test_a_period_is_named_by_its_grain(grain, shown):
    assert EN.period(Period(start=dt.date(2008, 4, 1), grain=grain)) == shown


def test_a_statement_reads_in_both_languages_with_the_same_numbers():
    statement = say(
        "{used} of {rows} rows are used.",
        used=Quantity(value=75, unit="count"),
        rows=Quantity(value=98, unit="count"),
    )
    assert EN.say(statement) == "75 of 98 rows are used."
    assert ZH.say(statement) == "98 行中使用 75 行。"


def test_a_users_words_are_never_taken_for_places():
    statement = say("{text}", text="{used} {0} {__class__}")
    assert EN.say(statement) == "{used} {0} {__class__}"


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.integers() | st.text(), max_size=2))
def test_a_statement_reads_back_equal(values):
    statement = Statement(message="{a} {b}", values=values)
    assert Statement.model_validate_json(statement.model_dump_json()) == statement


def test_a_term_is_translated_and_an_unknown_message_stays_english():
    assert ZH.value(term("confirmed")) == "已证实"
    assert ZH.text("Never heard of") == "Never heard of"
    assert places("{kpi} in {period}") == {"kpi", "period"}


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="there are: en, zh"):
        Language("fr")


@pytest.mark.parametrize(
    ("by", "shown"),
    [("渠道", "按渠道搜索：变化集中"), ("channel", "按 channel 搜索：变化集中"), ("", "按  搜索")],
)
def test_chinese_meets_chinese_without_a_space_and_latin_with_one(by, shown):
    message = "{name} by {dimensions}: it concentrates in these slices."
    assert shown in Language("zh").say(say(message, name="k", dimensions=by))
