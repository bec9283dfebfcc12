"""The command: parse, call one function, print. Heavy imports wait until they are needed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from opsbook import __version__
from opsbook.errors import OpsbookError, ParamsError

if TYPE_CHECKING:
    from opsbook.results import Stage
    from opsbook.run.plan import Job
    from opsbook.run.workspace import Workspace

STAGE_NAMES = ("intake", "trigger", "diagnosis", "solutions", "effect", "control")
PARAMS = click.argument("params", nargs=-1, type=click.Path(path_type=Path))
SET = click.option(
    "--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Replace a field of the params."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opsbook")
def commands() -> None:
    """Run operations-optimisation projects: notebooks in, one report out."""


@commands.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
def init(folder: Path) -> None:
    """Make a workspace with templates and sample projects in FOLDER."""
    from opsbook.run.workspace import init_workspace

    workspace = init_workspace(folder)
    click.echo(f"A workspace is in {workspace.root}. Next: opsbook run params/clinic_deaths.yaml")


@commands.command()
@PARAMS
@SET
def check(params: tuple[Path, ...], settings: tuple[str, ...]) -> int:
    """Check params and data; run nothing."""
    from opsbook.run.plan import check as check_jobs

    found = check_jobs(_plan(_workspace(), params, settings))
    for name, error in found.items():
        click.echo(f"{name}: {'ok' if error is None else error}", err=error is not None)
    return 2 if any(found.values()) else 0


@commands.command()
@PARAMS
@SET
@click.option(
    "-j", "--jobs", "workers", default=1, type=click.IntRange(1), help="Projects side by side."
)
@click.option(
    "--stage", "stages", multiple=True, type=click.Choice(STAGE_NAMES), help="Run this stage only."
)
@click.option("--dry-run", is_flag=True, help="Say what would run; run nothing.")
def run(
    params: tuple[Path, ...],
    settings: tuple[str, ...],
    workers: int,
    stages: tuple[str, ...],
    *,
    dry_run: bool,
) -> int:
    """Run projects: notebooks, results, a report each, and an index."""
    workspace = _workspace()
    jobs = _plan(workspace, params, settings)
    if dry_run:
        for job in jobs:
            click.echo(f"{job.project.project.id}: {', '.join(stages or STAGE_NAMES)}")
        return 0
    return _run(workspace, jobs, workers, stages)


@commands.command()
@click.argument("projects", nargs=-1)
@click.option(
    "--lang", default="", metavar="LANG[,LANG]", help="Languages of the reports: en, zh or en,zh."
)
@click.option("--pdf", is_flag=True, help="Write each report as PDF too.")
def report(projects: tuple[str, ...], lang: str, *, pdf: bool) -> int:
    """Write reports anew from what is saved; run nothing."""
    from opsbook.report.from_run import publish_job, rebuild_index, reports
    from opsbook.report.pdf import write_pdf

    languages = _languages(lang)
    workspace = _workspace()
    jobs = {job.project.project.id: job for job in _plan(workspace, (), ())}
    _known(projects, tuple(jobs))
    for name in projects or jobs:
        if (jobs[name].folder / "run.json").exists():
            publish_job(jobs[name], (), languages)
            for file in reports(jobs[name].folder):
                click.echo(file)
                if pdf:
                    click.echo(write_pdf(file))
    click.echo(rebuild_index(workspace))
    return 0


@commands.command()
def status() -> int:
    """Tell what is done, not due and failed, project by project."""
    from opsbook.run.status import table

    click.echo(table(_workspace()))
    return 0


@commands.command()
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def lab(arguments: tuple[str, ...]) -> int:
    """Open JupyterLab in the workspace."""
    import subprocess

    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={_workspace().root}"]
    return subprocess.run([*command, *arguments], check=False).returncode  # noqa: S603 - the user's own words


def main() -> None:
    """Run the command and turn its faults into exit codes."""
    try:
        code = commands.main(standalone_mode=False)
    except OpsbookError as error:
        click.echo(f"Error: {error}", err=True)
        code = 2
    except click.exceptions.Abort:
        click.echo("Interrupted; what is finished is kept.", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except KeyboardInterrupt:
        click.echo("Interrupted; what is finished is kept.", err=True)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _workspace() -> Workspace:
    from opsbook.run.workspace import find_workspace

    return find_workspace(Path.cwd())


def _plan(workspace: Workspace, params: tuple[Path, ...], settings: tuple[str, ...]) -> list[Job]:
    from opsbook.run.plan import plan

    return plan(workspace, params, _overrides(settings))


def _overrides(settings: tuple[str, ...]) -> dict[str, Any]:
    from opsbook.project.load import nested
    from opsbook.project.yaml_lines import read_yaml

    dotted: dict[str, Any] = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals or not field:
            raise ParamsError(
                f"--set {setting} is no FIELD=VALUE.", "For example --set effect.periods=6."
            )
        dotted[field] = read_yaml(value)[0]
    return nested(dotted)


def _run(workspace: Workspace, jobs: list[Job], workers: int, stages: tuple[str, ...]) -> int:
    from opsbook.report.from_run import publish_job, rebuild_index
    from opsbook.run.batch import run_batch, save_results
    from opsbook.run.progress import Progress

    with Progress(len(jobs)) as progress:
        runs = run_batch(
            jobs,
            publish_job,
            workers=workers,
            only=cast("tuple[Stage, ...]", stages),
            finished=progress.finished,
        )
    save_results(workspace.outputs, runs)
    index = rebuild_index(workspace)
    for project in runs:
        if project.report is not None and len(runs) <= 10:
            click.echo(workspace.output(project.project) / project.report)
    click.echo(index)
    return 1 if any(project.failed for project in runs) else 0


def _languages(asked: str) -> tuple[str, ...]:
    from opsbook.text import LANGUAGES

    codes = tuple(code.strip() for code in asked.split(",") if code.strip())
    for code in codes:
        if code not in LANGUAGES:
            raise ParamsError(
                f"There is no language '{code}'.", f"Choose from: {', '.join(LANGUAGES)}."
            )
    return codes


def _known(names: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in names:
        if name not in known:
            raise ParamsError(f"There is no project '{name}'; there are: {', '.join(known)}.")
