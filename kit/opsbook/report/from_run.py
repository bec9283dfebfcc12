"""Reports and the index of a workspace, from what its runs have saved."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from opsbook.project import Project
from opsbook.report.index import Entry, index
from opsbook.report.publish import publish
from opsbook.run.record import ProjectRun, Run
from opsbook.run.status import saved_runs
from opsbook.run.workspace import Workspace

if TYPE_CHECKING:
    from opsbook.run.plan import Job  # brings pandas


def publish_job(job: Job, runs: tuple[Run, ...], language: str | None = None) -> Path:
    """Write a project's report from its outputs; what failed is told with how to retry."""
    return publish(
        job.folder,
        job.project,
        template_dir=job.report_template,
        language=language,
        failures={run.stage: run.failure for run in runs if run.failure is not None},
    )


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
    project = Project.model_validate(run.params) if run.params else None
    return Entry(
        id=run.project,
        title=run.title,
        language=project.project.language if project else "en",
        simulated=project.data.kpi.simulated if project else False,
        last_run=dt.datetime.fromisoformat(run.started) if run.started else None,
        failures={stage.stage: stage.failure for stage in run.runs if stage.failure is not None},
        problem=run.report_failure or "",
    )
