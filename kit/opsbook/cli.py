"""The command: parse, call one function, print. Heavy imports wait until they are needed."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from opsbook import __version__
from opsbook.errors import OpsbookError, ParamsError

if TYPE_CHECKING:
    from opsbook.run.options import RunOptions
    from opsbook.run.plan import Job
    from opsbook.run.record import Run
    from opsbook.run.workspace import Workspace

STAGE_NAMES = ("intake", "trigger", "diagnosis", "solutions", "effect", "control")
PARAMS = click.argument("params", nargs=-1, type=click.Path(path_type=Path))
SECONDS = click.FloatRange(0, min_open=True)
SET = click.option(
    "--set", "settings", multiple=True, metavar="FIELD=VALUE", help="Replace a field of the params."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opsbook")
@click.pass_context
def commands(context: click.Context) -> None:
    """Run operations-optimisation projects: notebooks in, one report out."""
    if context.invoked_subcommand == "run" and not {"-h", "--help"} & set(sys.argv):
        from opsbook.run.settings import settings

        context.default_map = {"run": settings(_workspace())}


@commands.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--lang",
    default="en",
    show_default=True,
    type=click.Choice(["en", "zh"]),
    help="Language of the notebooks.",
)
def init(folder: Path, lang: str) -> None:
    """Make a workspace with templates and sample projects in FOLDER."""
    from opsbook.run.workspace import init_workspace

    workspace = init_workspace(folder, lang)
    move = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"A workspace is in {workspace.root}.")
    click.echo(f"Next: {move}opsbook run params/clinic_deaths.yaml")


@commands.command()
@click.argument("identifier", metavar="ID")
@click.option(
    "--data", "table", required=True, type=click.Path(path_type=Path), help="The table to look at."
)
def new(identifier: str, table: Path) -> int:
    """Draft the params file ID.yaml from a table.

    On a terminal it asks for what only you can know; elsewhere that is a marked blank.
    """
    from opsbook.run.draft import draft
    from opsbook.run.questions import questions

    ask = questions(_answer, _tell) if sys.stdin.isatty() else None
    workspace = _workspace()
    file = draft(identifier, table, workspace.params, ask, language=workspace.language)
    click.echo(file)
    blanks = "<<<" in file.read_text(encoding="utf-8")
    first = "Fill the blanks marked with <<<, then" if blanks else "Next"
    _tell(f"{first}: opsbook check {os.path.relpath(file)}")
    return 0


@commands.command()
@PARAMS
@SET
def check(params: tuple[Path, ...], settings: tuple[str, ...]) -> int:
    """Check params, data and notebooks; run nothing."""
    from opsbook.run.plan import check as check_jobs
    from opsbook.run.template_drift import drift

    workspace = _workspace()
    drifted = drift(workspace)
    for template in drifted:
        _tell(str(template))
    jobs, refused = _plan(workspace, params, settings)
    found = check_jobs(jobs)
    for name, error in found.items():
        click.echo(f"{name}: {'ok' if error is None else error}", err=error is not None)
    stopped = bool(refused) or any(found.values()) or any(template.stops for template in drifted)
    return 2 if stopped else 0


@commands.command()
def upgrade() -> int:
    """Bring in the kit's newer notebooks; yours are merged."""
    from opsbook.run.template_upgrade import upgrade as upgraded

    told = [str(template) for template in upgraded(_workspace())]
    click.echo("\n".join(told) or "The notebooks are those of this version.")
    return 0


@commands.command()
@PARAMS
@SET
@click.option("-j", "--jobs", default=1, type=click.IntRange(1), help="Projects side by side.")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Run on the Dask cluster of this scheduler; local: on one of its own.",
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

    workspace = _workspace()
    contents = Contents()
    options = _options(**asked)
    jobs, refused = _plan(workspace, params, settings, lambda job: data_fit(job, contents))
    if refused and not jobs:
        return 2
    jobs = last_failed(jobs) if asked["failed"] else jobs
    if asked["dry_run"]:
        for line in dry_run(jobs, options, contents):
            click.echo(line)
        return 1 if refused else 0
    ran = _run(workspace, jobs, options, asked["jobs"], asked["scheduler"], refused)
    return ran or (1 if refused else 0)


@commands.command()
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

    workspace = _workspace()
    jobs, refused = _plan(workspace, params, settings)
    if refused and not jobs:
        return 2
    found = scan_jobs(jobs, workers=workers)
    spoken = {job.project.project.language for job in jobs}
    language = next(iter(_languages(lang) or (spoken if len(spoken) == 1 else {"en"})))
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


