"""What a run keeps for its kernels: a private folder with their sockets, and the fork server."""

from __future__ import annotations

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opsbook.errors import RunError

KERNEL = "opsbook"
SERVER = "server"
#: What a kernel writes to its temporary folder goes with the run, also where the kernel is killed.
TEMPORARY = "tmp"
COLD = "OPSBOOK_COLD_KERNELS"
#: A Unix socket's path holds 107 bytes; a kernel's name and channel take 40 of them.
LONGEST_FOLDER = 107 - 40
#: What a kernel does without because only a run talks to it.
ARGUMENTS = ("--HistoryManager.enabled=False", "--log-level=CRITICAL")
#: How it waits for nobody at each cell; what it prints is heard before its "idle" all the same.
PROMPT = (
    "--IPKernelApp.outstream_class=opsbook.run.kernels.stream.QuietStream",
    "--IPythonKernel._execute_sleep=0",
)
#: Many kernels share the cores, and a fork is only safe while there is one thread.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


@contextmanager
def kernel_folder(*, warm: bool = True, beside: Path | None = None) -> Iterator[Path]:
    """Make kernels ready for a run; gives the folder in which Jupyter finds their kernelspec.

    The kernelspec is named `opsbook`. Its kernels are forked from a server, where that is safe and
    not refused by the environment variable OPSBOOK_COLD_KERNELS; else they are ordinary ones,
    which is said. Nothing of it outlives the run, even if the run is killed.

    Raises:
        RunError: If no temporary folder can be written to.

    Args:
        warm: Whether a server is worth its start: no notebook may have to run at all.
        beside: Another folder that must not outlive the run; the server removes it where the
            run is killed.
    """
    refusal = refusal_to_fork()
    server: subprocess.Popen[bytes] | None = None
    folder = _private_folder()
    try:
        if refusal is None and warm:
            server = _start_server(folder, beside or folder)
        elif warm:
            logging.getLogger("opsbook").warning(
                "Notebooks run in ordinary kernels, which start more slowly: %s.", refusal
            )
        yield folder
    finally:
        try:
            if server is not None:
                _end(server)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End the fork server, and with it its kernels."""
    server.terminate()
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def refusal_to_fork() -> str | None:
    """Why kernels are not forked here; None if they are.

    Examples:
        >>> import os, unittest.mock
        >>> with unittest.mock.patch.dict(os.environ, {"OPSBOOK_COLD_KERNELS": "1"}):
        ...     refusal_to_fork()
        'OPSBOOK_COLD_KERNELS is set'
    """
    if os.environ.get(COLD):
        return f"{COLD} is set"
    if not hasattr(os, "fork") or sys.platform == "darwin":
        return f"a process cannot safely be forked on {sys.platform}"
    return None


def _private_folder() -> Path:
    """A new folder that nobody else may enter, with a name short enough for sockets."""
    try:
        folder = tempfile.mkdtemp(prefix="opsbook-")
        if os.name == "posix" and len(os.fsencode(folder)) > LONGEST_FOLDER:
            Path(folder).rmdir()
            folder = tempfile.mkdtemp(prefix="opsbook-", dir="/tmp")
        _write_kernelspec(Path(folder))
    except OSError as error:
        raise RunError(
            f"The temporary folder cannot be written to: {error.strerror}.",
            "Make room there, or let TMPDIR name another one.",
        ) from error
    return Path(folder)


def _write_kernelspec(folder: Path) -> None:
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {
        "argv": [*launch, *ARGUMENTS, *PROMPT],
        "display_name": "Python 3 (opsbook)",
        "language": "python",
        "env": {**ENVIRONMENT, "TMPDIR": str(folder / TEMPORARY)},
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {
                "provisioner_name": KERNEL,
                "config": {"folder": str(folder)},
            },
        },
    }
    file = folder / "kernels" / KERNEL / "kernel.json"
    file.parent.mkdir(parents=True)
    (folder / TEMPORARY).mkdir()
    file.write_text(json.dumps(spec), encoding="utf-8")


def _start_server(folder: Path, beside: Path) -> subprocess.Popen[bytes]:
    """Start the fork server; whoever connects before it is ready waits."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / SERVER))
        listener.listen(128)
        command = [sys.executable, "-m", "opsbook.run.kernels.fork_server"]
        return subprocess.Popen(  # noqa: S603 - our own module
            [*command, str(os.getpid()), str(folder), str(beside)],
            stdin=listener.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # an interrupt at the terminal is the run's to handle
            env={**os.environ, **ENVIRONMENT},
        )
