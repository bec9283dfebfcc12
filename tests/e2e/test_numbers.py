"""Where the numbers of a report come from, and that both languages tell the same ones."""

from __future__ import annotations

import re

import pytest
from tests.conftest import SAMPLES
from tests.e2e.numbers import FIGURE, untraced
from tests.run.workspaces import ROOT

REPORTS = ("report.html", "report.zh.html")
DATE = re.compile(
    r"\d{4}年(?:第?\d+(?:月\d+日|月|周|季度))?"
    r"|(?:\d+ )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Q\d) \d{4}|\d{4}-W\d\d"
)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("file", REPORTS)
def test_no_number_is_without_a_source(outputs, name, file):
    params = (ROOT / "params" / f"{name}.yaml").read_text("utf-8")
    assert untraced(outputs / name / file, ROOT / "templates", params) == []


def test_a_number_that_nobody_saved_is_found(outputs, tmp_path):
    report = outputs / "clinic_deaths" / "report.html"
    for file in (report, *report.parent.glob("?_*.json")):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    legend = '<p class="r-small r-legend">'
    made_up = report.read_text("utf-8").replace(legend, f"{legend}Saved 12,345.6 lives. ")
    (tmp_path / "report.html").write_text(made_up, "utf-8")
    params = (ROOT / "params" / "clinic_deaths.yaml").read_text("utf-8")
    faults = untraced(tmp_path / "report.html", ROOT / "templates", params)
    assert len(faults) == 1
    assert "no result holds 12,345.6" in faults[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_both_languages_tell_the_same_numbers(outputs, name):
    english, chinese = (
        [
            sorted(FIGURE.findall(_without_dates(re.sub(r"<[^>]+>", " ", part))))
            for part in re.findall(r'<a class="r-n\b.*?</a>|<td.*?</td>', text, re.DOTALL)
        ]
        for text in ((outputs / name / file).read_text("utf-8") for file in REPORTS)
    )
    assert sorted(english) == sorted(chinese)
    assert len(english) > 50


@pytest.mark.parametrize("name", SAMPLES)
def test_both_languages_lead_the_same_numbers_to_the_same_results(outputs, name):
    english, chinese = (
        sorted(re.findall(r'<a class="r-n\b[^>]*title="([^"]*)"', text))
        for text in ((outputs / name / file).read_text("utf-8") for file in REPORTS)
    )
    assert english == chinese
    assert len(english) > 20


def _without_dates(text: str) -> str:
    """A text without its dates, which each language writes in its own way."""
    return DATE.sub("", text)
