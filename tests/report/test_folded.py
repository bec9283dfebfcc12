from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from nbformat import v4
from tests.report.samples import TEMPLATE, notebook, project, results, shown, write

from opsbook.report import publish
from opsbook.report.folded import empty_sections
from opsbook.show.shown import absent, note


def cells(*pieces: Any) -> list[Any]:
    """A section for each piece: its title, and the cell that shows it."""
    return [
        cell
        for i, piece in enumerate(pieces)
        for cell in (
            v4.new_markdown_cell(f"## Part {i}", id=f"t{i}"),
            shown(piece._repr_mimebundle_(), f"c{i}"),
        )
    ]


def test_neighbours_without_data_fold_together_and_what_was_found_stays():
    found = cells(absent("No log."), absent("No funnel."), note("All is well."), absent("No x."))
    assert empty_sections(found) == [range(4), range(6, 8)]


def test_a_section_with_a_table_beside_the_note_stays():
    assert empty_sections(cells(absent("No log.") + note("But this."))) == []


def test_a_section_of_two_code_cells_stays():
    one = cells(absent("No log."))
    assert empty_sections([*one, one[1]]) == []


def test_the_page_names_what_it_folds_and_the_contents_leave_it_out(tmp_path):
    part = cells(absent("No log."), note("All is well."))
    write(tmp_path, results(), {"trigger": notebook("trigger", *part)})
    page = publish(tmp_path, project(), template_dir=TEMPLATE).read_text("utf-8")
    folded = BeautifulSoup(page, "html.parser").select_one("details.r-absent")
    assert folded is not None
    assert folded.summary is not None
    assert folded.summary.get_text() == "Without data in this project: Part 0"
    assert "No log." in folded.get_text()
    assert "All is well." not in folded.get_text()
    contents = page[page.index('class="r-toc"') : page.index("</nav>")]
    assert ("Part 1" in contents, "Part 0" in contents) == (True, False)
