"""One notebook: prepared in the project's language, executed by papermill, kept whole."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from opsbook.errors import OpsbookError, RunError
from opsbook.results import Stage
from opsbook.results.saved import file_name, write_whole
from opsbook.run.cache import parameters
from opsbook.run.jupyter import import_jupyter
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job
from opsbook.run.record import Failure, Run
from opsbook.run.redact import redact_files, redact_notebook
from opsbook.run.template_text import prose
from opsbook.text import without_colours

if TYPE_CHECKING:
    from nbformat import NotebookNode

PARAMETERS = ("params_file", "overrides", "run_dir")


def execute(
    job: Job,
    stage: Stage,
    kernels: Path,
    *,
    options: RunOptions | None = None,
    redact: Callable[[str], str] = str,
) -> Run:
    """Execute a stage's notebook in the project's output folder.

    The executed notebook lies beside its result and can be opened and run again there. Where a
    cell fails, the notebook is kept up to it.

    Args:
        job: The project.
        stage: The stage.
        kernels: The run's folder for kernels, from `kernel_folder`.
        options: How long it may take.
        redact: Takes secrets out of a text.

    Raises:
        RunError: If the template is missing or has no parameters cell, or the executed notebook
            cannot be written.
    """
    started = time.perf_counter()
    name = file_name(stage, ".ipynb")
    draft = job.folder / f".{name}"
    result = job.folder / file_name(stage, ".json")
    write_whole(draft, prepared(job, job.templates / name))
    before = _state(result)
    books: list[NotebookNode] = []
    peaks: list[float] = []
    try:
        error = _papermill(job, draft, kernels, options or RunOptions(), books.append, peaks.append)
        executed = books[0] if books else _read(draft)
        redact_notebook(executed, redact)
        executed.metadata.get("papermill", {}).update(input_path=name, output_path=name)
        write_whole(job.folder / name, _text(executed))
    finally:
        draft.unlink(missing_ok=True)
    redact_files(job.folder, redact)
    failure = _failure(job, stage, executed, error, redact)
    if failure is not None and failure.error == "MemoryError" and options and options.memory_mb:
        told = f"{failure.message} It may hold {options.memory_mb} MB (--memory).".lstrip()
        failure = failure.model_copy(update={"message": told})
    if failure is None and _state(result) in {before, None}:
        failure = Failure(
            stage=stage,
            error="NoResult",
            message="The notebook ended without saving its result: its last cell calls save().",
            retry=_retry(job),
        )
    return Run(
        project=job.project.project.id,
        stage=stage,
        status="failed" if failure else "done",
        reason=f"{failure.error}: {failure.message}" if failure else "",
        seconds=round(time.perf_counter() - started, 3),
        peak_mb=peaks[0] if peaks else None,
        notebook=name,
        result=result.name if failure is None else None,
        failure=failure,
    )


def _state(path: Path) -> tuple[int, ...] | None:
    """What differs once a file is written again, whatever the clock says; None without one."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    return state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _papermill(
    job: Job,
    draft: Path,
    kernels: Path,
    options: RunOptions,
    ended: Callable[[NotebookNode], object],
    measured: Callable[[float], object],
) -> Exception | None:
    """Run papermill; return what stopped it."""
    from opsbook.run.engine import run_papermill  # noqa: PLC0415 - heavy

    try:
        run_papermill(
            draft,
            ended=ended,
            parameters=parameters(job),
            cwd=job.folder,
            kernels=kernels,
            options=options,
            measured=measured,
        )
    except Exception as error:  # noqa: BLE001 - whatever stops one notebook must not stop the others
        return error
    return None


def prepared(job: Job, template: Path) -> str:
    """The template with its prose in the project's language."""
    if not template.is_file():
        raise RunError(
            f"There is no template {template}.", "Run 'opsbook init' anew, or restore the file."
        )
    text = template.read_text(encoding="utf-8")
    return _prepared(text, str(template), job.project.project.language)


@functools.lru_cache(maxsize=32)
def _prepared(text: str, template: str, language: str) -> str:
    """The same for every project that speaks a language."""
    notebook: NotebookNode = import_jupyter("nbformat").reads(text, as_version=4)
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    missing = [name for name in PARAMETERS if not any(name in c.source for c in tagged)]
    if missing:
        raise RunError(
            f"{template} has no cell tagged 'parameters' that sets {', '.join(missing)}.",
            "Restore the cell from the shipped template.",
        )
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = prose(cell.source, language)
    return _text(notebook)


def _read(path: Path) -> NotebookNode:
    notebook: NotebookNode = import_jupyter("nbformat").read(path, as_version=4)
    return notebook


def _text(notebook: NotebookNode) -> str:
    return f"{import_jupyter('nbformat').writes(notebook)}\n"


def _failure(
    job: Job,
    stage: Stage,
    executed: NotebookNode,
    error: Exception | None,
    redact: Callable[[str], str],
) -> Failure | None:
    """Where the notebook stopped: its first cell with an error, else the last that began."""
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    for i, cell in enumerate(code):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return Failure(
                    stage=stage,
                    cell=i + 1,
                    source=cell.source,
                    error=output.ename,
                    message=redact(without_colours(output.evalue)),
                    retry=_retry(job),
                )
    if error is None:
        return None
    started = [
        i for i, cell in enumerate(code) if cell.metadata.get("papermill", {}).get("start_time")
    ]
    last = code[started[-1]] if started else None
    return Failure(
        stage=stage,
        cell=started[-1] + 1 if started else None,
        source=last.source if last else "",
        error=type(error).__name__,
        message=redact(str(error) if isinstance(error, OpsbookError) else _printed(last, error)),
        retry=_retry(job),
    )


def _printed(cell: NotebookNode | None, error: Exception) -> str:
    """What a cell has printed last that failed without saying its error, or what papermill says."""
    outputs = cell.outputs if cell else ()
    text = "".join(output.text for output in outputs if output.output_type == "stream")
    lines = without_colours(text).strip().splitlines()
    return lines[-1] if lines else " ".join(str(error).split())


def _retry(job: Job) -> str:
    file, workspace = job.params_file.absolute(), job.templates.absolute().parent
    within = file.relative_to(workspace) if file.is_relative_to(workspace) else Path(file.name)
    return f"opsbook run {within.as_posix()}"
