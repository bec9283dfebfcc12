"""What a killed run has left half written in a project's outputs, or among the kept sums."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

#: A notebook before and while it is executed; a file that is written beside its place.
DRAFT = re.compile(r"\.\d_[a-z]+\.ipynb")
BESIDE = re.compile(r"\..+\.(?P<pid>\d+)")


def clear_leftovers(folder: Path) -> None:
    """Remove them; a notebook's drafts only while the project's lock is held."""
    for path in folder.glob(".*"):
        beside = BESIDE.fullmatch(path.name)
        if DRAFT.fullmatch(path.name) or (beside and not _lives(int(beside["pid"]))):
            with contextlib.suppress(OSError):
                path.unlink()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
