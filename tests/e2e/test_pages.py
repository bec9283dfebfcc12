"""The pages in Chromium, without a network: nothing is asked for, nothing runs but our script."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from nbformat import v4
from tests.report.hostile import VECTORS
from tests.report.samples import SVG, TEMPLATE, error, notebook, project, results, shown, write

from opsbook.report import Entry, index, publish

WIDE = "<table><tr>" + "".join(f"<td>a long cell {i}</td>" for i in range(30)) + "</tr></table>"


def sample(folder: Any, **options: Any) -> Any:
    cells = (shown({"image/svg+xml": SVG}, "figure"), shown({"text/html": WIDE}, "wide"))
    notebooks: Any = {"trigger": notebook("trigger", *cells), "effect": notebook("effect", error())}
    write(folder, results(), notebooks)
    return publish(folder, project(), template_dir=TEMPLATE, **options)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_a_report_is_quiet_and_fits_the_screen(tmp_path, open_page, language, scheme, width):
    page, told = open_page(sample(tmp_path, language=language), width, color_scheme=scheme)
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_links_of_the_contents_lead_somewhere(tmp_path, open_page):
    page, _ = open_page(sample(tmp_path))
    lost = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(id))"
    )
    assert lost == []


def test_code_is_folded_and_unfolds_by_keyboard(tmp_path, open_page):
    page, _ = open_page(sample(tmp_path))
    summary = page.locator("#trigger details.r-code summary").first
    assert not page.locator("#trigger details.r-code pre").first.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#trigger details.r-code pre").first.is_visible()


def test_the_index_filters_by_word(tmp_path, open_page):
    entries = [Entry(id=name, title=f"Late at {name}") for name in ("atl", "bos", "jfk")]
    page, told = open_page(index(tmp_path, entries, template_dir=TEMPLATE))
    page.fill("#filter", "jfk")
    assert page.locator(".r-index tbody tr:visible").count() == 1
    assert told == []


def test_everything_reads_without_scripts(tmp_path, open_page):
    page, told = open_page(sample(tmp_path), java_script_enabled=False)
    assert told == []
    assert page.get_by_text("Start an optimisation.").first.is_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper(tmp_path, open_page, language, scheme):
    page, _ = open_page(sample(tmp_path, language=language), color_scheme=scheme)
    colours = page.evaluate(
        """() => [...document.querySelectorAll('main *, nav *')]
          .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
          .map(e => getComputedStyle(e).color)"""
    )
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(contrast(colour, paper) for colour in set(colours)) >= 4.5


def contrast(one: str, other: str) -> float:
    """Ratio of two colours' luminance, as WCAG 2 defines it."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        r, g, b = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """A report in whose every place somebody tried to run or fetch something."""
    folder = tmp_path_factory.mktemp("hostile")
    cells = [
        cell
        for i, vector in enumerate(VECTORS)
        for cell in (
            v4.new_markdown_cell(vector, id=f"m{i}"),
            v4.new_markdown_cell(f"## {vector}", id=f"n{i}"),
            shown({"text/html": vector}, f"h{i}"),
            shown({"image/svg+xml": f"<svg>{vector}</svg>"}, f"s{i}"),
            shown({"text/markdown": vector}, f"t{i}"),
            shown({"text/plain": vector}, f"p{i}"),
            shown({"text/vnd.mermaid": vector}, f"d{i}"),
        )
    ]
    found = results()
    found["trigger"] = found["trigger"].model_copy(
        update={"project": VECTORS[0], "verdict": "start"}
    )
    write(folder, found, {"trigger": notebook("trigger", *cells)})
    made = project(title=" ".join(VECTORS), owner=VECTORS[0])
    return publish(folder, made, template_dir=TEMPLATE)


@pytest.mark.parametrize("policy", ["with its policy", "without its policy"])
def test_hostile_words_run_nothing_and_fetch_nothing(hostile, tmp_path, open_page, policy):
    file = hostile
    if policy == "without its policy":
        html = hostile.read_text("utf-8")
        bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
        assert bare != html
        file = tmp_path / "bare.html"
        file.write_text(bare, "utf-8")
    page, told = open_page(file)
    page.wait_for_load_state("networkidle")
    assert told == []
    assert page.evaluate("window.isPwned") is None


def test_searching_counts_the_places_and_goes_from_one_to_the_next_even_in_folded_code(
    tmp_path, open_page
):
    page, told = open_page(sample(tmp_path))
    search = page.locator("#find")
    search.fill("A LONG  cell 2")  # 2, 20 to 29
    answer = page.locator(".r-find output")
    assert answer.text_content() == "11"
    search.press("Enter")
    search.press("Shift+Enter")
    assert answer.text_content() == "11 / 11"
    search.fill("show.it")
    assert not page.locator("#trigger details.r-code pre").first.is_visible()
    search.press("Enter")
    assert page.locator("#trigger details.r-code pre").first.is_visible()
    assert told == []
