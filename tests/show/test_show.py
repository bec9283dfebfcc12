"""What a notebook shows: safe, searchable, in the reader's language, the same every time."""

from __future__ import annotations

import re
import warnings
from typing import Any

import pytest

from opsbook import show
from opsbook.results import Stage
from opsbook.show.shown import Html, Picture
from opsbook.text import say


@pytest.fixture(autouse=True)
def english():
    yield
    show.speak("en")


def pictures(results: dict[Stage, Any]) -> list[Any]:
    effect, diagnosis = results["effect"], results["diagnosis"]
    trigger = results["trigger"]
    return [
        show.coverage(results["intake"].coverage),
        show.history(trigger.history),
        show.control_chart(trigger.chart, trigger.history),
        show.causes(diagnosis.causes),
        show.comparison(effect.comparison, effect.controlled),
        show.estimates(effect.measured),
        show.placebos(effect.controlled),
        show.watch(results["control"].watch),
    ]


def test_pictures_keep_their_text_as_text_and_take_the_readers_colour(jfk):
    for one in pictures(jfk):
        assert isinstance(one, Picture)
        assert "<text" in one.svg
        assert "currentColor" in one.svg
        assert "<title>" in one.svg
        assert one.text


def test_pictures_ask_for_nothing_from_anywhere(jfk):
    for one in pictures(jfk):
        links = re.findall(r'(?:href|src)="([^"]*)"', one.svg)
        assert all(link.startswith(("#", "data:")) for link in links)


def test_the_same_result_gives_the_same_picture(jfk):
    first = [one.svg for one in pictures(jfk)]
    assert [one.svg for one in pictures(jfk)] == first


def test_chinese_is_measured_without_a_chinese_font(shop):
    show.speak("zh")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = pictures(shop)
    assert any("注册" in one.svg for one in drawn)
    assert all("target" not in re.sub(r"<[^>]*>", "", one.svg) for one in drawn)


def test_words_of_the_user_are_escaped(jfk):
    hostile = jfk["trigger"].model_copy(
        update={"headline": say("{text}", text="<script>alert(1)</script>")}
    )
    assert "<script>" not in show.headline(hostile).html
    assert "&lt;script&gt;" in show.headline(hostile).html


def test_a_form_marks_what_people_must_fill_in(jfk):
    form = show.form(jfk["trigger"].forms[0])
    assert isinstance(form, Html)
    assert form.html.count("to be filled in") >= 3
    assert "Kick-off minutes" in form.html


def test_what_the_params_leave_out_is_said_calmly(clinic):
    placebos = show.placebos(clinic["effect"].controlled)
    assert isinstance(placebos, Html)
    assert "no two controls" in placebos.html
    assert "name no guardrails" in show.side_effects((), ()).html
