"""One project from its first stage to its report; one broken stage never stops the rest."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import time
from collections.abc import Callable, Collection
from pathlib import Path

from opsbook import __version__
from opsbook.errors import OpsbookError
from opsbook.results import MODELS, STAGES, Stage, StageResult, read_result, write_result
from opsbook.results.saved import file_name, write_whole
from opsbook.run.execute import execute
from opsbook.run.plan import Job
from opsbook.run.record import Failure, ProjectRun, Run
from opsbook.stages.due import READS, not_due, waits_for
from opsbook.stages.registration import register_waiting
from opsbook.text import Statement, say

Publish = Callable[[Job, tuple[Run, ...]], Path]
LIBRARIES = ("papermill", "nbclient", "nbconvert", "ipykernel", "jupyterlab")


def run_project(
    job: Job, publish: Publish, kernels: Path, only: Collection[Stage] = ()
) -> ProjectRun:
    """Run the stages of a project that are due, then publish its report.

    Args:
        job: The project.
        publish: Writes the report from the outputs.
        kernels: The run's folder for kernels, from `kernel_folder`.
        only: The stages to run; all if there are none. The others keep what is saved.
    """
    clock = time.perf_counter()
    started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    runs = _run_stages(job, kernels, only)
    report, fault = None, None
    try:
        report = publish(job, runs).name
    except OpsbookError as error:
        fault = str(error)
    done = ProjectRun(
        project=job.project.project.id,
        title=job.project.project.title,
        params_file=job.params_file.name,
        params=job.project.model_dump(mode="json", by_alias=True, exclude_unset=True),
        versions={"opsbook": __version__}
        | {name: importlib.metadata.version(name) for name in LIBRARIES},
        started=started,
        seconds=round(time.perf_counter() - clock, 3),
        runs=runs,
        report=report,
        report_failure=fault,
    )
    write_whole(job.folder / "run.json", done.model_dump_json(indent=1) + "\n")
    return done


def _run_stages(job: Job, kernels: Path, only: Collection[Stage]) -> tuple[Run, ...]:
    runs: list[Run] = []
    results: dict[Stage, StageResult] = {}
    for stage in STAGES:
        if only and stage not in only:
            saved = read_result(job.folder, stage)
            if saved is not None:
                results[stage] = saved
            continue
        run = _run_stage(job, stage, results, kernels)
        runs.append(run)
        saved = read_result(job.folder, stage)
        if saved is not None:
            results[stage] = saved
    return tuple(runs)


def _run_stage(job: Job, stage: Stage, results: dict[Stage, StageResult], kernels: Path) -> Run:
    identifier = job.project.project.id
    broken = [name for name in READS[stage] if name in results and results[name].status == "failed"]
    reason = waits_for(stage, job.project, results)
    if reason is not None:
        register_waiting(stage, job.project, job.folder)
        write_result(job.folder, not_due(stage, job.project, reason))
        _forget_notebook(job, stage)
        return Run(project=identifier, stage=stage, status="not_due", reason=reason.message)
    if broken:
        headline = say("Skipped: it needs the stage '{stage}', which failed.", stage=broken[0])
        _write_failed(job, stage, headline)
        _forget_notebook(job, stage)
        return Run(project=identifier, stage=stage, status="skipped", reason=f"needs {broken[0]}")
    try:
        run = execute(job, stage, kernels)
    except OpsbookError as error:
        failure = Failure(
            stage=stage, error=type(error).__name__, message=str(error), retry="opsbook run"
        )
        run = Run(
            project=identifier, stage=stage, status="failed", reason=str(error), failure=failure
        )
    if run.failure is not None:
        _write_failed(
            job,
            stage,
            say(
                "Failed: {error}: {message}",
                error=run.failure.error,
                message=run.failure.message,
            ),
        )
    return run


def _write_failed(job: Job, stage: Stage, headline: Statement) -> None:
    write_result(
        job.folder,
        MODELS[stage](
            stage=stage,
            project=job.project.project.id,
            status="failed",
            tone="bad",
            headline=headline,
        ),
    )


def _forget_notebook(job: Job, stage: Stage) -> None:
    """Remove a notebook of an earlier run that this run's result no longer stands on."""
    (job.folder / file_name(stage, ".ipynb")).unlink(missing_ok=True)
