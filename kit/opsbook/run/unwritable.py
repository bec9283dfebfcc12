"""Outputs that cannot be written to stop a batch at once, and leave what is there."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

from opsbook.errors import RunError
from opsbook.run.record import Run

#: A stage's files are smaller than this; with less left, nothing is begun.
LEAST = 8 * 2**20
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


class UnwritableError(RunError):
    """Nothing more can be written; what was there before is there still."""


def refuse_a_full_disk(folder: Path) -> None:
    """Begin nothing that cannot be written.

    Raises:
        UnwritableError: If the disk is all but full.
    """
    free = shutil.disk_usage(folder).free
    if free < LEAST:
        raise UnwritableError(
            f"The disk of {folder.parent.name}/ is full: {free / 2**20:.1f} MB are left.",
            "Make room and run again; the outputs of the last run are as they were.",
        )


def stop_if_unwritable(folder: Path, what: Run | Exception) -> None:
    """Stop where a fault is the disk's and not the notebook's.

    Args:
        folder: The project's output folder.
        what: A stage's run, or an error.

    Raises:
        UnwritableError: If so.
    """
    if isinstance(what, Run):
        if what.failure is not None:
            refuse_a_full_disk(folder)
        return
    if isinstance(what, UnwritableError):
        raise what
    cause = what.__cause__
    code = cause.errno if isinstance(cause, OSError) else None
    if code in FULL or (code in FORBIDDEN and not _takes_files(folder.parent)):
        raise UnwritableError(
            str(what), "Run again then; the outputs of the last run are as they were."
        ) from what


def _takes_files(folder: Path) -> bool:
    """Whether other projects can be written, though this one cannot."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
