"""`opsbook lab PROJECT STAGE` opens the very notebook, with its parameters in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.run.workspaces import ROOT, opsbook, workspace

from opsbook.errors import ParamsError
from opsbook.run.lab import no_chinese_font, notebook_of, stage_named
from opsbook.run.plan import Job, plan
from opsbook.run.template_text import source
from opsbook.run.workspace import Workspace


@pytest.fixture(scope="module")
def ops(tmp_path_factory):
    samples = ("clinic_deaths", "airports", "shop_signup")
    return Workspace(root=workspace(tmp_path_factory.mktemp("ops"), *samples))


def job(ops: Workspace, name: str) -> Job:
    return next(one for one in plan(ops, ()) if one.project.project.id == name)


def injected(path: Path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    tagged = [c for c in cells if "injected-parameters" in c["metadata"].get("tags", [])]
    assert len(tagged) == 1
    return source(tagged[0])


def test_the_notebook_stands_with_the_outputs_and_has_the_projects_parameters(ops):
    path = notebook_of(job(ops, "clinic_deaths"), "effect")
    assert path == ops.root / "outputs" / "clinic_deaths" / "4_effect.ipynb"
    assert 'params_file = "../../params/clinic_deaths.yaml"' in injected(path)
    assert 'run_dir = "."' in injected(path)


def test_a_project_of_for_each_is_named_by_its_id(ops):
    assert "airport_atl" in injected(notebook_of(job(ops, "airport_atl")))


def test_the_prose_is_in_the_projects_language(ops):
    text = notebook_of(job(ops, "shop_signup")).read_text(encoding="utf-8")
    assert "# 有理由启动优化吗？" in text


def test_a_notebook_that_is_there_is_opened_as_it_is(ops):
    path = notebook_of(job(ops, "clinic_deaths"), "intake")
    path.write_text("somebody's own", encoding="utf-8")
    assert notebook_of(job(ops, "clinic_deaths"), "intake") == path
    assert path.read_text(encoding="utf-8") == "somebody's own"


def test_templates_are_never_written(ops):
    before = {p.name: p.read_bytes() for p in (ROOT / "templates").glob("*.ipynb")}
    notebook_of(job(ops, "clinic_deaths"), "control")
    assert {p.name: p.read_bytes() for p in ops.templates.glob("*.ipynb")} == before


def test_an_unknown_stage_or_project_is_told_with_those_that_there_are(ops):
    with pytest.raises(ParamsError, match="there are: intake, trigger"):
        stage_named("triger")
    told = opsbook(ops.root, "lab", "clinic")
    assert told.returncode == 2
    assert "There is no project 'clinic'" in told.stderr


def test_the_hint_about_fonts_is_for_chinese_projects_on_machines_without_one(ops, monkeypatch):
    def fonts(found: str):
        done = subprocess.CompletedProcess([], 0, stdout=found)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)

    fonts("")
    assert no_chinese_font([job(ops, "shop_signup")])
    assert not no_chinese_font([job(ops, "clinic_deaths")])
    fonts("Noto Sans CJK SC\n")
    assert not no_chinese_font([job(ops, "shop_signup")])


def test_papermill_understands_the_parameters_cell():
    told = subprocess.run(
        [sys.executable, "-m", "papermill", "--help-notebook", "templates/1_trigger.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name, default in (("params_file", "jfk_delays.yaml"), ("overrides", "{}"), ("run_dir", "")):
        line = next(line for line in told.stdout.splitlines() if line.strip().startswith(name))
        assert default in line
    assert "the project: see params/README.md" in told.stdout
