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
            "+5.00 个百分点",
        ),
        (Quantity(value=-0.0198, unit="points"), "−1.98 percentage points", "−1.98 个百分点"),
        (Quantity(value=0.333, unit="relative"), "+33.3%", "+33.3%"),
        (Quantity(value=1234567, unit="count"), "1,234,567", "1,234,567"),
        (Quantity(value=20000, unit="money:CNY"), "CNY 20,000", "20,000 元"),
        (Quantity(value=0.0004, unit="p"), "<\xa00.001", "<\xa00.001"),
        (Quantity(value=0.0417, unit="p"), "0.042", "0.042"),
        (Quantity(value=12.5, unit="parcels"), "12.5 parcels", "12.5 parcels"),
        (Quantity(value=-1e-9, unit="share"), "0.0%", "0.0%"),
        (Quantity(value=0.00034, unit="share"), "0.034%", "0.034%"),
        (Quantity(value=0.5, unit="hours"), "0.5 hours", "0.5 小时"),
        (Quantity(value=12.5, unit="money:USD"), "USD 12.50", "12.50 美元"),
        (Quantity(value=1.2e12, unit="money:CNY"), "CNY 1.2 trillion", "1.2 万亿元"),
        (Quantity(value=-3.25e9, unit="money:EUR"), "EUR −3.25 billion", "−32.5 亿欧元"),
        (Quantity(value=1234567890, unit="count"), "1,234,567,890", "1,234,567,890"),
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
    ("grain", "english", "chinese"),
    [
        ("day", "1 Apr 2008", "2008年4月1日"),
        ("week", "2008-W14", "2008年第14周"),
        ("month", "Apr 2008", "2008年4月"),
        ("quarter", "Q2 2008", "2008年第2季度"),
        ("year", "2008", "2008年"),
    ],
)
def test_a_period_is_named_by_its_grain_as_its_readers_write_it(grain, english, chinese):
    period = Period(start=dt.date(2008, 4, 1), grain=grain)
    assert EN.period(period) == english
    assert ZH.period(period) == chinese


@pytest.mark.parametrize(
    ("items", "english", "chinese"),
    [
        (("Leeds", "York"), "Leeds, York", "Leeds、York"),
        (("Leeds, old", "York"), "Leeds, old; York", "Leeds, old；York"),
        ((term("confirmed"), Quantity(value=0.5)), "confirmed, 0.5", "已证实、0.5"),
        (("Leeds",), "Leeds", "Leeds"),
    ],
)
def test_each_language_lists_several_things_in_its_own_way(items, english, chinese):
    statement = say("{text}", text=items)
    assert EN.say(statement) == english
    assert ZH.say(statement) == chinese
    assert Statement.model_validate_json(statement.model_dump_json()) == statement


def test_a_probability_in_a_sentence_equals_its_value_or_is_below_the_least():
    message = "by chance (p {p})"
    assert EN.say(say(message, p=Quantity(value=0.0417, unit="p"))) == "by chance (p\xa0=\xa00.042)"
    assert EN.say(say(message, p=Quantity(value=0.0001, unit="p"))) == "by chance (p\xa0<\xa00.001)"


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
    [("渠道", "按渠道搜索：变化集中"), ("channel", "按 channel 搜索：变化集中"), ("", "按搜索")],
)
def test_chinese_meets_chinese_without_a_space_and_latin_with_one(by, shown):
    message = "{name} by {dimensions}: it concentrates in these slices."
    assert shown in Language("zh").say(say(message, name="k", dimensions=by))
