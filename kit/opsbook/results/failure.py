"""A stage that failed: which cell, why, and how to try again."""

from __future__ import annotations

from opsbook.results.base import Stage
from opsbook.text import Record

RETRY = "opsbook run --failed"


class Failure(Record):
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
