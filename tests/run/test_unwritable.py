"""A disk that is full or read-only stops a batch with one error and leaves what was there."""

import errno
import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.run.workspaces import opsbook, workspace

from opsbook.errors import RunError
from opsbook.run import project_run, unwritable
from opsbook.run.batch import run_batch
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job, plan
from opsbook.run.record import Run
from opsbook.run.unwritable import UnwritableError, stop_if_unwritable
from opsbook.run.workspace import init_workspace

MOUNT, UNMOUNT = (shutil.which(name) or "" for name in ("mount", "umount"))


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


@contextmanager
def small_disk(folder: Path) -> Iterator[dict[str, Any]]:
    """A disk of a few megabytes; where none can be mounted, the command may write no large file.

    Gives the options that the command is started with.
    """
    folder.mkdir()
    mounted = (
        MOUNT
        and not subprocess.run(
            [MOUNT, "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(folder)],
            capture_output=True,
            check=False,
        ).returncode
    )
    try:
        yield {} if mounted else {"preexec_fn": only_small_files}
    finally:
        if mounted:
            subprocess.run([UNMOUNT, str(folder)], check=True)


def only_small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**14, 2**14))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
        and file.suffix in {".html", ".json", ".ipynb"}
        and file.name != "run.json"
    }


def test_a_disk_that_fills_up_is_one_clear_error_and_the_last_run_stays_whole(tmp_path):
    folder = workspace(tmp_path / "ops", "clinic_deaths")
    outputs = folder / "outputs"
    with small_disk(outputs) as options:
        first = opsbook(folder, "run", "--stage", "intake")
        assert first.returncode == 0, first.stderr
        before = contents(outputs)
        template = folder / "templates" / "0_intake.ipynb"
        fills = "open('large', 'wb').write(bytes(2**26))"
        text = template.read_text("utf-8").replace("save(context, result)", fills)
        template.write_text(text, encoding="utf-8")
        told = opsbook(folder, "run", "--stage", "intake", **options)
        after = contents(outputs)
    assert told.returncode == 2, told.stderr
    assert "Traceback" not in told.stderr
    assert told.stderr.count("Error:") == 1
    before.pop("clinic_deaths/0_intake.ipynb")  # it tells in which cell the disk was full
    assert {name: after[name] for name in before} == before


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    if os.geteuid():
        folder.chmod(0o555)
        yield
        folder.chmod(0o755)
        return
    subprocess.run([MOUNT, "--bind", "-o", "ro", str(folder), str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run([UNMOUNT, str(folder)], check=True)


def test_outputs_that_are_read_only_are_one_clear_error(tmp_path):
    folder = workspace(tmp_path / "ops", "clinic_deaths")
    (folder / "outputs").mkdir()
    with read_only(folder / "outputs"):
        told = opsbook(folder, "run", "--stage", "intake")
    assert told.returncode == 2
    assert told.stderr.count("\n") == 1
    assert "clinic_deaths/ cannot be written to: " in told.stderr


def test_one_folder_that_cannot_be_written_stops_its_own_project_only(tmp_path):
    one, two = jobs(tmp_path)
    one.folder.parent.mkdir(exist_ok=True)
    one.folder.write_text("a file")
    runs = run_batch(
        [one, two], lambda job, _runs: job.folder, options=RunOptions(stages=("diagnosis",))
    )
    assert [run.failed for run in runs] == [True, False]
    assert "one/ cannot be written to" in str(runs[0].report_failure)
