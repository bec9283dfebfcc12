"""The samples' reports and their index as a reader meets them, in Chromium."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.conftest import SAMPLES

REPORTS = [f"{name}/{file}" for name in SAMPLES for file in ("report.html", "report.zh.html")]
PAGES = [*REPORTS, "index.html"]
#: In the dark only the colours are others, and they are the same for all pages.
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
AXE: dict[str, Any] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": CONTRAST},
}
#: page, width, colours: every sample, both languages, a phone, the dark, and the index.
AXE_PAGES = [
    ("jfk_delays/report.html", 1280, "light"),
    ("jfk_delays/report.zh.html", 1280, "dark"),
    ("clinic_deaths/report.html", 1280, "light"),
    ("shop_signup/report.html", 360, "light"),
    ("shop_signup/report.zh.html", 360, "light"),
    ("index.html", 1280, "light"),
    ("index.html", 360, "dark"),
]
each_page = pytest.mark.parametrize("name", PAGES)
each_report = pytest.mark.parametrize("name", REPORTS)


def label(name: str) -> str:
    return name.removesuffix(".html").replace("/", "-")


@each_page
@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_a_page_is_quiet_and_fits_the_screen(visit, pictures, name, width, scheme):
    page, told = visit(name, width, scheme)
    page.screenshot(path=pictures / f"{label(name)}-{width}-{scheme}.png")
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@each_report
def test_the_first_screen_says_what_to_decide_and_whether_it_worked(visit, name):
    page, _ = visit(name, 1280)
    page.evaluate("scrollTo(0, 0)")
    for part in (".r-decide", ".r-answers > li:nth-child(2)"):
        assert page.locator(part).bounding_box()["y"] < 800
    page, _ = visit(name, 360)
    assert page.locator(".r-decide").bounding_box()["y"] < 640
    for answer in page.locator(".r-answer:has(.r-key)").all():
        question, estimate = (answer.locator(part).bounding_box() for part in (".r-ask", ".r-key"))
        assert question["y"] < estimate["y"]


def test_on_a_phone_no_title_in_the_index_runs_into_its_state(visit):
    page, _ = visit("index.html", 360)
    rows = page.locator(".r-index tbody tr").all()
    assert rows
    for row in rows:
        title, state = row.locator("th").bounding_box(), row.locator("td").first.bounding_box()
        assert title["x"] + title["width"] <= state["x"]


@each_report
def test_on_a_phone_a_chart_over_time_begins_at_its_newest_and_can_be_read(visit, name):
    page, _ = visit(name, 360)
    charts: list[dict[str, float]] = page.evaluate(
        """() => [...document.querySelectorAll('.r-figure:has(.newest-right)')].map(frame => {
          const chart = frame.querySelector('svg').getBoundingClientRect();
          const box = frame.getBoundingClientRect();
          const text = frame.querySelector('.ticks text').getBoundingClientRect();
          return { over: chart.right - box.right, cut: box.left - chart.left, text: text.height };
        })"""
    )
    assert len(charts) >= 4
    for chart in charts:
        assert chart["over"] <= 1
        assert chart["cut"] > 20
        assert chart["text"] >= 9


@each_report
def test_every_figure_can_be_seen_and_stays_inside_its_frame(visit, name):
    page, _ = visit(name)
    figures: list[dict[str, Any]] = page.evaluate(
        """() => [...document.querySelectorAll('.r-figure')].map(frame => {
          const one = frame.querySelector('svg, img'), box = one.getBoundingClientRect();
          return { width: box.width, height: box.height,
                   over: frame.scrollWidth > frame.clientWidth,
                   drawn: one.naturalWidth > 0 || !!one.querySelector('path'),
                   named: !!one.querySelector('title') || !!one.alt };
        })"""
    )
    assert len(figures) >= 3
    for figure in figures:
        assert figure["width"] > 200
        assert figure["height"] > 40
        assert (figure["drawn"], figure["named"], figure["over"]) == (True, True, False)


@each_report
def test_words_of_a_figure_neither_overlap_nor_leave_it(visit, name):
    page, _ = visit(name)
    faults = page.evaluate(
        """() => [...document.querySelectorAll('.r-figure svg')].flatMap(svg => {
          const frame = svg.getBoundingClientRect();
          const words = [...svg.querySelectorAll('text')].filter(t => t.textContent.trim())
            .map(t => [t.textContent.trim(), t.getBoundingClientRect()]);
          const out = words.filter(([_, b]) => b.left < frame.left - 3 || b.right > frame.right + 3)
            .map(([text]) => `outside: ${text}`);
          const over = words.flatMap(([one, a], i) => words.slice(i + 1)
            .filter(([_, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3
                             && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5)
            .map(([other]) => `overlap: ${one} / ${other}`));
          return [...out, ...over];
        })"""
    )
    assert faults == []


@each_report
def test_links_inside_the_page_lead_somewhere(visit, name):
    page, _ = visit(name)
    lost = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => !document.getElementById(decodeURIComponent(id)))"
    )
    assert lost == []
    page.locator(".r-toc > ol > li > a").nth(2).click()
    assert page.evaluate("location.hash") == "#trigger"
    assert page.locator("#trigger").bounding_box()["y"] < 200


@each_report
def test_code_is_folded_and_unfolds(visit, name):
    page, _ = visit(name)
    code = page.locator("#trigger details.r-code pre").first
    assert not code.is_visible()
    page.locator("#trigger details.r-code summary").first.click()
    assert code.is_visible()


@each_report
def test_on_paper_the_contents_and_the_buttons_go(visit, pictures, name):
    page, told = visit(name, 794)
    page.emulate_media(media="print", color_scheme="dark")
    page.screenshot(path=pictures / f"{label(name)}-print.png")
    assert told == []
    assert not page.locator(".r-toc").is_visible()
    assert not page.locator(".r-copy").first.is_visible()
    paper = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper')")
    assert paper.strip() == "#fff"


@each_page
def test_everything_reads_without_scripts(outputs, open_page, name):
    page, told = open_page(outputs / name, java_script_enabled=False)
    assert told == []
    assert page.locator("h1").is_visible()
    assert page.locator("main table:not(.r-sign-here)").first.is_visible()


@pytest.mark.parametrize(("name", "width", "scheme"), AXE_PAGES)
def test_axe_finds_nothing(visit, name, width, scheme):
    page, _ = visit(name, width, scheme)
    found = Axe().run(page, options=AXE[scheme]).response["violations"]
    assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == []
