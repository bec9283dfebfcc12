"""A step that somebody changed is told in the saved result, with who, when and why."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
from tests.run.workspaces import ROOT, opsbook, workspace

from opsbook.notebook.changed_steps import changed_steps
from opsbook.results import read_result
from opsbook.text import Language

MISSES = "misses = trigger.consecutive_misses(context)\nshow.misses(misses, history)"
OWN = "misses = trigger.consecutive_misses(mine(context))\nshow.misses(misses, history)"
SAID = "# override: Ann Lee, 2025-11-03: the week of the strike is left out\n"


def told(*cells: str):
    executed = {f"cell {number}": code for number, code in enumerate(cells)}
    return [
        (one.step, one.who, str(one.when), one.why) for one in changed_steps("trigger", executed)
    ]


def test_the_kits_own_steps_are_no_change_whatever_their_layout_and_comments():
    assert told(MISSES, MISSES.replace("(", "( ") + "  # looked at twice") == []


def test_a_changed_step_is_told_with_who_when_and_why():
    why = "the week of the strike is left out"
    assert told(SAID + OWN) == [("misses", "Ann Lee", "2025-11-03", why)]
    assert told("# 改动：张三，2025-11-03：罢工那周不算\n" + OWN) == [
        ("misses", "张三", "2025-11-03", "罢工那周不算")
    ]


@pytest.mark.parametrize(
    "comment",
    ["", "# override: Ann Lee: a reason\n", "# override: Ann Lee, 2025-13-03: a reason\n"],
)
def test_a_change_that_nobody_explains_is_told_too(comment):
    assert told(comment + OWN) == [("misses", None, "None", None)]


def test_looking_at_results_changes_nothing():
    assert told("misses.runs", "import pandas\nfig = misses.model_dump()", "%timeit 1") == []


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("context = other(context)", "history"),
        ("result = result.model_copy(update={'tone': 'good'})", "verdict"),
        ("trigger.consecutive_misses = mine", "history"),
        ("def misses(): ...", "misses"),
        ("for misses in (1, 2):\n    pass", "misses"),
        ("save(context, better)", "save"),
    ],
)
def test_a_new_cell_that_binds_what_a_step_uses_is_a_change(code, step):
    assert [found[0] for found in told(code)] == [step]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run, then a notebook of it with one step changed and run again, as in JupyterLab."""
    folder = workspace(tmp_path_factory.mktemp("changed"), "clinic_deaths")
    (folder / "templates" / "grace.py").write_text(
        "def same(context):\n    return context\n", encoding="utf-8"
    )
    done = opsbook(folder, "run", "--stage", "intake", "--stage", "trigger")
    assert done.returncode == 0, done.stderr
    path = folder / "outputs" / "clinic_deaths" / "1_trigger.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "misses")
    cell["source"] = f"{SAID}from grace import same\n" + MISSES.replace("context", "same(context)")
    path.write_text(json.dumps(notebook), encoding="utf-8")
    execute = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace"]
    subprocess.run(
        [*execute, path.name],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT / "kit")},
        check=True,
        capture_output=True,
    )
    return folder


def test_the_saved_result_tells_the_override(ran):
    saved = read_result(ran / "outputs" / "clinic_deaths", "trigger")
    assert saved is not None
    (caution,) = [c for c in saved.cautions if c.id == "changed-misses"]
    assert Language("en").say(caution.statement) == (
        "The step 'misses' was changed by hand by Ann Lee on 2025-11-03: "
        "the week of the strike is left out"
    )
    others = [c.id for c in saved.cautions if c.id.startswith("changed-")]
    assert others == ["changed-misses"]


def test_the_report_and_the_next_run_tell_it(ran):
    done = opsbook(ran, "run", "--stage", "intake", "--stage", "trigger")
    assert done.returncode == 0, done.stderr
    report = (ran / "outputs" / "clinic_deaths" / "report.html").read_text(encoding="utf-8")
    assert "was changed by hand by Ann Lee on 2025-11-03" in re.sub(r"<[^>]+>", "", report)
