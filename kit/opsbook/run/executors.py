"""Where projects run: here, in processes of this machine, or on a Dask cluster."""

from __future__ import annotations

import functools
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from multiprocessing.util import get_temp_dir
from pathlib import Path
from typing import Protocol

from opsbook.errors import OpsbookError, RunError
from opsbook.run.kernels.private_folder import kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.pool import side_by_side
from opsbook.run.project_run import Publish, run_project
from opsbook.run.record import ProjectRun

Outcome = tuple[Job, ProjectRun | OpsbookError]


class Executor(Protocol):
    """Runs projects and gives each with its run, or with what stopped it, as it ends."""

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Generator[Outcome]:
        """Run projects; closing the generator interrupts them and begins no more."""
        ...


@dataclass(frozen=True)
class Serial:
    """One project after the other, in this process.

    Attributes:
        warm: Whether a notebook has to run.
    """

    warm: bool = True

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Generator[Outcome]:
        """See `Executor`."""
        with kernel_folder(warm=self.warm) as kernels:
            for job in jobs:
                yield job, attempt(job, publish=publish, kernels=kernels, options=options)


@dataclass(frozen=True)
class Processes:
    """Projects side by side in processes that share one fork server.

    Attributes:
        number: How many.
        warm: Whether a notebook has to run.
    """

    number: int
    warm: bool = True

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Generator[Outcome]:
        """See `Executor`."""
        with kernel_folder(warm=self.warm, beside=Path(get_temp_dir())) as kernels:
            work = functools.partial(attempt, publish=publish, kernels=kernels, options=options)
            yield from side_by_side(work, jobs, self.number, publish.__module__)


@dataclass(frozen=True)
class Dask:
    """Projects on the workers of a Dask cluster; they see the workspace at the same path.

    Attributes:
        address: The scheduler's, or ``local:N``.
    """

    address: str

    def run(self, jobs: Sequence[Job], publish: Publish, options: RunOptions) -> Generator[Outcome]:
        """See `Executor`."""
        from opsbook.run.dask_cluster import on_cluster  # noqa: PLC0415 - an extra

        return on_cluster(self.address, jobs, publish, options)


def attempt(
    job: Job, *, publish: Publish, kernels: Path, options: RunOptions
) -> ProjectRun | OpsbookError:
    """A project's run, or what stopped it, as an error that survives a process boundary."""
    try:
        return run_project(job, publish, kernels, options)
    except OpsbookError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever stops one project must not stop the others
        return RunError(f"{type(error).__name__}: {error}")


def executor(workers: int, projects: int, scheduler: str | None, *, warm: bool) -> Executor:
    """The executor for what was asked.

    Args:
        workers: Processes side by side.
        projects: How many projects there are.
        warm: Whether a notebook has to run.
        scheduler: Address of a Dask scheduler, if there is one; ``local`` for one of its own.
    """
    number = min(workers, projects)
    if scheduler is not None:
        return Dask(f"local:{number}" if scheduler == "local" else scheduler)
    return Serial(warm) if number <= 1 else Processes(number, warm)
