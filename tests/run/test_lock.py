"""One run at a time per project; a lock ends with its process."""

import subprocess
import sys
from pathlib import Path

import pytest

from opsbook.errors import RunError
from opsbook.run.lock import NAME, project_lock

HOLD = "import sys, time; from pathlib import Path; from opsbook.run.lock import project_lock\n"
HOLD += "with project_lock(Path(sys.argv[1]), 0): print('held', flush=True); time.sleep(9999)"


@pytest.fixture
def holder(tmp_path):
    kit = str(Path(__file__).parents[2] / "kit")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "jfk")],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": kit},
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_second_run_says_who_holds_the_project(tmp_path, holder, caplog):
    told = f"jfk is being run by process {holder.pid} on .* since 20"
    with pytest.raises(RunError, match=told), project_lock(tmp_path / "jfk", 0.3):
        pass
    assert "waiting for it" in caplog.text


def test_the_lock_of_a_killed_run_holds_nobody_up(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / "jfk" / NAME).exists()
    with project_lock(tmp_path / "jfk", 0):  # it waits for nobody
        assert (tmp_path / "jfk" / NAME).exists()


def test_a_lock_leaves_nothing_behind(tmp_path):
    with project_lock(tmp_path / "jfk", 0):
        assert (tmp_path / "jfk" / NAME).exists()
    assert list((tmp_path / "jfk").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "outputs").write_text("a file")
    folder = tmp_path / "outputs" / "jfk"
    with pytest.raises(RunError, match="jfk/ cannot be written to"), project_lock(folder, 0):
        pass
