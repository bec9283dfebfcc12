import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from nbformat import v4
from tests.report.samples import SVG, TEMPLATE, error, notebook, project, results, shown, write

from opsbook.report import publish
from opsbook.results import Failure, StageResult
from opsbook.text import say


def page(
    folder: Path, given: Any = None, notebooks: Any = None, found: Any = None, **options: Any
) -> str:
    write(folder, results() if found is None else found, notebooks or {})
    return publish(folder, given or project(), template_dir=TEMPLATE, **options).read_text("utf-8")


def section(html: str, stage: str) -> str:
    found = re.search(rf'<section class="r-stage[^"]*" id="{stage}".*?</section>', html, re.DOTALL)
    assert found
    return found[0]


def test_everything_a_notebook_shows_is_in_its_section(tmp_path):
    cells = (
        shown({"image/svg+xml": SVG}, "figure"),
        shown({"text/html": "<table><tr><td>12 %</td></tr></table>"}, "table"),
        shown({"text/markdown": "some *words*"}, "words-too"),
        shown({"text/plain": "1 < 2"}, "plain"),
        shown({"image/png": "AAAA", "text/plain": "A map"}, "picture"),
    )
    html = section(page(tmp_path, notebooks={"trigger": notebook("trigger", *cells)}), "trigger")
    assert "<h2" in html
    assert "The trigger question" in html
    assert "<title>A line</title>" in html
    assert "12 %" in html
    assert "<em>words</em>" in html
    assert "1 &lt; 2" in html
    assert 'src="data:image/png;base64,AAAA" alt="A map"' in html


def test_an_unknown_type_of_output_is_named_not_lost(tmp_path):
    cell = shown({"application/vnd.plotly.v1+json": {}})
    html = page(tmp_path, notebooks={"trigger": notebook("trigger", cell)})
    assert "Left out here: an output of the type application/vnd.plotly.v1+json" in html


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text/html": '<img src="https://example.com/x.png">'}, "a picture from elsewhere"),
        ({"text/markdown": "![x](https://example.com/x.png)"}, "a picture from elsewhere"),
        ({"text/html": "<div></div><script>draw()</script>"}, "what a script would draw"),
        ({"text/html": '<iframe src="x"></iframe>'}, "an embedded page, film or form"),
        (
            {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "HBox()"},
            "an output of the type application/vnd.jupyter.widget-view+json",
        ),
        (
            {"application/vnd.plotly.v1+json": {}, "text/html": "<div></div>"},
            "an output of the type application/vnd.plotly.v1+json",
        ),
    ],
)
def test_what_is_left_out_is_told(tmp_path, data, words):
    html = page(tmp_path, notebooks={"trigger": notebook("trigger", shown(data))})
    assert f"Left out here: {words}. The notebook shows it." in html


def test_a_lively_chart_that_brings_a_picture_is_shown_as_that_picture(tmp_path):
    data = {"application/vnd.plotly.v1+json": {}, "text/html": "<p>x</p>", "image/png": "AAAA"}
    html = page(tmp_path, notebooks={"trigger": notebook("trigger", shown(data))})
    assert 'src="data:image/png;base64,AAAA"' in html
    assert "Left out here" not in html


def test_a_verdict_is_told_once_and_what_stands_beside_it_stays(tmp_path):
    cell = v4.new_code_cell(
        "display(show.headline(result), frame)",
        id="verdict",
        outputs=[
            v4.new_output("display_data", {"text/html": f"<p>{words}</p>"})
            for words in ("The data cannot tell.", "a table of my own")
        ],
    )
    told = section(page(tmp_path, notebooks={"effect": notebook("effect", cell)}), "effect")
    assert told.count("The data cannot tell.") == 1
    assert told.count("Controlled.") == 1
    assert "a table of my own" in told


