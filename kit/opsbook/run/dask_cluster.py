"""Projects on a Dask cluster: retries, back-pressure, cancellation."""

from __future__ import annotations

import atexit
import functools
import importlib
import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from opsbook.errors import RunError
from opsbook.run.kernels.private_folder import kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.project_run import Publish, run_project
from opsbook.run.record import ProjectRun

#: Projects in the scheduler's hands per worker thread: more would only wait there.
AHEAD = 2
PATIENCE = "30s"


def on_cluster(
    address: str, retries: int, jobs: Sequence[Job], publish: Publish, options: RunOptions
) -> Iterator[tuple[Job, ProjectRun | BaseException]]:
    """Run projects on a cluster's workers, a few at a time.

    Raises:
        RunError: If `distributed` is not installed, or the scheduler is out of reach.
    """
    client, as_completed = _client(address)
    with client:
        left = list(reversed(jobs))
        threads = max(sum(client.nthreads().values()), 1)
        running: dict[Any, Job] = {}

        def submit() -> Any:
            job = left.pop()
            future = client.submit(attempt, job, publish, options, pure=False, retries=retries)
            running[future] = job
            return future

        try:
            first = [submit() for _ in range(min(AHEAD * threads, len(left)))]
            completed = as_completed(first, loop=client.loop)
            for future in completed:
                job = running.pop(future)
                yield job, future.exception() or future.result()
                if left:
                    completed.add(submit())
        finally:
            client.cancel(list(running))


def attempt(job: Job, publish: Publish, options: RunOptions) -> ProjectRun | Exception:
    """A project's run on a worker, or what stopped it: a fault is not tried again."""
    try:
        return run_project(job, publish, _kernels(os.getpid()), options)
    except Exception as error:  # noqa: BLE001 - whatever stops one project must not stop the others
        return error


@functools.cache
def _kernels(_process: int) -> Path:
    """The worker's own folder for kernels, for as long as the worker lives."""
    stack = ExitStack()
    folder = stack.enter_context(kernel_folder())
    atexit.register(stack.close)
    return folder


def _client(address: str) -> tuple[Any, Any]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            distributed = importlib.import_module("distributed")
    except ImportError:
        raise RunError(
            "--scheduler needs Dask, which is not installed.", "pip install 'opsbook[dask]'"
        ) from None
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise RunError(f"No Dask scheduler answers at {address}: {error}.") from None
    return client, distributed.as_completed
