"""opsbook scan: who needs attention, without notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from opsbook.cli.asked import PARAMS, SET, languages_of, planned, workspace_here


@click.command()
@PARAMS
@SET
@click.option(
    "-j", "--jobs", "workers", default=1, type=click.IntRange(1), help="Processes side by side."
)
@click.option("--all", "everything", is_flag=True, help="List the quiet KPIs too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--csv", type=click.Path(path_type=Path), help="Write all KPIs to a CSV file.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page to send.")
@click.option("--lang", default="", help="Language: en or zh; that of the projects if left out.")
def scan(
    params: tuple[Path, ...], settings: tuple[str, ...], workers: int, lang: str, **asked: Any
) -> int:
    """Say which projects need attention; no notebooks."""
    from opsbook.run.scan import scan as scan_jobs
    from opsbook.run.scan_table import scan_table, write_csv

    workspace = workspace_here()
    jobs, refused = planned(workspace, params, settings)
    if refused and not jobs:
        return 2
    found = scan_jobs(jobs, workers=workers)
    spoken = {job.project.project.language for job in jobs}
    language = next(iter(languages_of(lang) or (spoken if len(spoken) == 1 else {"en"})))
    if asked["csv"]:
        write_csv(asked["csv"], found)
    if asked["html"]:
        from opsbook.report.scan_page import scan_page

        scan_page(
            asked["html"],
            found,
            template_dir=workspace.report_template,
            language=language,
            everything=asked["everything"],
        )
    told = scan_table(found, everything=asked["everything"], language=language)
    click.echo(found.model_dump_json() if asked["as_json"] else told)
    return 1 if refused or any(row.verdict == "failed" for row in found.rows) else 0
