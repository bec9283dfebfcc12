"""Many projects: what is unchanged is told at once, the rest runs, the broken ones stop nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from opsbook.errors import OpsbookError
from opsbook.results.saved import write_whole
from opsbook.run.cache import RUN, unchanged
from opsbook.run.contents import Contents, hash_of
from opsbook.run.executors import Outcome, executor
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.project_run import Publish
from opsbook.run.record import Failure, ProjectRun, Run
from opsbook.run.unwritable import UnwritableError
from opsbook.text import Record

Finished = Callable[[ProjectRun], None]
RESULTS = "run_results.json"


class RunResults(Record):
    """Everything one command did, for machines.

    Attributes:
        index: The hash of all that the index shows.
    """

    projects: tuple[ProjectRun, ...]
    index: str = ""


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
    """
    options = options or RunOptions()
    contents = Contents()
    done: dict[str, ProjectRun] = {}
    to_run: list[Job] = []
    for job in jobs:
        saved = unchanged(job, options, contents)
        if saved is None:
            to_run.append(job)
        else:
            _tell(saved, done, finished)
    if to_run:
        outcomes = executor(workers, len(to_run), scheduler).run(to_run, publish, options)
        for run in _runs(outcomes):
            _tell(run, done, finished)
    return [done[job.project.project.id] for job in jobs]


def save_results(outputs: Path, runs: Sequence[ProjectRun], index: str = "") -> Path:
    """Write run_results.json."""
    path = outputs / RESULTS
    results = RunResults(projects=tuple(runs), index=index)
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


def _runs(outcomes: Iterator[Outcome]) -> Iterator[ProjectRun]:
    for job, outcome in outcomes:
        if isinstance(outcome, ProjectRun):
            yield outcome
        elif isinstance(outcome, UnwritableError):
            raise outcome
        else:
            yield _stopped(job, outcome)


def _stopped(job: Job, error: BaseException) -> ProjectRun:
    """The record of a project that something else than a notebook stopped."""
    project = job.project.project
    reason = str(error) if isinstance(error, OpsbookError) else f"{type(error).__name__}: {error}"
    failure = Failure(
        stage="intake", error=type(error).__name__, message=reason, retry="opsbook run"
    )
    run = Run(project=project.id, stage="intake", status="failed", reason=reason, failure=failure)
    return ProjectRun(
        project=project.id,
        title=project.title,
        params_file=job.params_file.name,
        params={},
        versions={},
        started="",
        seconds=0.0,
        runs=(run,),
        report_failure=reason,
    )
