"""What a run saves about itself: run.json per project, run_results.json over all."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from opsbook.results import Failure, Stage
from opsbook.text import Record

__all__ = ["Failure", "ProjectRun", "Run", "RunStatus"]

RunStatus = Literal["done", "cached", "failed", "skipped", "not_due", "interrupted"]


class Run(Record):
    """One stage of one project.

    Attributes:
        status: ``interrupted`` is written before a stage runs, and stays if the run is killed.
        peak_mb: How much memory its kernel held at most; a forked one's with what it shares.
        inputs: The hash of each part that the stage was run from.
        files: The hash of each file that it left; another one means that somebody changed it.
        by_hand: Files that somebody has changed since, which the reason tells of.
    """

    project: str
    stage: Stage
    status: RunStatus
    reason: str = ""
    seconds: float = 0.0
    peak_mb: float | None = None
    notebook: str | None = None
    result: str | None = None
    failure: Failure | None = None
    inputs: dict[str, str] = Field({})
    files: dict[str, str] = Field({})
    by_hand: tuple[str, ...] = ()


class ProjectRun(Record):
    """All stages of one project, with what they were run from.

    Attributes:
        peak_mb: The most that a kernel of these stages held.
        report_inputs: The hash of all that the report shows.
        checked: The hash of params and data that were found to fit each other.
        refused: Why params or data cannot be used; then nothing was run or written.
        store_failure: Why the store has not what is here; the next run sends it.
    """

    project: str
    title: str
    params_file: str
    params: dict[str, Any]
    versions: dict[str, str]
    started: str
    seconds: float
    peak_mb: float | None = None
    runs: tuple[Run, ...]
    report: str | None = None
    report_failure: str | None = None
    report_inputs: str = ""
    checked: str = ""
    host: str = ""
    refused: str | None = None
    store_failure: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it was refused, a stage failed, or report or store could not be written to."""
        stops = (self.refused, self.report_failure, self.store_failure)
        return any(stop is not None for stop in stops) or any(
            r.status == "failed" for r in self.runs
        )
