"""A template's first and last call: open the stage, save its result."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from opsbook import __version__, show
from opsbook.data import load_tables
from opsbook.errors import ParamsError
from opsbook.installed import versions
from opsbook.notebook.changed_fields import changed_fields
from opsbook.notebook.changed_steps import ExecutedCells, changed_steps
from opsbook.notebook.overrides import reason_in, with_overrides
from opsbook.project import Project, read_params
from opsbook.results import STAGES, Provenance, Stage, StageResult
from opsbook.results.by_stage import read_result, write_result
from opsbook.results.saved import file_name
from opsbook.stages.context import Context
from opsbook.stages.due import not_due, waits_for
from opsbook.stages.registration import register_waiting
from opsbook.text import Language

#: Looked up where a warm kernel's server imports this, once for all of its kernels.
VERSIONS = {"opsbook": __version__, **versions()}

_executed = ExecutedCells()


class NotDue(Exception):  # noqa: N818 - a state of the project, not an error
    """The stage's inputs are not there yet; what it waits for is saved and shown."""


def open_stage(
    stage: Stage,
    params_file: str | Path,
    run_dir: str | Path,
    overrides: Mapping[str, Any] | None = None,
) -> Context:
    """Read everything a stage works on.

    Where the stage is not due, says what it waits for, saves that, and in a notebook leaves the
    rest of the cells unrun.

    Args:
        stage: Name of the stage.
        params_file: The project's params file; relative to the notebook, or to the folder that
            papermill is called in.
        run_dir: Where results are read and saved, likewise; if empty, ``outputs/<project.id>``
            beside ``params/``.
        overrides: Fields of the params to replace, nested.

    Raises:
        ParamsError: If the params are not valid.
        DataError: If the data cannot be read.
        NotDue: Outside a notebook, if the stage is not due.
    """
    _run_all_cells()
    file = _from_here(Path(params_file))
    _note_cells(_brought(file, stage))
    _find_modules(file)
    params = read_params(file)
    project = params.project(overrides)
    folder = _from_here(Path(run_dir)) if str(run_dir) else _outputs(file, project.project.id)
    show.speak(project.project.language)
    earlier = STAGES[: STAGES.index(stage)]
    saved = {name: read_result(folder, name) for name in earlier}
    upstream = {name: result for name, result in saved.items() if result is not None}
    reason = waits_for(stage, project, upstream)
    if reason is not None:
        register_waiting(stage, project, folder)
        write_result(folder, not_due(stage, project, reason))
        _leave_the_rest(Language(project.project.language).say(reason))
    tables = load_tables(project, file.parent, cache=folder.resolve().parent / "sums.cache")
    done = {name: result for name, result in upstream.items() if result.status == "done"}
    return Context(
        project=project,
        tables=tables,
        upstream=done,
        run_dir=folder,
        provenance=_provenance(project, tables.sha256, done),
        overrides=changed_fields(params, overrides or {}, stage, done, _why_overrides()),
    )


def save(context: Context, result: StageResult) -> None:
    """Save a stage's result where the next stages and the report find it.

    A field that was set otherwise than in the params file, and a step that ran with other code
    than the kit's, are saved as overrides and told among the result's cautions.
    """
    if context.run_dir is None:
        raise ParamsError("This context was not opened from a notebook.", "Call open_stage first.")
    shell = _shell()
    changed = context.overrides
    if shell is not None:
        changed += changed_steps(
            result.stage, _executed.code, shell.transform_cell, _executed.brought
        )
    if changed:
        result = with_overrides(result, changed)
        if shell is not None:
            from IPython.display import display  # noqa: PLC0415 - only in a notebook

            display(show.overrides(result))
    write_result(context.run_dir, result)


def _note_cells(brought: Path | None) -> None:
    """From here on, remember the code of each cell, to tell which steps were changed."""
    shell = _shell()
    if shell is not None:
        _executed.begin(_cells_so_far()[-1], brought)
        if _executed not in shell.events.callbacks["pre_run_cell"]:
            shell.events.register("pre_run_cell", _executed)


def _brought(params_file: Path, stage: Stage) -> Path | None:
    """The stage's notebook as the kit has brought it into the workspace, if it was made by init."""
    name = Path(".opsbook") / "templates" / file_name(stage, ".ipynb")
    found = (above / name for above in params_file.resolve().parents)
    return next((file for file in found if file.is_file()), None)


def _cells_so_far() -> list[str]:
    """The code of the cells that this kernel has run, this one last."""
    history = getattr(_shell(), "history_manager", None)
    return [""] if history is None else list(history.input_hist_raw)


def _why_overrides() -> dict[str, Any]:
    """Who, when and why, as the cell says that was the last to set the overrides."""
    setting = (code for code in reversed(_cells_so_far()) if "overrides" in code)
    return next((told for code in setting if (told := reason_in(code))), {})


def _find_modules(params_file: Path) -> None:
    """Let cells import the Python modules that lie beside the workspace's templates."""
    folders = (above / "templates" for above in params_file.resolve().parents)
    own = next((str(folder) for folder in folders if folder.is_dir()), None)
    if own is not None and own not in sys.path:
        sys.path.append(own)


def _from_here(path: Path) -> Path:
    """A path as the notebook means it, though papermill may run it from the workspace's folder."""
    outside = path.parts[:1] == ("..",) and not path.exists()
    return Path("templates") / path if outside and Path("templates").is_dir() else path


def _outputs(params_file: Path, project: str) -> Path:
    """Where the results of a project lie in the workspace of its params file."""
    folder = params_file.resolve().parent
    above = (one for one in folder.parents if (one / "params").is_dir())
    return next(above, folder) / "outputs" / project


def _provenance(
    project: Project, data_hash: str, upstream: Mapping[Stage, StageResult]
) -> Provenance:
    return Provenance(
        params=_hash(project.model_dump_json(by_alias=True)),
        data=data_hash,
        upstream={name: _hash(result.model_dump_json()) for name, result in upstream.items()},
        versions=VERSIONS,
    )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _shell() -> Any:
    """The notebook's shell, or None outside a notebook."""
    try:
        from IPython.core.getipython import get_ipython  # noqa: PLC0415 - only in a notebook
    except ImportError:
        return None
    return get_ipython()


def _skip_cell(lines: list[str]) -> list[str]:
    """Leave a cell unrun, unless it opens the stage anew."""
    return lines if any("open_stage" in line for line in lines) else []


def _run_all_cells() -> None:
    shell = _shell()
    if shell is not None and _skip_cell in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(_skip_cell)


def _leave_the_rest(reason: str) -> None:
    """Say why the stage is not due, and leave the cells below unrun."""
    shell = _shell()
    if shell is None:
        raise NotDue(reason)
    from IPython.display import display  # noqa: PLC0415 - only in a notebook

    display(show.note(escape(reason)))
    shell.input_transformers_cleanup.append(_skip_cell)
