"""The templates keep the house style: a short story, stored without outputs."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest

from opsbook.results import STAGES
from opsbook.results.saved import file_name

TEMPLATES = Path(__file__).parents[2] / "templates"
FILES = sorted(TEMPLATES.glob("*.ipynb"))
FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda)


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_is_one_template_a_stage():
    assert [file.name for file in FILES] == [file_name(stage, ".ipynb") for stage in STAGES]


def test_it_is_valid_and_stored_without_outputs(notebook):
    nbformat.validate(notebook)
    assert not any(cell.outputs or cell.execution_count for cell in code(notebook))


def test_its_cell_ids_are_names_and_unique(notebook):
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(name == name.lower() and name.replace("-", "").isalpha() for name in ids)


def test_it_opens_with_one_question_and_has_no_other_title(notebook):
    assert notebook.cells[0].source.startswith("# ")
    assert notebook.cells[0].source.splitlines()[0].endswith("?")
    titles = [c for c in notebook.cells if c.cell_type == "markdown" and c.source.startswith("# ")]
    assert len(titles) == 1


def test_the_parameters_come_next_as_plain_values(notebook):
    cell = code(notebook)[0]
    assert cell.metadata.tags == ["parameters"]
    names = [node.targets[0].id for node in ast.parse(cell.source).body]
    assert names == ["params_file", "overrides", "run_dir"]


def test_it_imports_in_one_cell_and_saves_in_the_last(notebook):
    importing = [cell.id for cell in code(notebook) if "import " in cell.source]
    assert importing == ["open"]
    assert code(notebook)[-1].source == "save(context, result)"


def test_it_is_a_story_and_no_program(notebook):
    assert len(notebook.cells) <= 25
    for cell in code(notebook):
        assert len(cell.source.splitlines()) <= 8
        tree = ast.parse(cell.source)
        assert not [node for node in ast.walk(tree) if isinstance(node, FORBIDDEN)]
        assert "print(" not in cell.source


def test_each_section_is_prose_then_a_call(notebook):
    kinds = [cell.cell_type for cell in notebook.cells[3:-1]]
    assert kinds == ["markdown", "code"] * (len(kinds) // 2)
