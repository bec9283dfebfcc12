"""What a run saves about itself: run.json per project, run_results.json over all."""

from __future__ import annotations

from typing import Any, Literal

from opsbook.results import Failure, Stage
from opsbook.text import Record

__all__ = ["Failure", "ProjectRun", "Run", "RunStatus"]

RunStatus = Literal["done", "cached", "failed", "skipped", "not_due"]


class Run(Record):
    """One stage of one project."""

    project: str
    stage: Stage
    status: RunStatus
    reason: str = ""
    seconds: float = 0.0
    notebook: str | None = None
    result: str | None = None
    failure: Failure | None = None


class ProjectRun(Record):
    """All stages of one project, with what they were run from."""

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

    @property
    def failed(self) -> bool:
        """Whether a stage failed, or the report could not be written."""
        return self.report_failure is not None or any(r.status == "failed" for r in self.runs)