@commands.command()
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

    languages = _languages(lang)
    workspace = _workspace()
    for run in recorded(workspace, projects):
        publish_recorded(workspace, run, languages)
        for file in reports(workspace.output(run.project)):
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


@commands.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PROJECT] [STAGE] [...]")
def lab(arguments: tuple[str, ...]) -> None:
    """Open JupyterLab, at the notebook of a stage.

    The notebook has the project's parameters already. Further arguments go to JupyterLab.
    """
    from itertools import takewhile

    from opsbook.run.lab import no_chinese_font, notebook_of, open_lab, stage_named
    from opsbook.run.plan import project_named

    workspace = _workspace()
    named = tuple(takewhile(lambda word: not word.startswith("-"), arguments))[:2]
    notebook = None
    if named:
        job = project_named(workspace, named[0])
        notebook = notebook_of(job, stage_named(named[1]) if named[1:] else None)
        if no_chinese_font([job]):
            _tell("This machine has no Chinese font: figures may show boxes here.")
            _tell("Install one (Debian: fonts-noto-cjk). Reports use the reader's own fonts.")
    open_lab(workspace, notebook, arguments[len(named) :])


def main() -> None:
    """Run the command and turn its faults into exit codes."""
    try:
        code = commands.main(standalone_mode=False)
        sys.stdout.flush()
    except OpsbookError as error:
        click.echo(f"Error: {error}", err=True)
        code = 2
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Interrupted; what is finished is kept.", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except OSError as error:
        if error.errno not in {errno.EPIPE, errno.ENOSPC, errno.EIO}:
            raise
        code = _without_stdout(error)
    sys.exit(code if isinstance(code, int) else 0)


def _without_stdout(error: OSError) -> int:
    """End where nothing more can be printed: nobody reads it any more, or its disk is full."""
    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 - no path of a user
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    if error.errno != errno.EPIPE:
        click.echo(f"Error: stdout cannot be written to: {error.strerror}.", err=True)
    return 2


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _answer(question: str) -> str:
    return str(click.prompt(question, default="", show_default=False, prompt_suffix=" ", err=True))


def _workspace() -> Workspace:
    from opsbook.run.workspace import find_workspace

    return find_workspace(Path.cwd())


def _plan(
    workspace: Workspace,
    params: tuple[Path, ...],
    settings: tuple[str, ...],
    fits: Callable[[Job], bool] = lambda _job: False,
) -> tuple[list[Job], list[OpsbookError]]:
    """The projects without faults, and the faults of the others, which are told."""
    from opsbook.run.plan import Columns, plan

    refused: list[OpsbookError] = []
    jobs = plan(
        workspace, params, _overrides(settings), columns=Columns(fits), refuse=refused.append
    )
    for error in refused:
        click.echo(f"Error: {error}", err=True)
    return jobs, refused


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
    )


def _overrides(settings: tuple[str, ...]) -> dict[str, Any]:
    import yaml

    from opsbook.project.load import nested
    from opsbook.project.yaml_lines import read_yaml

    dotted: dict[str, Any] = {}
    for setting in settings:
        field, equals, value = setting.partition("=")
        if not equals or not field:
            raise ParamsError(
                f"--set {setting} is no FIELD=VALUE.", "For example --set effect.periods=6."
            )
        try:
            dotted[field] = read_yaml(value)[0]
        except (yaml.YAMLError, ValueError) as error:
            told = " ".join(str(error).split())
            raise ParamsError(f"--set {setting} is no YAML: {told}.") from None
    return nested(dotted)


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

    with Progress(len(jobs)) as progress:
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
    save_results(workspace.outputs, runs, shown, refused=[str(error) for error in refused])
    for project in runs:
        if project.report is not None and len(runs) <= 10:
            click.echo(workspace.output(project.project) / project.report)
    click.echo(index)
    return 1 if any(project.failed for project in runs) else 0


def _publish(job: Job, runs: tuple[Run, ...]) -> Path:
    from opsbook.report.from_run import publish_job

    return publish_job(job, runs)


def _rebuild_index(workspace: Workspace) -> Path | OpsbookError:
    from opsbook.report.from_run import rebuild_index

    try:
        return rebuild_index(workspace)
    except OpsbookError as error:
        return error


def _made(outcome: Path | OpsbookError) -> Path:
    if isinstance(outcome, OpsbookError):
        raise outcome
    return outcome


def _languages(asked: str) -> tuple[str, ...]:
    from opsbook.text import LANGUAGES

    codes = tuple(code.strip() for code in asked.split(",") if code.strip())
    for code in codes:
        if code not in LANGUAGES:
            raise ParamsError(
                f"There is no language '{code}'.", f"Choose from: {', '.join(LANGUAGES)}."
            )
    return codes
