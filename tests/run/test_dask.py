"""Projects on a Dask cluster come back as from anywhere else."""

import os
import signal
import subprocess
import sys

import pytest
from tests.run.test_batch import alive, descendants
from tests.run.test_interrupt import PATIENCE, command, projects, wait_until, workers
from tests.run.workspaces import ROOT, opsbook, workspace

from opsbook.errors import RunError
from opsbook.run.dask_cluster import STARTS, _started

pytest.importorskip("distributed")
SERVE = """
import sys
from distributed import LocalCluster
with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as c:
    print(c.scheduler_address, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def cluster(tmp_path):
    script = tmp_path / "serve.py"
    script.write_text(
        f"if __name__ == '__main__':\n    {SERVE.strip().replace(chr(10), chr(10) + '    ')}"
    )
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "kit")},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.stdin.close()


def test_projects_run_on_a_cluster(tmp_path, cluster):
    folder = workspace(tmp_path / "ops", "clinic_deaths")
    told = opsbook(folder, "run", "--stage", "intake", "--scheduler", cluster)
    assert told.returncode == 0, told.stderr
    assert "clinic_deaths: 1 done" in told.stderr
    assert (folder / "outputs" / "clinic_deaths" / "report.html").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
def test_a_project_whose_worker_is_lost_runs_on_another_one(tmp_path):
    folder = projects(tmp_path / "ops", "a", "b")
    options = ("--scheduler", "local", "-j", "2", "--stage", "intake")
    with command(folder, *options) as process:
        wait_until(lambda: list(folder.glob("outputs/*/.0_intake.ipynb")))
        os.kill(workers(process.pid)[0], signal.SIGKILL)
        started = descendants(process.pid)
        _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, told
    assert len(list(folder.glob("outputs/*/report.html"))) == 2
    wait_until(lambda: not started & alive())


def test_a_worker_that_is_lost_while_it_starts_is_started_again():
    started = []

    def cluster(**options):
        started.append(options["n_workers"])
        if len(started) < STARTS:
            raise RuntimeError("Nanny failed to start.")
        return "a cluster"

    assert _started(cluster, 2) == "a cluster"
    assert started == [2] * STARTS


def test_workers_that_never_start_are_one_clear_error():
    def cluster(**_):
        raise RuntimeError("Nanny failed to start.")

    with pytest.raises(RunError, match="workers do not start: Nanny failed"):
        _started(cluster, 2)
