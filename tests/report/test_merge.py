from typing import Any

import pytest
from tests.report.samples import SVG, notebook, shown, write

from opsbook.errors import RunError
from opsbook.report.merge import OURS, merge, read_notebooks, subtitles
from opsbook.results import STAGES, Stage


def merged(*stages: Stage) -> Any:
    made: Any = {stage: notebook(stage, shown({"image/svg+xml": SVG})) for stage in stages}
    return merge(made, STAGES)


def test_every_cell_s_id_begins_with_its_stage_and_none_is_there_twice():
    ids = [cell.id for cell in merged("trigger", "effect").cells]
    assert len(ids) == len(set(ids))
    assert "trigger-shown" in ids
    assert "effect-shown" in ids


def test_the_first_h1_becomes_the_section_s_title():
    cells = merged("trigger").cells
    opening = next(c for c in cells if c.metadata[OURS]["section"] == "trigger")
    assert opening.metadata[OURS]["title"] == "The trigger question"
    assert opening.source.strip() == "An introduction."


def test_the_parameters_come_last():
    cells = merged("trigger", "effect").cells
    assert [c.metadata[OURS]["section"] for c in cells][-2:] == ["parameters"] * 2
    assert [c.metadata[OURS].get("stage") for c in cells][-2:] == ["trigger", "effect"]


def test_every_section_is_opened_and_closed_once_even_without_a_notebook():
    cells = merged("trigger").cells
    for section in (*STAGES, "parameters"):
        own = [c.metadata[OURS] for c in cells if c.metadata[OURS]["section"] == section]
        assert [o["opens"] for o in own].count(True) == 1
        assert [o["closes"] for o in own].count(True) == 1


def test_merging_leaves_the_notebooks_as_they_were():
    made = notebook("trigger")
    before = str(made)
    merge({"trigger": made}, STAGES)
    assert str(made) == before


def test_a_heading_in_a_code_block_is_no_heading():
    cell = {"cell_type": "markdown", "source": "## One\n```\n## no\n```\n## [Two](#x)"}
    assert subtitles(cell) == ["One", "Two"]


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    (tmp_path / "1_trigger.ipynb").write_text("{}")
    with pytest.raises(RunError, match=r"1_trigger\.ipynb is no notebook"):
        read_notebooks(tmp_path)


def test_only_the_notebooks_that_are_there_are_read(tmp_path):
    write(tmp_path, {}, {"effect": notebook("effect")})
    assert list(read_notebooks(tmp_path)) == ["effect"]
