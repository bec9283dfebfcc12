"""papermill, as a run uses it: warm kernels, one write at the end, and nothing lost on a death."""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opsbook.errors import RunError
from opsbook.run.deadline import Deadline
from opsbook.run.jupyter import import_jupyter
from opsbook.run.kernels.private_folder import KERNEL

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    papermill = import_jupyter("papermill")
    engines = import_jupyter("papermill.engines")
    write_ipynb = import_jupyter("papermill.iorw").write_ipynb
    nbclient = import_jupyter("nbclient.exceptions")
    Config = import_jupyter("traitlets.config").Config

CLIENT = "opsbook.run.kernels.client.PromptClient"


class DeadKernelError(RunError):
    """A kernel ended in the middle of its notebook."""


class DeadlineError(RunError):
    """A cell, or its notebook, took longer than it may."""


class KeepingEngine(engines.NBClientEngine):  # type: ignore[misc,name-defined] # untyped
    """Writes what has run, whatever ends it; papermill does so only for a cell's own error."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, kept: Path, **kwargs: Any
    ) -> None:
        """Execute a notebook; write it to `kept` if it cannot be ended."""
        try:
            super().execute_managed_notebook(nb_man, kernel_name, **kwargs)
        except Exception:
            write_ipynb(nb_man.nb, str(kept))
            raise


papermill.engines.papermill_engines.register(KERNEL, KeepingEngine)


def run_papermill(
    draft: Path,
    output: Path,
    *,
    parameters: Mapping[str, Any],
    cwd: Path,
    kernels: Path,
    cell_seconds: float | None = None,
    stage_seconds: float | None = None,
    memory_mb: int | None = None,
) -> None:
    """Execute a notebook and write it, up to where it stopped.

    Args:
        draft: The notebook.
        output: Where the executed notebook goes.
        parameters: The values of its parameters cell.
        cwd: The folder that its cells run in.
        kernels: The folder that `kernel_folder` gives.
        cell_seconds: How long a cell may take.
        stage_seconds: How long the notebook may take.
        memory_mb: How much its kernel may hold, where it is forked.

    Raises:
        PapermillExecutionError: If a cell fails.
        DeadlineError: If a cell or the notebook takes too long.
        DeadKernelError: If the kernel ends before the notebook does.
    """
    logging.getLogger("papermill").setLevel(logging.ERROR)
    deaths: list[int] = []
    deadline = Deadline(cell_seconds, stage_seconds)
    config = Config(
        AsyncKernelManager={"client_class": CLIENT},
        OpsbookProvisioner={"died": deaths.append, "memory_mb": memory_mb or 0},
    )
    try:
        with warnings.catch_warnings(), _kernelspecs(kernels):
            warnings.simplefilter("ignore")
            papermill.execute_notebook(
                str(draft),
                str(output),
                parameters=dict(parameters),
                cwd=str(cwd),
                engine_name=KERNEL,
                kernel_name=KERNEL,
                progress_bar=False,
                request_save_on_cell_execute=False,
                shutdown_kernel="immediate",
                timeout_func=deadline,
                kept=output,
                config=config,
            )
    except nbclient.DeadKernelError as error:
        raise DeadKernelError(*_cause(deaths)) from error
    except nbclient.CellTimeoutError as error:
        raise DeadlineError(*deadline.told()) from error


@contextmanager
def _kernelspecs(folder: Path) -> Iterator[None]:
    """Let Jupyter find the kernelspec in a folder."""
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = os.pathsep.join([str(folder), *([before] if before else [])])
    try:
        yield
    finally:
        if before is None:
            del os.environ["JUPYTER_PATH"]
        else:
            os.environ["JUPYTER_PATH"] = before


def _cause(deaths: list[int]) -> tuple[str, str]:
    """What a kernel's exit status says: the problem and the fix."""
    status = deaths[0] if deaths else 0
    name = signal.Signals(-status).name if status < 0 else ""
    if name == "SIGKILL":
        return (
            "The kernel was killed (SIGKILL), as happens when the machine runs out of memory.",
            "Let the notebook hold less in memory, or run fewer projects side by side.",
        )
    if name:
        return f"The kernel crashed ({name}).", "See which library its last cell calls."
    return (
        f"The kernel ended with exit status {status} before its notebook did.",
        "Take out what ends the process.",
    )
