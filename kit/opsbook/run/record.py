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
        inputs: The hash of each part that the stage was run from.
        files: The hash of each file that it left; another one means that somebody changed it.
        by_hand: Files that somebody has changed since, which the reason tells of.
    """

    project: str
    stage: Stage
    status: RunStatus
    reason: str = ""
    seconds: float = 0.0
    notebook: str | None = None
    result: str | None = None
    failure: Failure | None = None
    inputs: dict[str, str] = Field({})
    files: dict[str, str] = Field({})
    by_hand: tuple[str, ...] = ()


class ProjectRun(Record):
    """All stages of one project, with what they were run from.

    Attributes:
        report_inputs: The hash of all that the report shows.
        checked: The hash of params and data that were found to fit each other.
    """

    project: str
    title: str
    params_file: str
    params: dict[str, Any]
    versions: dict[str, str]
    started: str
    seconds: float
    runs: tuple[Run, ...]
    report: str | None = None
    report_failure: str | None = None
    report_inputs: str = ""
    checked: str = ""
    host: str = ""

    @property
    def failed(self) -> bool:
        """Whether a stage failed, or the report could not be written."""
        return self.report_failure is not None or any(r.status == "failed" for r in self.runs)
