"""run.log: what happened to a project, line by line, run after run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

NAME = "run.log"


class RunLog:
    """Appends lines to a project's log. A log that cannot be written stops nothing.

    Args:
        folder: The project's output folder.
        redact: Takes secrets out of a text.
    """

    def __init__(self, folder: Path, redact: Callable[[str], str]) -> None:
        self._path = folder / NAME
        self._redact = redact

    def __call__(self, message: str) -> None:
        """Write one line, with the time."""
        now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        line = f"{now} {' '.join(self._redact(message).split())}\n"
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line)
        except OSError:
            return


def last_line(folder: Path) -> str:
    """The newest line of a project's log, without its time."""
    try:
        with (folder / NAME).open("rb") as file:
            file.seek(max(file.seek(0, 2) - 4096, 0))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return lines[-1].partition(" ")[2] if lines else ""
