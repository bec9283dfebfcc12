"""A disk that is full or read-only stops a batch with one error and leaves what was there."""

import errno
from pathlib import Path

import pytest

from opsbook.errors import RunError
from opsbook.run import project_run, unwritable
from opsbook.run.batch import run_batch
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job, plan
from opsbook.run.record import Run
from opsbook.run.unwritable import UnwritableError, stop_if_unwritable
from opsbook.run.workspace import init_workspace


def jobs(folder: Path) -> list[Job]:
    workspace = init_workspace(folder)
    sample = [workspace.params / "clinic_deaths.yaml"]
    return [
        j for name in ("one", "two") for j in plan(workspace, sample, {"project": {"id": name}})
    ]


def test_a_full_disk_is_told_once_and_the_old_outputs_stay(tmp_path, monkeypatch):
    made = jobs(tmp_path)
    made[0].folder.mkdir(parents=True)
    (made[0].folder / "report.html").write_text("old")
    monkeypatch.setattr(unwritable, "LEAST", 2**70)
    with pytest.raises(UnwritableError, match=r"disk of outputs/ is full.*as they were"):
        run_batch(made, lambda job, _runs: job.folder)
    assert [f.name for f in made[0].folder.iterdir()] == ["report.html"]
    assert not made[1].folder.exists()


def test_a_write_that_fails_for_want_of_space_is_the_disks_fault(tmp_path, monkeypatch):
    def full(*_, **__):
        raise RunError("one/.0_intake.ipynb cannot be written: No space.") from OSError(
            errno.ENOSPC, "No space"
        )

    monkeypatch.setattr(project_run, "execute", full)
    made = jobs(tmp_path)
    made[0].folder.mkdir(parents=True)
    (made[0].folder / "0_intake.json").write_text("old")
    with pytest.raises(UnwritableError, match="No space"):
        run_batch(made, lambda job, _runs: job.folder, options=RunOptions(stages=("intake",)))
    assert (made[0].folder / "0_intake.json").read_text() == "old"


def test_a_fault_of_the_notebook_is_not_the_disks(tmp_path):
    stop_if_unwritable(tmp_path, RunError("There is no template."))
    stop_if_unwritable(tmp_path, Run(project="p", stage="intake", status="done"))
