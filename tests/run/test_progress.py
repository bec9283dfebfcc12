"""What a run says while it runs, and when a project is finished."""

from __future__ import annotations

import pytest
from rich.progress import Task

from opsbook.run.lock import project_lock
from opsbook.run.progress import Progress, _Stages
from opsbook.run.record import ProjectRun, Run
from opsbook.run.run_log import RunLog, last_line


def finished(*runs: Run) -> ProjectRun:
    return ProjectRun(
        project="jfk",
        title="",
        params_file="jfk.yaml",
        params={},
        versions={},
        started="",
        seconds=4.25,
        runs=runs,
    )


def test_a_finished_project_is_one_line_with_the_seconds_of_its_stages(tmp_path, capsys):
    done = Run(project="jfk", stage="intake", status="done", seconds=1.2)
    cached = Run(project="jfk", stage="trigger", status="cached")
    with Progress([tmp_path / "jfk"]) as progress:
        progress.finished(finished(done, cached))
    assert capsys.readouterr().err == "jfk: 1 done, 1 cached (4.2 s: intake 1.2)\n"


def test_a_project_of_which_nothing_could_run_is_one_line_with_the_reason(tmp_path, capsys):
    held = finished().model_copy(update={"report_failure": "It is being run by process 7."})
    with Progress([tmp_path / "jfk"]) as progress:
        progress.finished(held)
    assert capsys.readouterr().err == "Error: jfk: It is being run by process 7.\n"


def test_a_report_or_a_store_that_failed_is_told_below_its_project(tmp_path, capsys):
    done = finished(Run(project="jfk", stage="intake", status="done"))
    with Progress([tmp_path / "jfk"]) as progress:
        progress.finished(done.model_copy(update={"report_failure": "a", "store_failure": "b"}))
    assert capsys.readouterr().err.splitlines()[1:] == ["  no report: a", "  not in the store: b"]


@pytest.mark.parametrize("text", ["diagnosis: runs: the data changed", "trigger: from the cache"])
def test_on_a_terminal_the_stage_that_runs_is_told(tmp_path, text):
    folders = {name: tmp_path / name for name in ("jfk", "lga")}
    column = _Stages(folders)
    task = Task(0, "", 2, 0, lambda: 0.0)  # type: ignore[arg-type] # rich's id and clock
    with project_lock(folders["lga"], 0):
        RunLog(folders["lga"], str)("intake: done")
        RunLog(folders["lga"], str)(text)
        assert column.render(task).plain == f"lga: {text.partition(':')[0]}"
    assert column.render(task).plain == ""


def test_a_log_that_is_not_there_has_no_last_line(tmp_path):
    assert last_line(tmp_path) == ""
