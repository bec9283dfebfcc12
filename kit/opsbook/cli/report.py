"""opsbook report: reports anew from what is saved."""

from __future__ import annotations

import click

from opsbook.cli.asked import languages_of, workspace_here


@click.command()
@click.argument("projects", nargs=-1)
@click.option(
    "--lang", default="", metavar="LANG[,LANG]", help="Languages of the reports: en, zh or en,zh."
)
@click.option("--pdf", is_flag=True, help="Write each report as PDF too.")
def report(projects: tuple[str, ...], lang: str, *, pdf: bool) -> int:
    """Write reports anew from what is saved; run nothing."""
    from opsbook.report.from_run import publish_recorded, rebuild_index, reports
    from opsbook.report.pdf import write_pdf
    from opsbook.run.status import recorded

    languages = languages_of(lang)
    workspace = workspace_here()
    for run in recorded(workspace, projects):
        publish_recorded(workspace, run, languages)
        for file in reports(workspace.output(run.project)):
            click.echo(file)
            if pdf:
                click.echo(write_pdf(file))
    click.echo(rebuild_index(workspace))
    return 0
