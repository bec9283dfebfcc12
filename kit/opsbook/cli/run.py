"""opsbook run: notebooks, results, reports and an index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opsbook.cli.asked import PARAMS, SET, planned, workspace_here
from opsbook.errors import OpsbookError

if TYPE_CHECKING:
    from opsbook.run.options import RunOptions
    from opsbook.run.plan import Job
    from opsbook.run.record import Run
    from opsbook.run.workspace import Workspace

STAGE_NAMES = ("intake", "trigger", "diagnosis", "solutions", "effect", "control")
SECONDS = click.FloatRange(0, min_open=True)


@click.command()
@PARAMS
@SET
@click.option("-j", "--jobs", default=1, type=click.IntRange(1), help="Projects side by side.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on the Dask cluster of this scheduler; local: on one of its own.",
)
@click.option(
    "--store",
    metavar="URL",
    help="Keep the outputs in this store too, such as s3://bucket/ops.",
)
@click.option(
    "--stage", "stages", multiple=True, type=click.Choice(STAGE_NAMES), help="Only this stage."
)
@click.option(
    "--from", "first", type=click.Choice(STAGE_NAMES), help="Only this stage and those after it."
)
@click.option("--force", is_flag=True, help="Run what is unchanged, too.")
@click.option("--failed", is_flag=True, help="Only the projects whose last run failed.")
@click.option("--dry-run", is_flag=True, help="Say what would run, and why; run nothing.")
@click.option("--cell-timeout", type=SECONDS, metavar="SECONDS", help="For each cell.")
@click.option(
    "--stage-timeout",
    default=3600.0,
    show_default=True,
    type=SECONDS,
    metavar="SECONDS",
    help="For each notebook.",
)
@click.option("--project-timeout", type=SECONDS, metavar="SECONDS", help="For each project.")
@click.option("--memory", type=click.IntRange(256), metavar="MB", help="For each notebook.")
@click.option(
    "--wait",
    default=600.0,
    show_default=True,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="How long to wait for another run of the same project.",
)
def run(params: tuple[Path, ...], settings: tuple[str, ...], **asked: Any) -> int:
    """Run projects: notebooks, results, a report each, and an index."""
    from opsbook.run.cache import data_fit
    from opsbook.run.contents import Contents
    from opsbook.run.status import dry_run, last_failed

    workspace = workspace_here()
    contents = Contents()
    options = _options(**asked)
    jobs, refused = planned(workspace, params, settings, lambda job: data_fit(job, contents))
    if refused and not jobs:
        return 2
    if asked["failed"] and not (jobs := last_failed(jobs)):
        click.echo("The last run of no project has failed.", err=True)
    if asked["dry_run"]:
        for line in dry_run(jobs, options, contents):
            click.echo(line)
        return 1 if refused else 0
    ran = _run(workspace, jobs, options, asked["jobs"], asked["scheduler"], refused)
    return ran or (1 if refused else 0)


def _options(**asked: Any) -> RunOptions:
    from opsbook.run.kernels.memory import most_for_one
    from opsbook.run.options import RunOptions, stages_from

    if asked["stages"] and asked["first"]:
        raise click.UsageError("--stage and --from exclude each other.")
    return RunOptions(
        stages=stages_from(asked["first"]) if asked["first"] else asked["stages"],
        force=asked["force"],
        cell_seconds=asked["cell_timeout"],
        stage_seconds=asked["stage_timeout"],
        project_seconds=asked["project_timeout"],
        memory_mb=asked["memory"] or most_for_one(),
        lock_seconds=asked["wait"],
        store=asked["store"],
    )


def _run(
    workspace: Workspace,
    jobs: list[Job],
    options: RunOptions,
    workers: int,
    scheduler: str | None,
    refused: Sequence[OpsbookError],
) -> int:
    from opsbook.run.batch import index_inputs, index_is_current, run_batch, save_results
    from opsbook.run.pool import in_a_process
    from opsbook.run.progress import Progress

    with Progress([job.folder for job in jobs]) as progress:
        runs = run_batch(
            jobs,
            _publish,
            workers=workers,
            scheduler=scheduler,
            options=options,
            finished=progress.finished,
        )
    if runs and all(project.refused is not None for project in runs):
        return 2
    shown = index_inputs(workspace.outputs, workspace.report_template)
    current = index_is_current(workspace.outputs, shown)
    if current:
        index = workspace.outputs / "index.html"
    elif workers > 1 and any(project.seconds for project in runs):
        index = _made(in_a_process(_rebuild_index, workspace))
    else:
        index = _made(_rebuild_index(workspace))
    results = save_results(
        workspace.outputs, runs, shown, refused=[str(error) for error in refused]
    )
    sent = not options.store or _sent(options.store, index, results)
    for project in runs:
        if project.report is not None and len(runs) <= 10:
            click.echo(workspace.output(project.project) / project.report)
    click.echo(index)
    return 1 if any(project.failed for project in runs) or not sent else 0


def _publish(job: Job, runs: tuple[Run, ...]) -> Path:
    from opsbook.report.from_run import publish_job

    return publish_job(job, runs)


def _rebuild_index(workspace: Workspace) -> Path | OpsbookError:
    from opsbook.report.from_run import rebuild_index

    try:
        return rebuild_index(workspace)
    except OpsbookError as error:
        return error


def _sent(store: str, *files: Path) -> bool:
    """Whether a store has got files; a fault of it is told."""
    from opsbook.run.store import Store

    try:
        Store(store).send_files(*files)
    except OpsbookError as error:
        click.echo(f"Error: {error}", err=True)
        return False
    return True


def _made(outcome: Path | OpsbookError) -> Path:
    if isinstance(outcome, OpsbookError):
        raise outcome
    return outcome
