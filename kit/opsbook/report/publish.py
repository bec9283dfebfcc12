"""One project's report: its executed notebooks and results as one file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from opsbook.project import Project
from opsbook.report.appendix import appendix
from opsbook.report.failure import failure_in
from opsbook.report.merge import OURS, merge, read_notebooks, subtitles
from opsbook.report.page import render_notebook
from opsbook.report.summary import GRADES, Summary, summarise
from opsbook.results import STAGES, Failure, Stage, StageResult, read_result
from opsbook.results.saved import write_whole
from opsbook.text import Language

REPORT = "report.html"


def publish(
    folder: Path,
    project: Project,
    *,
    template_dir: Path,
    language: str | None = None,
    failures: Mapping[Stage, Failure] | None = None,
) -> Path:
    """Write a project's report, whatever of it there is so far.

    Args:
        folder: The project's output folder, with ``N_stage.ipynb`` and ``N_stage.json``.
        project: The checked params.
        template_dir: Folder of the report's template.
        language: ``en`` or ``zh``; the project's own if left out.
        failures: Stages that failed, with the command that retries; a failure that only a
            notebook shows is found there.

    Returns:
        The report's file.

    Raises:
        RunError: If a file of the folder cannot be read, or the report not be written.
    """
    told = Language(language or project.project.language)
    notebooks = read_notebooks(folder)
    results = read_results(folder)
    found = {stage: failure_in(notebook, stage) for stage, notebook in notebooks.items()}
    failed = {stage: failure for stage, failure in found.items() if failure} | dict(failures or {})
    summary = summarise(project, results, failed, told)
    due = {view.stage for view in summary.stages if view.due}
    merged = merge({stage: nb for stage, nb in notebooks.items() if stage in due}, STAGES)
    page = render_notebook(
        merged,
        template_dir,
        told,
        project=project,
        summary=summary,
        grades={letter: word.term for letter, word in GRADES.items()},
        stages={view.stage: view for view in summary.stages},
        contents=_contents(merged, summary),
        appendix=appendix(project, results, told),
    )
    path = folder / REPORT
    write_whole(path, page)
    return path


def read_results(folder: Path) -> dict[Stage, StageResult]:
    """Read what a project's stages saved, those that have."""
    found = {stage: read_result(folder, stage) for stage in STAGES}
    return {stage: result for stage, result in found.items() if result is not None}


def _contents(merged: Mapping[str, object], summary: Summary) -> dict[Stage, list[tuple[str, str]]]:
    """Stage → (id, title) of its sections."""
    found: dict[Stage, list[tuple[str, str]]] = {view.stage: [] for view in summary.stages}
    for cell in merged["cells"]:  # type: ignore[attr-defined] # a notebook is untyped
        section = cell["metadata"][OURS]["section"]
        if section in found:
            found[section] += [(cell["id"], title) for title in subtitles(cell)]
    return found
