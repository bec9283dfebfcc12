"""JupyterLab in a workspace, opened at the notebook of a project's stage."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from opsbook.errors import ParamsError
from opsbook.results import STAGES, Stage
from opsbook.results.saved import file_name, write_whole
from opsbook.run.cache import parameters, saved_run
from opsbook.run.execute import prepared
from opsbook.run.jupyter import import_jupyter
from opsbook.run.plan import Job
from opsbook.run.workspace import Workspace

FIRST_LOOK: Stage = "trigger"


def notebook_of(job: Job, stage: Stage | None = None) -> Path:
    """The notebook of a project's stage, made ready with the project's parameters if need be.

    A notebook that a run, or somebody, has left there is opened as it is.

    Args:
        job: The project.
        stage: The stage; without one, that which failed last, else the trigger check.
    """
    path = job.folder / file_name(stage or _to_look_at(job), ".ipynb")
    if not path.is_file():
        write_whole(path, _with_parameters(job, path.name))
    return path


def open_lab(workspace: Workspace, notebook: Path | None, arguments: Sequence[str] = ()) -> None:
    """Become JupyterLab: whoever ends this process ends JupyterLab.

    Args:
        workspace: Its folder is JupyterLab's.
        notebook: What to open first.
        arguments: JupyterLab's own.
    """
    command = [sys.executable, "-m", "jupyterlab", f"--notebook-dir={workspace.root}"]
    opened = [] if notebook is None else [str(notebook)]
    os.execv(sys.executable, [*command, *opened, *arguments])  # noqa: S606 - the user's own words


def stage_named(name: str) -> Stage:
    """A stage by its name, its number or its notebook: ``trigger``, ``1``, ``1_trigger.ipynb``.

    Raises:
        ParamsError: If there is no such stage.

    Examples:
        >>> stage_named("1"), stage_named("trigger"), stage_named("1_trigger.ipynb")
        ('trigger', 'trigger', 'trigger')
    """
    for number, stage in enumerate(STAGES):
        if name in {stage, str(number), f"{number}_{stage}", file_name(stage, ".ipynb")}:
            return stage
    raise ParamsError(f"There is no stage '{name}'; there are: {', '.join(STAGES)}.")


def no_chinese_font(jobs: Sequence[Job]) -> bool:
    """Whether a project speaks Chinese and this machine has no font for it."""
    if not any(job.project.project.language == "zh" for job in jobs):
        return False
    try:
        told = subprocess.run(
            ["fc-list", ":lang=zh", "family"],  # noqa: S607 - wherever it is installed
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return False  # it cannot be told
    return not told.stdout.strip()


def _to_look_at(job: Job) -> Stage:
    saved = saved_run(job.folder)
    failed = [run.stage for run in saved.runs if run.status == "failed"] if saved else []
    return failed[0] if failed else FIRST_LOOK


def _with_parameters(job: Job, name: str) -> str:
    nbformat = import_jupyter("nbformat")
    parameterize = import_jupyter("papermill.parameterize").parameterize_notebook
    from opsbook.run.readable import write_readably  # noqa: PLC0415 - heavy

    write_readably()
    notebook = nbformat.reads(prepared(job, job.templates / name), as_version=4)
    for cell in notebook.cells:
        cell.metadata.setdefault("tags", [])  # papermill counts on it
    notebook.metadata.setdefault("papermill", {})
    notebook = parameterize(notebook, parameters(job), report_mode=False)
    notebook.metadata.pop("papermill", None)
    return f"{nbformat.writes(notebook)}\n"
