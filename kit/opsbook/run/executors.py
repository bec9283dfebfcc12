"""Where projects run: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from opsbook.run.kernels.private_folder import kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.pool import processes
from opsbook.run.project_run import Publish, run_project
from opsbook.run.record import ProjectRun

Outcome = tuple[Job, ProjectRun | BaseException]


class Executor(Protocol):
    """Runs projects and gives each with its run, or with what stopped it, as it ends."""

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Iterator[Outcome]:
        """Run projects; closing the iterator cancels what has not begun."""
        ...


@dataclass(frozen=True)
class Serial:
    """One project after the other, in this process."""

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Iterator[Outcome]:
        """See `Executor`."""
        with kernel_folder() as kernels:
            for job in jobs:
                yield job, _attempt(job, publish, kernels, options)


@dataclass(frozen=True)
class Processes:
    """Projects side by side in processes that share one fork server.

    Attributes:
        number: How many.
    """

    number: int

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Iterator[Outcome]:
        """See `Executor`."""
        left = list(reversed(jobs))
        with (
            kernel_folder() as kernels,
            processes(min(self.number, len(jobs)), publish.__module__) as pool,
        ):
            running: dict[Future[ProjectRun | Exception], Job] = {}
            while left or running:
                # Few at a time: what waits in the pool would have to be told twice to end.
                while left and len(running) < 2 * self.number:
                    job = left.pop()
                    running[pool.submit(_attempt, job, publish, kernels, options)] = job
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    job = running.pop(future)
                    yield job, future.exception() or future.result()


@dataclass(frozen=True)
class Dask:
    """Projects on the workers of a Dask cluster; they see the workspace at the same path.

    Attributes:
        address: The scheduler's.
        retries: How often a project is tried again whose worker is lost.
    """

    address: str
    retries: int = 2

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Iterator[Outcome]:
        """See `Executor`."""
        from opsbook.run.dask_cluster import on_cluster  # noqa: PLC0415 - an extra

        return on_cluster(self.address, self.retries, jobs, publish, options)


def _attempt(
    job: Job, publish: Publish, kernels: Path, options: RunOptions
) -> ProjectRun | Exception:
    """A project's run, or what stopped it."""
    try:
        return run_project(job, publish, kernels, options)
    except Exception as error:  # noqa: BLE001 - whatever stops one project must not stop the others
        return error


def executor(workers: int, projects: int, scheduler: str | None) -> Executor:
    """The executor for what was asked.

    Args:
        workers: Processes side by side.
        projects: How many projects there are.
        scheduler: Address of a Dask scheduler, if there is one.
    """
    if scheduler is not None:
        return Dask(scheduler)
    return Serial() if min(workers, projects) <= 1 else Processes(workers)