def test_the_page_asks_nobody_for_anything(tmp_path):
    html = page(tmp_path, notebooks={"trigger": notebook("trigger", shown({"image/svg+xml": SVG}))})
    assert re.search(r"script-src &#39;sha256-[\w+/]{43}=&#39;", html)
    assert not re.search(r'(src|href)="(?!data:|#)', html)
    assert "@import" not in html


def test_only_words_of_code_that_have_a_colour_are_marked(tmp_path):
    html = page(tmp_path, notebooks={"trigger": notebook("trigger")})
    assert """run_dir = <span class="s1">'here'</span>""" in html
    assert 'class="n"' not in html


def test_two_figures_share_no_id(tmp_path):
    cells = [shown({"image/svg+xml": SVG}, name) for name in ("one", "two")]
    html = page(tmp_path, notebooks={"trigger": notebook("trigger", *cells)})
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_a_failed_stage_tells_the_cell_the_cause_and_the_command_and_the_rest_is_there(tmp_path):
    html = page(tmp_path, notebooks={"trigger": notebook("trigger", error())})
    told = section(html, "trigger")
    assert "Cell 2 failed: DataError." in told
    assert "kpi has no column &#39;late&#39;." in told
    assert "opsbook run --failed" in told
    assert "/home/somebody" not in html
    assert "The data cannot tell." in section(html, "effect")


def test_a_failure_that_the_runner_knows_brings_its_own_command(tmp_path):
    failure = Failure(
        stage="effect",
        error="DeadKernelError",
        message="Kernel died.",
        retry="opsbook run params/late.yaml",
    )
    told = section(page(tmp_path, failures={"effect": failure}), "effect")
    assert "The stage failed: DeadKernelError." in told
    assert "opsbook run params/late.yaml" in told


def test_a_stage_that_is_not_due_is_a_calm_card_without_its_old_notebook(tmp_path):
    found = results()
    found["effect"] = StageResult(
        stage="effect", project="late", status="not_due", headline=say("Not due: no launch date.")
    )
    html = page(tmp_path, found=found, notebooks={"effect": notebook("effect")})
    told = section(html, "effect")
    assert "Not due: no launch date." in told
    assert "In words." not in told


def test_results_without_notebooks_tell_their_findings_and_cautions(tmp_path):
    told = section(page(tmp_path), "effect")
    assert "Controlled." in told
    assert "95% interval −3.47 to +1.32" in told
    assert "More periods." in told


def test_an_empty_folder_makes_a_report_too(tmp_path):
    html = page(tmp_path, found={})
    assert html.count("This stage has not been run.") >= 6


def test_simulated_data_are_said_to_be(tmp_path):
    made = project()
    kpi = made.data.kpi.model_copy(update={"simulated": True})
    made = made.model_copy(update={"data": made.data.model_copy(update={"kpi": kpi})})
    assert "Simulated data: nothing here happened" in page(tmp_path, made)


def test_titles_are_text_never_markup(tmp_path):
    html = page(tmp_path, project(title="<b>x</b>\u202e", owner="{{ 7 * 7 }}"))
    assert '<h1 class="r-own">&lt;b&gt;x&lt;/b&gt;</h1>' in html
    assert "{{ 7 * 7 }}" in html


def test_the_same_outputs_give_the_same_bytes(tmp_path):
    notebooks = {"trigger": notebook("trigger", shown({"image/svg+xml": SVG}))}
    assert page(tmp_path, notebooks=notebooks) == page(tmp_path, notebooks=notebooks)


def test_a_chinese_report_has_no_english_words_of_the_page_s_own(tmp_path):
    html = page(tmp_path, language="zh")
    assert '<html lang="zh-Hans">' in html
    assert "发生了什么？" in html
    for word in ("Summary", "Appendix", "Cautions", "Owner", "interval"):
        assert f">{word}" not in html


@pytest.mark.parametrize("language", ["en", "zh"])
def test_headings_never_skip_a_level(tmp_path, language):
    cells = shown({"image/svg+xml": SVG})
    html = page(tmp_path, notebooks={"trigger": notebook("trigger", cells)}, language=language)
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", html)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
