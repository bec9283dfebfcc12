"""`opsbook new` asks on a terminal what a table cannot tell, and leaves blanks elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest
from tests.run.workspaces import ROOT, opsbook, workspace

from opsbook.project import load_project
from opsbook.run.guess import Guess
from opsbook.run.questions import questions

TABLE = "params/data/semmelweis_clinic1_monthly.csv"


def asked(*answers: str):
    """What the questions come to, and what was said meanwhile."""
    given, told = list(answers), list[str]()
    guess = Guess(
        date="month", grain="month", ratio=("deaths", "births"), value=None, dimensions=()
    )
    found = questions(lambda _: given.pop(0), told.append)(guess)
    assert not given
    return found, told


def test_answers_are_taken_as_they_will_be_written():
    found, told = asked("lower", "4%", "1847-05-15")
    assert (found.better, found.target, found.launched) == ("lower", "4%", "1847-05-15")
    assert told == ["The table has deaths / births by month (month)."]


def test_an_answer_that_cannot_be_read_is_asked_for_again():
    found, told = asked("up", "h", "X %", "20%", "soon", "")
    assert (found.better, found.target, found.launched) == ("higher", "20%", "")
    assert told[1:] == [f"'{text}' cannot be read." for text in ("up", "X %", "soon")]


def test_a_target_that_the_figure_cannot_have_is_asked_for_again():
    found, told = asked("lower", "90", "90%", "")
    assert found.target == "90%"
    assert told[1] == "'90': a share lies between 0% and 100%."
    answers = ["higher", "90%", "1200", ""]
    total = Guess(date="day", grain="day", ratio=None, value="orders", dimensions=())
    found = questions(lambda _: answers.pop(0), told.append)(total)
    assert found.target == "1200"
    assert told[-1] == "'90%': the target of orders is no percentage."


def test_on_a_terminal_it_asks_and_the_params_are_ready(tmp_path):
    folder = workspace(tmp_path)
    terminal, ours = pty.openpty()
    os.write(terminal, b"lower\n4%\n1847-05-15\n")
    told = subprocess.run(
        [sys.executable, "-m", "opsbook", "new", "clinic", "--data", TABLE],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "kit")},
        stdin=ours,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    os.close(ours)
    os.close(terminal)
    assert told.returncode == 0, told.stderr
    assert "Next: opsbook check" in told.stderr
    project = load_project(folder / "params" / "clinic.yaml")
    assert project.metric.better == "lower"
    assert project.metric.target == pytest.approx(0.04)
    assert project.effect is not None
    assert opsbook(folder, "check").returncode == 0


def test_elsewhere_it_leaves_marked_blanks_and_check_names_them(tmp_path):
    folder = workspace(tmp_path)
    told = opsbook(folder, "new", "clinic", "--data", TABLE)
    assert told.returncode == 0, told.stderr
    assert "Fill the blanks marked with <<<" in told.stderr
    text = (folder / "params" / "clinic.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=project.schema.json\n")
    assert text.count("<<<") == 4  # the head tells of them
    checked = opsbook(folder, "check")
    assert checked.returncode == 2
    assert "metric.better: must be 'higher' or 'lower'" in checked.stderr
