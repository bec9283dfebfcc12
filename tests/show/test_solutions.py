"""Stage 3 as its reader sees it: titles, never ids; calm notes where something is absent."""

from __future__ import annotations

from typing import Any

import pytest
from tests.stages.solutions_case import WHYS, diagnosis, option, section, solve

from opsbook import show
from opsbook.show.shown import Html, Picture
from opsbook.show.solution_axes import lines
from opsbook.text import Language


@pytest.fixture(autouse=True)
def english():
    yield
    show.speak("en")


def views(result: Any) -> dict[str, Any]:
    """Everything that the notebook displays."""
    return {
        "gates": show.gates(result.gates),
        "scores": show.scores(result.scores),
        "score_table": show.score_table(result.scores),
        "acceptability": show.acceptability(result.surety),
        "central_weights": show.central_weights(result.surety),
        "tornado": show.tornado(result.surety),
        "knowing": show.knowing(result.surety),
        "money": show.money(result.money),
        "effort_impact": show.effort_impact(result.choice),
        "choice": show.choice(result.choice),
        "risk_map": show.risk_map(result.risks),
        "risks": show.risks(result.risks),
        "gantt": show.gantt(result.plan),
        "plan": show.plan(result.plan),
        "headline": show.headline(result),
        **{f"form {i}": show.form(form) for i, form in enumerate(result.forms)},
    }


def whole() -> dict[str, Any]:
    """A section with everything in it, markup and all."""
    effect = {"low": 0.01, "mode": 0.05, "high": 0.1}
    risk = {"title": "<b>Late</b>", "probability": 0.5, "impact": 2, "indicator": "days"}
    risk |= {"severity": 9, "occurrence": 6, "detection": 2, "threshold": 3, "observed": 5}
    params = section(
        money={"volume": 1000, "unit_value": 2},
        budget=10,
        person_weeks=10,
        cost_items=[{"title": "Ads", "cost": 5, "benefit": 4}, {"title": "Audit", "cost": 1}],
        automation={
            "hourly_cost": 10,
            "tasks": [{"title": "Sort", "times_per_day": 20, "minutes": 3, "build_cost": 100}],
        },
        plan={
            "start": "2024-04-01",
            "as_of": "2024-04-09",
            "tasks": [
                {"id": "zz_t", "title": "Build", "owner": "Ann", "days": 5, "progress": "40%"},
                {"id": "zz_u", "title": "Live", "owner": "Bob", "days": 0, "after": ["zz_t"]},
            ],
            "pilot": {"share": 0.5, "days": 7, "rollback": "returns over 5%"},
        },
        decision={"chosen": ["zz_a"], "who": "Ann", "when": "2024-03-01", "why": "first"},
    )
    for i in (0, 1):
        option(params, i, cause="zz_disk", effect=effect, cost=4 + i, person_weeks=2, risks=[risk])
    option(params, 0, scores={"zz_gain": {"low": 40, "mode": 80, "high": 90}, "zz_ease": 30})
    third = {"id": "zz_c", "title": "Gamma & <i>Co</i>", "requires": ["zz_a"], "effect": effect}
    scores = {"zz_gain": 50, "zz_ease": {"raters": {"Ann": 70, "Bob": 20, "Cy": None}}}
    params["options"].append(third | {"scores": scores, "cost": 20, "risks": []})
    params["options"].append(third | {"id": "zz_d", "title": "Delta", "scores": scores})
    params["options"][-1]["gates"] = {"legal": False}
    return params


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reader_never_meets_an_id(tmp_path, language):
    result = solve(tmp_path, whole(), upstream=diagnosis(zz_slow="confirmed"))
    show.speak(language)
    for name, view in views(result).items():
        assert "zz_" not in (view.svg if isinstance(view, Picture) else view.html), name
    words = Language(language)
    for statement in [result.headline, *(one.statement for one in result.findings)]:
        assert "zz_" not in words.say(statement)
    for caution in result.cautions:
        assert "zz_" not in words.say(caution.statement)
    assert WHYS[1]["claim"] in show.gates(result.gates).html


def test_markup_in_titles_stays_text(tmp_path):
    for name, view in views(solve(tmp_path, whole())).items():
        html = view.svg if isinstance(view, Picture) else view.html
        assert "<i>Co" not in html, name
        assert "<b>Late" not in html, name


def test_what_is_drawn_is_a_picture_with_its_text(tmp_path):
    shown = views(solve(tmp_path, whole()))
    for name in ("scores", "acceptability", "tornado", "effort_impact", "risk_map", "gantt"):
        assert isinstance(shown[name], Picture), name
        assert "<text" in shown[name].svg
        assert shown[name].text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_optional_has_a_calm_note_when_it_is_absent(tmp_path, language):
    show.speak(language)
    shown = views(solve(tmp_path, section()))
    for name in ("tornado", "knowing", "money", "risk_map", "risks", "gantt", "plan"):
        assert isinstance(shown[name], Html), name
        assert 'class="ops note' in shown[name].html, name


def test_with_no_option_left_every_view_still_answers(tmp_path):
    params = section()
    for i in (0, 1):
        option(params, i, gates={"legal": False})
    for name, view in views(solve(tmp_path, params)).items():
        assert isinstance(view, Html), name


def test_the_same_result_gives_the_same_pictures(tmp_path):
    result = solve(tmp_path, whole())
    first = {name: view for name, view in views(result).items() if isinstance(view, Picture)}
    again = views(result)
    assert all(again[name].svg == view.svg for name, view in first.items())


def test_the_sample_shows_ranks_by_each_method_and_the_definition_of_roi(jfk):
    result = jfk["solutions"]
    table = show.score_table(result.scores).html
    assert all(name in table for name in ("TOPSIS", "VIKOR", "PROMETHEE II", "Kendall"))
    assert "ROI is benefit / cost" in show.money(result.money).html


def test_titles_break_between_words_and_between_chinese_characters():
    assert lines("Landing fees by hour of the day", 16) == "Landing fees by\nhour of the day"
    assert lines("合并为一步验证并接入备用短信通道", 16) == "合并为一步验证并\n接入备用短信通道"


def test_the_first_form_is_open_and_the_others_are_behind_their_titles(shop):
    forms = shop["solutions"].forms
    html = show.forms(forms).html
    assert html.count("<details>") == len(forms) - 1
    assert html.index("<table") < html.index("<details>")
    assert "2-4" in html


def test_the_plans_form_names_owner_helpers_deliverable_and_progress(shop):
    plan = next(form for form in shop["solutions"].forms if form.id == "2-4")
    line = Language("en").say(plan.fields[1].value)
    assert "Owner: 产品与技术部负责人; with: –. Done when: 测试环境可用." in line
    assert line.endswith("in progress, 80%.")
