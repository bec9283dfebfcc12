"""One run at a time per project."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import logging
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

from opsbook.errors import RunError

try:
    import fcntl
except ImportError:  # Windows has none; there a project is not guarded
    fcntl = None  # type: ignore[assignment] # as above

NAME = "run.lock"
PAUSE = 0.1


@contextlib.contextmanager
def project_lock(folder: Path, patience: float) -> Iterator[None]:
    """Hold a project's outputs; a second run of it waits, and says for whom.

    The system drops the lock when its process ends, however it ends: a file that is left over
    holds nobody up.

    Args:
        folder: The project's output folder; made if it is not there.
        patience: Seconds to wait.

    Raises:
        RunError: If another run holds it for longer, or the folder cannot be written to.
    """
    path = folder / NAME
    until = time.monotonic() + patience
    told = False
    while (descriptor := _taken(path)) is None:
        if time.monotonic() >= until:
            raise RunError(
                f"Project {folder.name} is being run by {_holder(path)}.",
                "Wait for it, or end that process.",
            )
        if not told:
            logging.getLogger("opsbook").warning(
                "Project %s is being run by %s; waiting for it.", folder.name, _holder(path)
            )
            told = True
        time.sleep(PAUSE)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)  # while it is held: whoever waits sees that it is gone
        os.close(descriptor)


def _taken(path: Path) -> int | None:
    """An open, locked file with our name in it; None if somebody else holds it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise RunError(
            f"{path.parent.name}/ cannot be written to: {error.strerror}.",
            "Check the folder and the free space.",
        ) from error
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not _is(path, descriptor):
            raise BlockingIOError  # its last holder has just removed it
        with contextlib.suppress(OSError):  # a full disk: the lock holds without a name
            os.ftruncate(descriptor, 0)
            os.write(descriptor, json.dumps(_ourselves()).encode())
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _is(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _ourselves() -> dict[str, str | int]:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return {"pid": os.getpid(), "host": platform.node(), "since": now}


def _holder(path: Path) -> str:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return f"process {told['pid']} on {told['host']} since {told['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
