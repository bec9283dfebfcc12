"""Many projects, one after the other or in processes; the broken ones never stop the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, as_completed
from pathlib import Path

from opsbook.results import Stage
from opsbook.results.saved import write_whole
from opsbook.run.kernels.private_folder import kernel_folder
from opsbook.run.plan import Job
from opsbook.run.pool import processes
from opsbook.run.project_run import Publish, run_project
from opsbook.run.record import Failure, ProjectRun, Run
from opsbook.text import Record

Finished = Callable[[ProjectRun], None]


class RunResults(Record):
    """Everything one command did, for machines."""

    projects: tuple[ProjectRun, ...]


def run_batch(
    jobs: Sequence[Job],
    publish: Publish,
    *,
    workers: int = 1,
    only: Collection[Stage] = (),
    finished: Finished | None = None,
) -> list[ProjectRun]:
    """Run projects and tell of each as it is finished.

    Args:
        jobs: The projects.
        publish: Writes a project's report.
        workers: Processes side by side.
        only: The stages to run; all if there are none.
        finished: Called with each finished project.

    Returns:
        The runs in the order of the jobs.
    """
    done: dict[str, ProjectRun] = {}
    for run in _runs(jobs, publish, workers, only):
        done[run.project] = run
        if finished is not None:
            finished(run)
    return [done[job.project.project.id] for job in jobs]


def save_results(outputs: Path, runs: Sequence[ProjectRun]) -> Path:
    """Write run_results.json."""
    path = outputs / "run_results.json"
    write_whole(path, RunResults(projects=tuple(runs)).model_dump_json(indent=1) + "\n")
    return path


def _runs(
    jobs: Sequence[Job], publish: Publish, workers: int, only: Collection[Stage]
) -> Iterator[ProjectRun]:
    with kernel_folder() as kernels:
        if workers <= 1 or len(jobs) <= 1:
            for job in jobs:
                yield run_project(job, publish, kernels, only)
            return
        with processes(min(workers, len(jobs)), publish.__module__) as pool:
            futures: dict[Future[ProjectRun], Job] = {
                pool.submit(run_project, job, publish, kernels, only): job for job in jobs
            }
            for future in as_completed(futures):
                yield _outcome(future, futures[future])


def _outcome(future: Future[ProjectRun], job: Job) -> ProjectRun:
    """A project's run, or what became of the process that ran it."""
    error = future.exception()
    if error is None:
        return future.result()
    project = job.project.project
    failure = Failure(
        stage="intake", error=type(error).__name__, message=str(error), retry="opsbook run"
    )
    return ProjectRun(
        project=project.id,
        title=project.title,
        params_file=job.params_file.name,
        params={},
        versions={},
        started="",
        seconds=0.0,
        runs=(
            Run(
                project=project.id,
                stage="intake",
                status="failed",
                reason=str(error),
                failure=failure,
            ),
        ),
        report_failure=str(error),
    )
