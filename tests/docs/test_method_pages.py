"""docs/methods/ is in step with the methods; each page says what must hold, and its source."""

from __future__ import annotations

import doctest
import re
import runpy

import pytest
from tests.conftest import ROOT

MAKER = runpy.run_path(str(ROOT / "docs" / "make_method_pages.py"))
PAGES = MAKER["pages"]()


def test_the_pages_are_what_the_code_says():
    stored = {p.name: p.read_text(encoding="utf-8") for p in (ROOT / "docs/methods").glob("*.md")}
    assert stored == PAGES, "run: make reference"


@pytest.mark.parametrize("name", sorted(set(PAGES) - {"README.md"}))
def test_a_page_says_what_must_hold_and_its_source(name):
    sections = dict(
        re.findall(r"^## (.*?)\n\n(.*?)(?=\n\n## |\Z)", PAGES[name], re.DOTALL | re.MULTILINE)
    )
    assert len(sections["What must hold"]) > 20, f"{name}: tell it in docs/method_notes.yaml"
    assert re.search(r"\d", sections["Source"]), name
    assert sections["Measured"]


@pytest.mark.parametrize("name", ["welch.md", "laney_p_chart.md", "topsis.md"])
def test_the_call_on_a_page_gives_what_it_shows(name):
    code = "\n".join(re.findall(r"^```python\n(.*?)^```$", PAGES[name], re.DOTALL | re.MULTILINE))
    test = doctest.DocTestParser().get_doctest(code, {}, name, name, 0)
    assert doctest.DocTestRunner().run(test).failed == 0


def test_a_note_belongs_to_a_method_and_names_its_benchmark():
    notes = MAKER["yaml"].safe_load(MAKER["NOTES"].read_text(encoding="utf-8"))
    for name, note in notes.items():
        assert f"{name}.md" in PAGES, name
        assert set(note) <= {"assumes", "measured", "command"}
        assert ("measured" in note) == ("command" in note), name
        if "command" in note:
            assert (ROOT / note["command"].split()[1]).is_file(), name
