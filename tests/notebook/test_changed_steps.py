"""A step that somebody changed is told in the saved result, with who, when and why."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import nbformat
import pytest
from tests.run.workspaces import ROOT, opsbook, workspace

from opsbook.notebook.changed_steps import changed_steps
from opsbook.notebook.overrides import caution_of
from opsbook.results.by_stage import read_result
from opsbook.text import Language

MISSES = "misses = trigger.consecutive_misses(context)\nshow.misses(misses, history)"
OWN = "misses = trigger.consecutive_misses(mine(context))\nshow.misses(misses, history)"
SAID = "# override: Ann Lee, 2025-11-03: the week of the strike is left out\n"


def told(*cells: str):
    executed = {f"cell {number}": code for number, code in enumerate(cells)}
    return [
        (one.name, one.who, str(one.when), one.why) for one in changed_steps("trigger", executed)
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


@pytest.mark.parametrize(
    "code",
    [
        "misses.runs",
        "import pandas\nfig = misses.model_dump()",
        "from opsbook.notebook import save",
        "[len(misses) for misses in found.runs]",
        "def helper(rules):\n    chart = rules\n    return chart",
        MISSES.replace("show.misses(misses, history)", "misses.runs[0].longest"),
        'get_ipython().run_cell_magic("time", "", "misses = trigger.consecutive_misses(context)")',
    ],
)
def test_looking_at_results_changes_nothing(code):
    assert told(code) == []


def test_whose_account_ran_a_changed_step_is_noted_in_any_case(monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_USER", "ann")
    (one,) = changed_steps("trigger", {"misses": OWN})
    assert (one.account, one.who) == ("ann", None)
    told = Language("en").say(caution_of(one).statement)
    assert told.startswith("The step 'misses' was changed by hand. ann ran it on ")


@pytest.mark.parametrize(
    ("code", "step"),
    [
        ("context = other(context)", "history"),
        ("result = result.model_copy(update={'tone': 'good'})", "verdict"),
        ("trigger.consecutive_misses = mine", "history"),
        ("def misses(): ...", "misses"),
        ("for misses in (1, 2):\n    pass", "misses"),
        ("save(context, better)", "save"),
        ("from mine import control_chart as trigger", "history"),
        ("setattr(trigger, 'replay', mine)", "history"),
        ("exec(text)", "history"),
        ("get_ipython().run_line_magic('run', '-i mine.py')", "history"),
        ("def mine():\n    global result\n    result = None", "verdict"),
        ('get_ipython().run_cell_magic("time", "", "misses = mine(context)")', "misses"),
    ],
)
def test_a_new_cell_that_binds_what_a_step_uses_is_a_change(code, step):
    assert [found[0] for found in told(code)] == [step]


def test_a_cell_below_the_opening_call_is_seen_too():
    opening = "context = open_stage('trigger', params_file, run_dir, {})"
    (one,) = changed_steps("trigger", {"open": f"{opening}\ncontext = other(context)"})
    assert one.name == "open"
    assert changed_steps("trigger", {"open": opening}) == ()


def test_a_template_that_an_older_kit_brought_is_nobodys_change(tmp_path):
    brought = tmp_path / "1_trigger.ipynb"
    older = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(OWN, id="misses")])
    nbformat.write(older, brought)
    assert changed_steps("trigger", {"misses": OWN}, brought=brought) == ()
    assert changed_steps("trigger", {"misses": OWN})


OVERRIDES = """\
# override: Bo Lind, 2025-11-04: the board has set a lower one
params_file = "../../params/clinic_deaths.yaml"
overrides = {"metric": {"target": "2%"}, "effect": {"launched": "1847-06"}}
run_dir = "."
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A run, then a notebook of it changed in three ways and run again, as in JupyterLab."""
    folder = workspace(tmp_path_factory.mktemp("changed"), "clinic_deaths")
    (folder / "templates" / "grace.py").write_text(
        "def same(context):\n    return context\n", encoding="utf-8"
    )
    done = opsbook(folder, "run", "--stage", "intake", "--stage", "trigger")
    assert done.returncode == 0, done.stderr
    path = folder / "outputs" / "clinic_deaths" / "1_trigger.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cells = {cell["id"]: cell for cell in notebook.cells}
    (injected,) = [c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])]
    injected["source"] = OVERRIDES
    cells["misses"]["source"] = f"{SAID}from grace import same\n" + MISSES.replace(
        "context", "same(context)"
    )
    after = notebook.cells.index(cells["guard"]) + 1
    notebook.cells.insert(after, nbformat.v4.new_code_cell("guard = guard.model_copy()"))
    nbformat.write(notebook, path)
    execute = [sys.executable, "-m", "nbconvert", "--execute", "--to", "notebook", "--inplace"]
    subprocess.run(
        [*execute, path.name],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT / "kit"), "JUPYTERHUB_USER": "cy"},
        check=True,
        capture_output=True,
    )
    return folder


def test_the_saved_result_tells_a_field_a_step_and_an_inserted_cell(ran):
    saved = read_result(ran / "outputs" / "clinic_deaths", "trigger")
    assert saved is not None
    field, step, inserted = saved.overrides
    assert (field.what, field.name, field.value, field.instead_of) == (
        *("field", "metric.target", "2%", "4%"),
    )
    assert (field.who, field.why) == ("Bo Lind", "the board has set a lower one")
    assert (step.what, step.name, step.who) == ("step", "misses", "Ann Lee")
    assert (inserted.what, inserted.name, inserted.who) == ("step", "guard", None)
    assert inserted.account == "cy"
    told = [Language("en").say(c.statement) for c in saved.cautions if c.id.startswith("changed-")]
    assert told[0] == (
        "metric.target was set to 2% by hand by Bo Lind on 4 Nov 2025: "
        "the board has set a lower one (the params file says: 4%)"
    )
    assert told[1] == (
        "The step 'misses' was changed by hand by Ann Lee on 3 Nov 2025: "
        "the week of the strike is left out"
    )
    assert told[2].startswith("The step 'guard' was changed by hand. cy ran it on ")


def test_the_report_and_the_next_run_tell_it_in_both_languages(ran):
    done = opsbook(ran, "run", "--stage", "intake", "--stage", "trigger")
    assert done.returncode == 0, done.stderr
    outputs = ran / "outputs" / "clinic_deaths"
    report = re.sub(r"<[^>]+>", "", (outputs / "report.html").read_text(encoding="utf-8"))
    assert "was changed by hand by Ann Lee on 3 Nov 2025" in report
    assert "metric.target was set to 2% by hand by Bo Lind" in report
    done = opsbook(ran, "report", "--lang", "en,zh")
    assert done.returncode == 0, done.stderr
    chinese = re.sub(r"<[^>]+>", "", (outputs / "report.zh.html").read_text(encoding="utf-8"))
    assert "metric.target 由 Bo Lind 于" in chinese
    assert "步骤“guard”被手工修改，由 cy 于" in chinese
