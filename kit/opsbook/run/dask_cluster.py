"""Projects on a Dask cluster: retries, back-pressure, cancellation."""

from __future__ import annotations

import atexit
import functools
import importlib
import logging
import os
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsbook.errors import OpsbookError, RunError
from opsbook.run.kernels.private_folder import kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.pool import prepared_processes
from opsbook.run.project_run import Publish
from opsbook.run.record import ProjectRun

if TYPE_CHECKING:
    from opsbook.run.executors import Outcome

#: Projects in the scheduler's hands per worker thread: more would only wait there.
AHEAD = 2
PATIENCE = "30s"
LOCAL = "local"
#: How often a cluster on this machine is started whose workers are lost on the way.
STARTS = 3


def on_cluster(
    address: str, jobs: Sequence[Job], publish: Publish, options: RunOptions
) -> Generator[Outcome]:
    """Run projects on a cluster's workers, a few at a time.

    The scheduler gives a project whose worker is lost to another one, by its own setting
    ``distributed.scheduler.allowed-failures`` up to three times.

    Args:
        address: The scheduler's, or ``local:N`` for a cluster of N workers on this machine.
        jobs: The projects.
        publish: Writes a project's report.
        options: What is asked for.

    Raises:
        RunError: If `distributed` is not installed, or the scheduler is out of reach.
    """
    distributed = _distributed()
    with _kernels_here(address) as kernels, _client(distributed, address, publish) as client:
        work = functools.partial(on_worker, publish=publish, options=options, kernels=kernels)
        left = list(reversed(jobs))
        threads = max(sum(client.nthreads().values()), 1)
        running: dict[Any, Job] = {}

        def submit() -> Any:
            job = left.pop()
            future = client.submit(work, job, pure=False)
            running[future] = job
            return future

        try:
            first = [submit() for _ in range(min(AHEAD * threads, len(left)))]
            completed = distributed.as_completed(first, loop=client.loop)
            for future in completed:
                job = running.pop(future)
                yield job, _outcome(future)
                if left:
                    completed.add(submit())
        finally:
            client.cancel(list(running))


def on_worker(
    job: Job, *, publish: Publish, options: RunOptions, kernels: Path | None
) -> ProjectRun | OpsbookError:
    """A project's run on a worker, or what stopped it: a fault is not tried again.

    Args:
        job: The project.
        publish: Writes its report.
        options: What is asked for.
        kernels: The folder for kernels that workers on this machine share, if they do.
    """
    from opsbook.run.executors import attempt  # noqa: PLC0415 - which knows this module

    shared = kernels or _kernels(os.getpid())
    return attempt(job, publish=publish, kernels=shared, options=options)


@contextmanager
def _kernels_here(address: str) -> Iterator[Path | None]:
    """One fork server for all workers of a cluster of our own; others' workers have theirs."""
    if _is_local(address):
        with kernel_folder(beside=Path(get_temp_dir())) as kernels:
            yield kernels
    else:
        yield None


def _is_local(address: str) -> bool:
    return address.partition(":")[0] == LOCAL


@functools.cache
def _kernels(_process: int) -> Path:
    """The worker's own folder for kernels, for as long as the worker lives."""
    stack = ExitStack()
    folder = stack.enter_context(kernel_folder())
    atexit.register(stack.close)
    return folder


def _outcome(future: Any) -> ProjectRun | OpsbookError:
    error = future.exception()
    if error is None:
        done: ProjectRun | OpsbookError = future.result()
        return done
    return RunError(f"{type(error).__name__}: {error}")


def _distributed() -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module("distributed")
    except ImportError:
        raise RunError(
            "--scheduler needs Dask, which is not installed.", "pip install 'opsbook[dask]'"
        ) from None


@contextmanager
def _client(distributed: Any, address: str, publish: Publish) -> Iterator[Any]:
    """A client of the scheduler, and where it is our own one, the cluster."""
    with ExitStack() as stack:
        wanted: Any = address
        scheme, _, rest = address.partition(":")
        if _is_local(address):
            cluster = _local_cluster(distributed, int(rest or 1), publish.__module__)
            wanted = stack.enter_context(cluster)
        elif scheme not in distributed.comm.registry.backends:
            known = ", ".join(sorted(distributed.comm.registry.backends))
            raise RunError(
                f"{address} is no address of a Dask scheduler: it begins with one of {known}.",
                "For example --scheduler tcp://scheduler:8786, or --scheduler local.",
            )
        try:
            client = distributed.Client(wanted, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise RunError(
                f"No Dask scheduler answers at {address}: {str(error).rstrip('.')}.",
                "Start one (dask scheduler), or correct --scheduler.",
            ) from None
        yield stack.enter_context(client)


@contextmanager
def _local_cluster(distributed: Any, workers: int, *modules: str) -> Iterator[Any]:
    """One process per worker: papermill needs one for itself."""
    dask = importlib.import_module("dask")
    start = prepared_processes(["distributed", *modules]).get_start_method()
    with (
        dask.config.set({"distributed.worker.multiprocessing-method": start}),
        _started(distributed.LocalCluster, workers) as cluster,
    ):
        yield cluster


def _started(cluster: Any, workers: int) -> Any:
    """A cluster whose workers all live; one that is lost while it starts is not Dask's to mend."""
    for left in reversed(range(STARTS)):
        try:
            return cluster(
                n_workers=workers,
                threads_per_worker=1,
                dashboard_address=None,
                host="127.0.0.1",
                silence_logs=logging.CRITICAL,  # what becomes of each project is told anyway
            )
        except RuntimeError as error:
            if not left:
                raise RunError(f"Dask's workers do not start: {error}") from error
    raise AssertionError
