"""Many projects: what is unchanged is told at once, the rest runs, the broken ones stop nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from opsbook.errors import DataError, OpsbookError, ParamsError, RunError
from opsbook.results.saved import write_whole
from opsbook.run.cache import RUN, kernel_needed, unchanged
from opsbook.run.contents import Contents, hash_of
from opsbook.run.lock import project_lock
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.record import ProjectRun
from opsbook.run.sending import sent
from opsbook.run.store import Store
from opsbook.run.unwritable import UnwritableError, stop_if_unwritable
from opsbook.text import Record

if TYPE_CHECKING:
    from opsbook.run.project_run import Publish

Finished = Callable[[ProjectRun], None]
RESULTS = "run_results.json"


class RunResults(Record):
    """Everything one command did, for machines.

    Attributes:
        index: The hash of all that the index shows.
        refused: The faults of params files whose projects could not be told apart, or run.
    """

    projects: tuple[ProjectRun, ...]
    index: str = ""
    refused: tuple[str, ...] = ()


def run_batch(
    jobs: Sequence[Job],
    publish: Publish,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    options: RunOptions | None = None,
    finished: Finished | None = None,
) -> list[ProjectRun]:
    """Run projects and tell of each as it is finished.

    Args:
        jobs: The projects.
        publish: Writes a project's report.
        workers: Processes side by side.
        scheduler: Address of a Dask scheduler to run on instead.
        options: What is asked for.
        finished: Called with each finished project.

    Returns:
        The runs in the order of the jobs.

    Raises:
        UnwritableError: If the outputs cannot be written to: then none is begun any more.
        RunError: If the store is out of reach, or cannot be written to: then nothing has run.
    """
    options = options or RunOptions()
    store = Store(options.store) if options.store else None
    unsent = set() if store is None else store.fetch(*(job.folder for job in jobs))
    contents = Contents()
    done: dict[str, ProjectRun] = {}
    to_run: list[Job] = []
    for job in jobs:
        saved = unchanged(job, options, contents)
        if saved is None:
            to_run.append(job)
        else:
            if store is not None and job.folder in unsent:  # it was lost on the way, or is new
                saved = _sent(store, job, saved, options)
            _tell(saved, done, finished)
    if to_run:
        from opsbook.run.executors import executor  # noqa: PLC0415 - slow to import

        if store is not None:
            store.try_out()
        warm = any(kernel_needed(job, options, contents) for job in to_run)
        runner = executor(workers, len(to_run), scheduler, warm=warm)
        outcomes = runner.run(to_run, publish, options)
        with contextlib.closing(outcomes):  # so that an interrupt reaches every process
            for job, outcome in outcomes:
                run = _run(job, outcome)
                if store is not None and run.store_failure is None:
                    run = _brought(store, job, run)
                _tell(run, done, finished)
    return [done[job.project.project.id] for job in jobs]


def save_results(
    outputs: Path, runs: Sequence[ProjectRun], index: str = "", *, refused: Sequence[str] = ()
) -> Path:
    """Write run_results.json."""
    path = outputs / RESULTS
    results = RunResults(projects=tuple(runs), index=index, refused=tuple(refused))
    write_whole(path, results.model_dump_json(indent=1) + "\n")
    return path


def index_inputs(outputs: Path, template: Path) -> str:
    """The hash of all that the index over all projects shows."""
    contents = Contents()
    runs = contents.files(outputs.glob(f"*/{RUN}"), outputs)
    return hash_of([contents.kit(report=True), contents.folder(template), runs])


def index_is_current(outputs: Path, inputs: str) -> bool:
    """Whether the index was made from these inputs."""
    try:
        saved = RunResults.model_validate_json((outputs / RESULTS).read_bytes())
    except (OSError, ValueError):
        return False
    return saved.index == inputs and (outputs / "index.html").is_file()


def _tell(run: ProjectRun, done: dict[str, ProjectRun], finished: Finished | None) -> None:
    done[run.project] = run
    if finished is not None:
        finished(run)


def _sent(store: Store, job: Job, run: ProjectRun, options: RunOptions) -> ProjectRun:
    """Send what is unchanged here and not in the store."""
    try:
        with project_lock(job.folder, options.lock_seconds):
            return sent(store, job.folder, run)
    except RunError as error:  # another run has it, and will send it
        return run.model_copy(update={"store_failure": str(error)})


def _brought(store: Store, job: Job, run: ProjectRun) -> ProjectRun:
    """Bring what a worker elsewhere has sent."""
    try:
        store.fetch(job.folder)
    except RunError as error:
        stop_if_unwritable(job.folder, error)
        return run.model_copy(update={"store_failure": str(error)})
    return run


def _run(job: Job, outcome: ProjectRun | OpsbookError) -> ProjectRun:
    """What became of a project, also where something else than a notebook stopped it."""
    if isinstance(outcome, ProjectRun):
        return outcome
    if isinstance(outcome, UnwritableError):
        raise outcome
    project, reason = job.project.project, str(outcome)
    refused = isinstance(outcome, ParamsError | DataError)
    return ProjectRun(
        project=project.id,
        title=project.title,
        params_file=job.params_file.name,
        params={},
        versions={},
        started="",
        seconds=0.0,
        runs=(),
        refused=reason if refused else None,
        report_failure=None if refused else reason,
    )
