"""An interrupt ends the command quietly; a killed process costs nobody else's work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from benchmarks.kills import TARGETS, kills
from tests.run.workspaces import ROOT, workspace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
PATIENCE = 240  # seconds
EARLY = ("--stage", "intake")
SLEEP = "import time; open('began', 'w').close(); time.sleep(9999)"


def projects(folder: Path, *names: str) -> Path:
    """A workspace with copies of a sample under other ids."""
    folder = workspace(folder, "clinic_deaths")
    file = folder / "params" / "clinic_deaths.yaml"
    text = file.read_text(encoding="utf-8")
    file.unlink()
    for name in names:
        named = text.replace("id: clinic_deaths", f"id: {name}")
        (folder / "params" / f"{name}.yaml").write_text(named, encoding="utf-8")
    return folder


def put_to_sleep(folder: Path) -> None:
    """Let the intake's notebook wait for ever after it has said that it runs."""
    file = folder / "templates" / "0_intake.ipynb"
    book = json.loads(file.read_text(encoding="utf-8"))
    cell = next(cell for cell in book["cells"] if cell["id"] == "open")
    cell["source"] = SLEEP
    file.write_text(json.dumps(book), encoding="utf-8")


@contextmanager
def command(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        # a shell starts what runs in the background deaf to interrupts: tests may run so
        [
            "/usr/bin/env",
            "--default-signal=INT",
            sys.executable,
            "-m",
            "opsbook",
            "run",
            *arguments,
        ],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "kit")},
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def left_behind(folder: Path) -> list[str]:
    files = (folder / "outputs").glob("*/*")
    return [f.name for f in files if f.name.startswith(".") or f.name == "run.lock"]


@pytest.mark.parametrize("side_by_side", ["1", "2"])
def test_an_interrupt_is_quiet_and_leaves_what_had_not_begun(tmp_path, side_by_side):
    folder = projects(tmp_path / "ops", "a", "b", "c", "d")
    put_to_sleep(folder)
    later = folder / "outputs" / "d"
    later.mkdir(parents=True)
    (later / "report.html").write_text("of last week")
    with command(folder, "-j", side_by_side, *EARLY) as process:
        wait_until(lambda: len(list(folder.glob("outputs/*/began"))) == int(side_by_side))
        while process.poll() is None:  # by somebody impatient
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.02)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert told.strip() == "Interrupted; what is finished is kept."
    assert left_behind(folder) == []
    assert [file.name for file in later.iterdir()] == ["report.html"]
    assert not (folder / "outputs" / "c").exists()
    run = json.loads((folder / "outputs" / "a" / "run.json").read_text("utf-8"))
    assert [stage["status"] for stage in run["runs"]] == ["interrupted"]


def workers(command: int) -> list[int]:
    """The processes of a batch in which a project runs: children of Python's fork server."""
    found = []
    for file in Path("/proc").glob("[0-9]*/environ"):
        try:
            status = (file.parent / "cmdline").read_bytes()
            parent = int((file.parent / "stat").read_text().rpartition(")")[2].split()[1])
            above = int(Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"multiprocessing.forkserver" in status and above == command:
            found.append(int(file.parent.name))
    return found


def test_a_killed_worker_costs_no_project(tmp_path):
    folder = projects(tmp_path / "ops", "a", "b", "c")
    with command(folder, "-j", "2", *EARLY) as process:
        wait_until(lambda: list(folder.glob("outputs/*/.0_intake.ipynb")))
        os.kill(workers(process.pid)[0], signal.SIGKILL)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    assert len(list(folder.glob("outputs/*/report.html"))) == 3
    assert left_behind(folder) == []


def test_two_commands_at_once_wait_for_each_other_and_both_succeed(tmp_path):
    folder = projects(tmp_path / "ops", "a", "b")
    with command(folder, "-j", "2", *EARLY) as one, command(folder, *EARLY) as two:
        told = [process.communicate(timeout=PATIENCE)[1] for process in (one, two)]
    assert (one.returncode, two.returncode) == (0, 0), told
    assert len(list(folder.glob("outputs/*/report.html"))) == 2
    assert left_behind(folder) == []


def test_after_kills_at_random_instants_nothing_is_torn_lost_or_left_running():
    figures = kills(
        1, seed=7, gone=PATIENCE
    )  # as many as a suite has time for; the script does two hundred
    assert figures["faults"] == 0
    assert sum(figures[f"kills_of_{name}"] for name in TARGETS) == figures["kills"]
