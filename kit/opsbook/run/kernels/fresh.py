"""What makes a forked process like a kernel that was started anew."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Mapping

from opsbook.text import Record

INLINE = "module://matplotlib_inline.backend_inline"
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER of Linux


class Request(Record):
    """What a kernel is started with.

    Attributes:
        argv: The arguments after the interpreter: -m, the module, its own ones.
        env: The environment, in full.
        cwd: The folder to start in.
    """

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str


def run_kernel(request: Request, set_by_imports: Mapping[str, str]) -> None:
    """Be the kernel, to its end.

    Args:
        request: What the kernel is started with.
        set_by_imports: The part of the environment that is the libraries' own doing.
    """
    _own_process(request, set_by_imports)
    _own_state()
    from ipykernel import kernelapp  # noqa: PLC0415 - after the state it reads

    sys.argv = ["ipykernel_launcher", *request.argv[2:]]
    kernelapp.launch_new_instance(parent_handle=os.getppid())


def _own_process(request: Request, set_by_imports: Mapping[str, str]) -> None:
    """A session, an environment, a folder; nothing of the terminal: the notebook has its words."""
    os.setsid()
    _die_with(os.getppid())
    adopt_orphans()
    os.environ.clear()
    os.environ.update({**set_by_imports, **request.env})
    os.environ["JPY_PARENT_PID"] = str(os.getppid())
    os.environ.setdefault("MPLBACKEND", INLINE)
    time.tzset()
    os.chdir(request.cwd)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


def _own_state() -> None:
    """What the imports decided for the server, or what would be the same in every kernel."""
    import matplotlib as mpl  # noqa: PLC0415 - the server has it; the run needs no such import
    import numpy as np  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    tempfile.tempdir = None  # which is told by the environment
    random.seed()
    np.random.seed()  # noqa: NPY002 - the legacy generator is the one that a fork copies
    mpl.rcParams["backend"] = os.environ["MPLBACKEND"]
    pd.set_option("display.max_columns", 20)  # it is 0 where pandas is imported outside a kernel


def _die_with(parent: int) -> None:
    """End with the server even where the kernel is too busy to look for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def adopt_orphans() -> None:
    """Be the parent of processes whose own one ends, so that they do not outlive their notebook.

    What a notebook has left running is its kernel's, and with the kernel's end the server's.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1)
