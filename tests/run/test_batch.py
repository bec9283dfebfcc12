"""Projects side by side share one fork server; a killed command leaves no process."""

import subprocess
import sys
import time
from pathlib import Path

from opsbook.report.from_run import publish_job
from opsbook.run.batch import run_batch
from opsbook.run.options import RunOptions
from opsbook.run.plan import plan
from opsbook.run.record import ProjectRun
from opsbook.run.workspace import init_workspace

INTAKE = RunOptions(stages=("intake",))


def children() -> dict[int, list[int]]:
    """Process → those that it has started."""
    found: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            found.setdefault(int(parent), []).append(int(stat.parent.name))
    return found


def descendants(pid: int) -> set[int]:
    tree = children()
    found, left = set(), [pid]
    while left:
        new = tree.get(left.pop(), [])
        found.update(new)
        left += new
    return found


def test_projects_side_by_side_all_come_back_in_order(tmp_path):
    workspace = init_workspace(tmp_path)
    sample = [workspace.params / "clinic_deaths.yaml"]
    jobs = [
        job
        for name in ("one", "two", "three")
        for job in plan(workspace, sample, {"project": {"id": name}})
    ]
    told: list[ProjectRun] = []
    runs = run_batch(jobs, publish_job, workers=2, options=INTAKE, finished=told.append)
    assert [run.project for run in runs] == ["one", "two", "three"]
    assert not any(run.failed for run in runs)
    assert sorted(run.project for run in told) == ["one", "three", "two"]
    assert all((job.folder / "report.html").exists() for job in jobs)


def test_a_killed_command_leaves_no_process(tmp_path):
    workspace = init_workspace(tmp_path)
    files = [str(workspace.params / f"{name}.yaml") for name in ("clinic_deaths", "jfk_delays")]
    with subprocess.Popen(
        [sys.executable, "-m", "opsbook", "run", "-j", "2", *files], cwd=tmp_path
    ) as command:
        try:
            end = time.monotonic() + 240
            while len(list(workspace.outputs.glob("*/.0_intake.ipynb"))) < 2:
                assert time.monotonic() < end
                time.sleep(0.02)
            started = descendants(command.pid)
        finally:
            command.kill()
    assert len(started) >= 4  # the fork server, Python's own one and two workers at least
    end = time.monotonic() + 240
    while left := started & alive():
        assert time.monotonic() < end, left
        time.sleep(0.05)


def alive() -> set[int]:
    return {pid for started in children().values() for pid in started}
