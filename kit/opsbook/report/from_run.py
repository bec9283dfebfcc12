"""Reports and the index of a workspace, from what its runs have saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from opsbook.errors import RunError
from opsbook.project import Project
from opsbook.report.index import Entry, index
from opsbook.report.publish import OTHERS, REPORT, publish, report_name
from opsbook.run.plan import Job
from opsbook.run.record import ProjectRun, Run
from opsbook.run.status import saved_runs
from opsbook.run.workspace import Workspace


def publish_job(job: Job, runs: tuple[Run, ...], languages: Sequence[str] = ()) -> Path:
    """Write a project's report from its outputs; what failed is told with how to retry.

    Args:
        job: The project.
        runs: How its stages ended.
        languages: The first one's report is ``report.html``, another's ``report.zh.html``; the
            project's own if there are none. Other languages and PDFs are of an earlier run and
            are removed.

    Returns:
        The first report's file.
    """
    chosen = tuple(dict.fromkeys(languages)) or (job.project.project.language,)
    names = {code: report_name(code if i else None) for i, code in enumerate(chosen)}
    for old in [*job.folder.glob(OTHERS), *job.folder.glob("report*.pdf")]:
        if old.name not in names.values():
            old.unlink()
    failures = {run.stage: run.failure for run in runs if run.failure is not None}
    for code, name in names.items():
        publish(
            job.folder,
            job.project,
            template_dir=job.report_template,
            language=code,
            failures=failures,
            name=name,
        )
    return job.folder / REPORT


def publish_recorded(workspace: Workspace, run: ProjectRun, languages: Sequence[str] = ()) -> Path:
    """Write a project's report from what its last run recorded, whatever the params say now.

    Raises:
        RunError: If it was recorded by another version.
    """
    project = _project(run)
    if project is None:
        raise RunError(
            f"Project '{run.project}' was run by another version of opsbook.", "Run it again."
        )
    job = Job(
        project=project,
        params_file=workspace.params / run.params_file,
        overrides={},
        folder=workspace.output(run.project),
        templates=workspace.templates,
        report_template=workspace.report_template,
    )
    return publish_job(job, run.runs, languages)


def reports(folder: Path) -> list[Path]:
    """A project's reports, the first one before those in other languages."""
    return [file for file in (folder / REPORT, *sorted(folder.glob(OTHERS))) if file.is_file()]


def rebuild_index(workspace: Workspace) -> Path:
    """Write outputs/index.html over every project that has run."""
    entries = [_entry(run) for run in saved_runs(workspace)]
    languages = {entry.language for entry in entries}
    return index(
        workspace.outputs,
        entries,
        template_dir=workspace.report_template,
        language=languages.pop() if len(languages) == 1 else "en",
    )


def _entry(run: ProjectRun) -> Entry:
    project = _project(run)
    return Entry(
        id=run.project,
        title=run.title,
        language=project.project.language if project else "en",
        simulated=project.data.kpi.simulated if project else False,
        last_run=dt.datetime.fromisoformat(run.started) if run.started else None,
        failures={stage.stage: stage.failure for stage in run.runs if stage.failure is not None},
        problem=run.report_failure or "",
    )


def _project(run: ProjectRun) -> Project | None:
    """The params of a run; None where another version recorded them."""
    try:
        return Project.model_validate(run.params)
    except ValidationError:
        return None
