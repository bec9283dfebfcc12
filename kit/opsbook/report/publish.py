"""One project's report: its executed notebooks and results as one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from opsbook.project import Project
from opsbook.report.appendix import appendix
from opsbook.report.failure import failure_in
from opsbook.report.merge import OURS, merge, read_notebooks, subtitles
from opsbook.report.names import GRADES
from opsbook.report.page import render_notebook
from opsbook.report.retell import retell
from opsbook.report.summary import Summary, is_due, summarise
from opsbook.report.tables import write_tables
from opsbook.report.traced import Place
from opsbook.results import STAGES, Failure, Stage, StageResult
from opsbook.results.by_stage import read_result
from opsbook.results.saved import write_whole
from opsbook.text import Language, term

REPORT = "report.html"
OTHERS = "report.??.html"
#: The cell of the verdict repeats the sentences that its numbers should lead away from.
VERDICT = "headline"
ROLES = {
    "lead": term("Lead"),
    "data": term("Data team"),
    "execution": term("Execution"),
    "support": term("Support"),
}
TAGS = re.compile(r"<style.*?</style>|<title.*?</title>|<[^>]+>", re.DOTALL)


def publish(
    folder: Path,
    project: Project,
    *,
    template_dir: Path,
    language: str | None = None,
    failures: Mapping[Stage, Failure] | None = None,
    name: str = REPORT,
) -> Path:
    """Write a project's report, whatever of it there is so far, and its tables as CSV.

    Args:
        folder: The project's output folder, with ``N_stage.ipynb`` and ``N_stage.json``.
        project: The checked params.
        template_dir: Folder of the report's template.
        language: ``en`` or ``zh``; the project's own if left out.
        failures: Stages that failed, with the command that retries; a failure that only a
            notebook shows is found there.
        name: Name of the report's file.

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
    due = {stage for stage in STAGES if is_due(results.get(stage), failed.get(stage))}
    written = Language(project.project.language)
    merged = merge(
        {
            stage: retell(notebook, results.get(stage), written, told)
            for stage, notebook in notebooks.items()
            if stage in due
        },
        STAGES,
    )
    summary = summarise(project, results, failed, told, places(merged))
    page = render_notebook(
        merged,
        template_dir,
        told,
        project=project,
        summary=summary,
        team=[(ROLES[role], name) for role, name in project.project.team],
        grades={letter: word.term for letter, word in GRADES.items()},
        stages={view.stage: view for view in summary.stages},
        contents=_contents(merged, summary),
        appendix=appendix(project, results, told),
    )
    if name == REPORT:
        write_tables(folder, merged)
    path = folder / name
    write_whole(path, page)
    return path


def report_name(language: str | None = None) -> str:
    """Name of the report, or of the one beside it in another language.

    Examples:
        >>> report_name(), report_name("zh")
        ('report.html', 'report.zh.html')
    """
    return REPORT if language is None else f"report.{language}.html"


def read_results(folder: Path) -> dict[Stage, StageResult]:
    """Read what a project's stages saved, those that have."""
    found = {stage: read_result(folder, stage) for stage in STAGES}
    return {stage: result for stage, result in found.items() if result is not None}


def places(merged: Mapping[str, Any]) -> dict[Stage, tuple[Place, ...]]:
    """Stage → its cells that show a table or a figure, with the text of it."""
    found: dict[Stage, list[Place]] = {stage: [] for stage in STAGES}
    for cell in merged["cells"]:
        own = cell["metadata"][OURS]
        if own["section"] not in found or VERDICT in own.get("calls", ()):
            continue
        shown = " ".join(
            "".join(output["data"].get(kind, ""))
            for output in cell.get("outputs", ())
            for kind in ("text/html", "image/svg+xml")
            if "data" in output
        )
        if shown:
            text = unescape(TAGS.sub(" ", shown))
            found[own["section"]].append(Place(id=cell["id"], text=text))
    return {stage: tuple(cells) for stage, cells in found.items()}


def _contents(merged: Mapping[str, Any], summary: Summary) -> dict[Stage, list[tuple[str, str]]]:
    """Stage → (id, title) of its sections, without those that have nothing to show."""
    found: dict[Stage, list[tuple[str, str]]] = {view.stage: [] for view in summary.stages}
    for cell in merged["cells"]:
        own = cell["metadata"][OURS]
        section = own["section"]
        if section in found and not own.get("folded"):
            found[section] += [(cell["id"], title) for title in subtitles(cell)]
    return found
