"""Files of a run: their names, and that they are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import get_args

from opsbook.errors import RunError
from opsbook.results.base import Stage

#: The stages in their order.
STAGES: tuple[Stage, ...] = get_args(Stage)


def file_name(stage: Stage, suffix: str) -> str:
    """Name of a stage's file: its number, its name, its suffix.

    Examples:
        >>> file_name("trigger", ".ipynb")
        '1_trigger.ipynb'
    """
    return f"{STAGES.index(stage)}_{stage}{suffix}"


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there, so that it is never half.

    Raises:
        RunError: If the folder cannot be written to.
    """
    data = content.encode() if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        raise RunError(
            f"{path.parent.name}/{path.name} cannot be written: {error.strerror}.",
            "Check the folder and the free space.",
        ) from error
    finally:  # also where an interrupt comes in between
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
