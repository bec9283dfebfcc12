"""papermill, as a run uses it: warm kernels, no write while it runs, nothing lost on a death."""

from __future__ import annotations

import logging
import os
import signal
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from opsbook.errors import RunError
from opsbook.run.bounded import BoundedClient
from opsbook.run.deadline import Deadline
from opsbook.run.jupyter import import_jupyter
from opsbook.run.kernels.private_folder import KERNEL
from opsbook.run.options import RunOptions
from opsbook.run.readable import write_readably

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    papermill = import_jupyter("papermill")
    engines = import_jupyter("papermill.engines")
    nbclient = import_jupyter("nbclient.exceptions")
    Config = import_jupyter("traitlets.config").Config

LOG = logging.getLogger("papermill")
#: Seconds in which a kernel starts on a busy machine.
START = 300
CLIENT = "opsbook.run.kernels.client.PromptClient"


class DeadKernelError(RunError):
    """A kernel ended in the middle of its notebook."""


class BrokenKernelError(RunError):
    """A kernel lives, and no longer executes cells."""


class DeadlineError(RunError):
    """A cell, or its notebook, took longer than it may."""


class KeepingEngine(engines.NBClientEngine):  # type: ignore[misc,name-defined] # untyped
    """Gives what has run, whatever ends it; papermill does so only for a cell's own error."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        ended: Callable[[Any], object],
        client: Mapping[str, Any],
        **_: Any,
    ) -> None:
        """Execute a notebook, up to where it stops.

        Args:
            nb_man: papermill's view of the notebook.
            kernel_name: The kernel's name.
            ended: Told the notebook, executed or stopped.
            client: What its client is made with.
        """
        bounded = BoundedClient(nb_man, kernel_name=kernel_name, **client)
        try:
            bounded.execute()
        except Exception as error:
            if bounded.is_broken:
                raise BrokenKernelError(
                    "The kernel could not run the cell: one before has broken it.",
                    "Take out what replaces sys.stdout, sys.stderr or parts of IPython.",
                ) from error
            raise
        finally:
            ended(nb_man.nb)


papermill.engines.papermill_engines.register(KERNEL, KeepingEngine)
write_readably()


def run_papermill(
    draft: Path,
    *,
    ended: Callable[[Any], object],
    parameters: Mapping[str, Any],
    cwd: Path,
    kernels: Path,
    options: RunOptions | None = None,
    measured: Callable[[float], object] = lambda _megabytes: None,
) -> None:
    """Execute a notebook, up to where it stops.

    Args:
        draft: The notebook.
        ended: Told the notebook, executed or stopped; it is written nowhere.
        parameters: The values of its parameters cell.
        cwd: The folder that its cells run in.
        kernels: The folder that `kernel_folder` gives.
        options: How long it may take, and how much its kernel may hold.
        measured: Told how much its kernel held at most, in MB, where that is known.

    Raises:
        PapermillExecutionError: If a cell fails.
        DeadlineError: If a cell or the notebook takes too long.
        DeadKernelError: If the kernel ends before the notebook does.
    """
    LOG.setLevel(logging.CRITICAL)  # what stops a notebook is told with its project
    options = options or RunOptions()
    deaths: list[int] = []
    deadline = Deadline(options.cell_seconds, options.stage_seconds)
    config = Config(
        AsyncKernelManager={"client_class": CLIENT},
        OpsbookProvisioner={
            "died": deaths.append,
            "measured": measured,
            "memory_mb": options.memory_mb or 0,
        },
    )
    client = {
        "config": config,
        "shutdown_kernel": "immediate",
        "startup_timeout": START,
        "timeout_func": deadline,
        "log": LOG,
    }
    try:
        with warnings.catch_warnings(), _kernelspecs(kernels):
            warnings.simplefilter("ignore")
            papermill.execute_notebook(
                str(draft),
                None,
                parameters=dict(parameters),
                cwd=str(cwd),
                engine_name=KERNEL,
                kernel_name=KERNEL,
                progress_bar=False,
                request_save_on_cell_execute=False,
                ended=ended,
                client=client,
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
