"""A workspace's notebooks: what has moved away from the kit is told, with what mends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.run.workspaces import opsbook

from opsbook.run import template_drift
from opsbook.run.template_drift import drift
from opsbook.run.template_text import source, stripped
from opsbook.run.workspace import Workspace, init_workspace

NAME = "1_trigger.ipynb"


@pytest.fixture
def ops(tmp_path):
    return init_workspace(tmp_path / "ops")


Change = Callable[[dict[str, Any], dict[str, Any]], object]


def change(workspace: Workspace, what: Change, name: str = NAME) -> None:
    path = workspace.templates / name
    notebook = json.loads(path.read_text(encoding="utf-8"))
    what({cell["id"]: cell for cell in notebook["cells"]}, notebook)
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_new_workspace_has_not_drifted(tmp_path, language):
    assert drift(init_workspace(tmp_path / "ops", language)) == []


def test_a_cell_of_the_users_own_is_no_drift(ops):
    change(ops, lambda cells, _: cells["misses"].update(source="misses = mine(context)"))
    assert drift(ops) == []


def untagged(cells, _):
    cells["parameters"]["metadata"]["tags"] = []


def one_parameter_less(cells, _):
    cells["parameters"]["source"] = cells["parameters"]["source"][:-1]


def renamed_step(cells, _):
    cells["misses"]["source"] = "misses = trigger.consecutive_missed(context)"


def renamed_picture(cells, _):
    cells["misses"]["source"] = "show.missed(misses)"


def never_saved(_, notebook):
    notebook["cells"].pop()


def conflict(cells, _):
    cells["misses"]["source"] = "<<<<<<< local\nmine()\n=======\ntheirs()\n>>>>>>> remote"


@pytest.mark.parametrize(
    ("what", "problem", "fix"),
    [
        (untagged, "no cell has the tag 'parameters'", "Give the tag to the cell"),
        (one_parameter_less, "does not set run_dir", "Add the line"),
        (renamed_step, "calls trigger.consecutive_missed", "Call trigger.consecutive_misses"),
        (renamed_picture, "calls show.missed", "Call show.misses"),
        (never_saved, "no cell saves the result", "save(context, result)"),
        (conflict, "a merge left conflicts in the cells misses", "Choose one side"),
    ],
)
def test_what_would_stop_a_run_is_told_with_its_fix(ops, what, problem, fix):
    change(ops, what)
    (found,) = drift(ops)
    assert found.stops
    assert problem in str(found)
    assert fix in str(found)


def test_outputs_that_are_stored_are_told_and_stop_nothing(ops):
    change(ops, lambda cells, _: cells["save"].update(execution_count=12))
    (found,) = drift(ops)
    assert "stored with outputs" in found.problem
    assert not found.stops


def test_a_missing_notebook_and_one_that_is_none_are_told(ops):
    (ops.templates / NAME).unlink()
    (ops.templates / "4_effect.ipynb").write_text("not json", encoding="utf-8")
    assert [found.problem for found in drift(ops)] == ["it is not there.", "it is no notebook."]


def test_a_newer_notebook_of_the_kit_is_told(ops, tmp_path, monkeypatch):
    newer = tmp_path / "kit"
    init_workspace(newer)
    monkeypatch.setattr(template_drift, "SHIPPED", newer)
    assert drift(ops) == []
    path = newer / "templates" / NAME
    path.write_text(path.read_text("utf-8").replace("Verdict", "The verdict"), encoding="utf-8")
    (found,) = drift(ops)
    assert "opsbook upgrade" in found.fix


def test_check_tells_the_drift_and_ends_with_code_2_where_a_run_would_fail(ops):
    change(ops, untagged)
    told = opsbook(ops.root, "check", "params/clinic_deaths.yaml")
    assert told.returncode == 2
    assert "templates/1_trigger.ipynb: no cell has the tag 'parameters'" in told.stderr
    assert "clinic_deaths: ok" in told.stdout


def test_stripping_takes_outputs_and_keeps_cells(ops):
    before = (ops.templates / NAME).read_text(encoding="utf-8")

    def run(cells, notebook):
        cells["misses"].update(execution_count=3, outputs=[{"output_type": "stream"}])
        cells["misses"]["metadata"]["execution"] = {"iopub.execute_input": "now"}
        notebook["metadata"]["language_info"]["version"] = "3.12"

    change(ops, run)
    assert stripped((ops.templates / NAME).read_text(encoding="utf-8")) == before
    assert stripped("no notebook") == "no notebook"


def test_chinese_templates_are_chinese_all_through(tmp_path):
    ops = init_workspace(tmp_path / "ops", "zh")
    for path in ops.templates.glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        prose = [source(cell) for cell in cells if cell["cell_type"] == "markdown"]
        assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text) for text in prose), path.name
