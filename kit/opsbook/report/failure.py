"""A stage that failed, as a report tells it: which cell, why, and how to try again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opsbook.results import Stage

RETRY = "opsbook run --failed"
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why a stage has no result.

    Attributes:
        stage: The stage.
        error: Name of the exception, such as ``DataError``.
        message: What it says.
        cell: Number of the code cell, counted from 1, or None if none ran.
        source: The cell's code.
        retry: The command that tries again.
    """

    stage: Stage
    error: str
    message: str
    cell: int | None = None
    source: str = ""
    retry: str = RETRY


def failure_in(notebook: Mapping[str, Any], stage: Stage) -> Failure | None:
    """Find the failure that an executed notebook holds, or None if it ran to its end.

    Args:
        notebook: The notebook as JSON.
        stage: The stage it is of.
    """
    code = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for number, cell in enumerate(code, start=1):
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                return Failure(
                    stage=stage,
                    error=output["ename"],
                    message=COLOURS.sub("", output["evalue"]),
                    cell=number,
                    source=cell["source"],
                )
    return None
