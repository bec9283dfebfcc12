"""What warm kernels save: a notebook and a batch, against ordinary kernels and papermill."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from opsbook.run.engine import papermill
from opsbook.run.execute import execute
from opsbook.run.kernels.private_folder import COLD, kernel_folder
from opsbook.run.plan import Job, plan
from opsbook.run.workspace import Workspace, init_workspace

SAMPLES = ("clinic_deaths", "jfk_delays", "shop_signup")
COMMAND = (sys.executable, "-m", "opsbook", "run")


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


@contextlib.contextmanager
def ordinary_kernels() -> Iterator[None]:
    os.environ[COLD] = "1"
    try:
        yield
    finally:
        del os.environ[COLD]


def plain_papermill(job: Job) -> None:
    """The trigger's notebook as papermill runs it when nobody has tuned anything."""
    with contextlib.redirect_stderr(io.StringIO()):
        papermill.execute_notebook(
            str(job.templates / "1_trigger.ipynb"),
            str(job.folder / "papermill.ipynb"),
            parameters={"params_file": str(job.params_file.resolve()), "run_dir": "."},
            cwd=str(job.folder),
        )


def notebook(workspace: Workspace, repeats: int) -> dict[str, float]:
    """Seconds of the trigger's notebook: median over runs that take turns."""
    (job,) = plan(workspace, [workspace.params / f"{SAMPLES[0]}.yaml"])
    found: dict[str, list[float]] = {"papermill": [], "ordinary": [], "warm": [], "ready": []}
    with contextlib.ExitStack() as stack:
        with ordinary_kernels():
            ordinary = stack.enter_context(kernel_folder())
        warm = stack.enter_context(kernel_folder())
        found["ready"].append(seconds(lambda: execute(job, "intake", warm)))
        for _ in range(repeats):
            found["papermill"].append(seconds(lambda: plain_papermill(job)))
            found["ordinary"].append(seconds(lambda: execute(job, "trigger", ordinary)))
            found["warm"].append(seconds(lambda: execute(job, "trigger", warm)))
    return {name: statistics.median(values) for name, values in found.items()}


def batch(workspace: Workspace, repeats: int, workers: int) -> dict[str, float]:
    """Seconds of the command over three projects, from its start to the index."""
    files = [str(workspace.params / f"{name}.yaml") for name in SAMPLES]
    found: dict[str, list[float]] = {"ordinary": [], "warm": []}
    for _ in range(repeats):
        for name, extra in (("ordinary", {COLD: "1"}), ("warm", {})):
            found[name].append(
                seconds(
                    lambda extra=extra: subprocess.run(  # type: ignore[misc] # of what it returns
                        [*COMMAND, "-j", str(workers), *files],
                        cwd=workspace.root,
                        env={**os.environ, **extra},
                        capture_output=True,
                        check=True,
                    )
                )
            )
    return {name: statistics.median(values) for name, values in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--batches", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)

    with tempfile.TemporaryDirectory() as folder:
        workspace = init_workspace(Path(folder))
        one = notebook(workspace, arguments.repeats)
        many = batch(workspace, arguments.batches, arguments.workers)
    figures = {
        "notebook_papermill_seconds": one["papermill"],
        "notebook_ordinary_seconds": one["ordinary"],
        "notebook_warm_seconds": one["warm"],
        "first_notebook_warm_seconds": one["ready"],
        "notebook_vs_papermill": one["papermill"] / one["warm"],
        "notebook_vs_ordinary": one["ordinary"] / one["warm"],
        "batch_ordinary_seconds": many["ordinary"],
        "batch_warm_seconds": many["warm"],
        "batch_vs_ordinary": many["ordinary"] / many["warm"],
    }
    figures = {name: round(value, 3) for name, value in figures.items()}
    if arguments.json:
        print(json.dumps(figures))
        return
    print(f"The trigger's notebook, median of {arguments.repeats}:")
    print(f"  papermill as it comes   {one['papermill']:6.2f} s")
    print(f"  ordinary kernel, tuned  {one['ordinary']:6.2f} s")
    print(
        f"  warm kernel             {one['warm']:6.2f} s   {figures['notebook_vs_papermill']:.1f}x"
    )
    print(f"  the first one, which waits for the imports  {one['ready']:.2f} s")
    print(
        f"{len(SAMPLES)} projects with reports, {arguments.workers} processes, "
        f"median of {arguments.batches}:"
    )
    print(f"  ordinary kernels        {many['ordinary']:6.2f} s")
    print(f"  warm kernels            {many['warm']:6.2f} s   {figures['batch_vs_ordinary']:.1f}x")


if __name__ == "__main__":
    main()
