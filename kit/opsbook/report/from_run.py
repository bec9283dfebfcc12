"""Reports and the index of a workspace, from what its runs have saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from opsbook.project import Project
from opsbook.report.index import Entry, index
from opsbook.report.publish import OTHERS, REPORT, publish, report_name
from opsbook.run.record import ProjectRun, Run
from opsbook.run.status import saved_runs
from opsbook.run.workspace import Workspace

if TYPE_CHECKING:
    from opsbook.run.plan import Job  # brings pandas


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
