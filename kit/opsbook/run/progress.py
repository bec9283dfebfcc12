"""Progress on stderr: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from opsbook.run.record import ProjectRun


class Progress:
    """Tells of each finished project.

    Args:
        projects: How many there are.
    """

    def __init__(self, projects: int) -> None:
        self._console = Console(file=sys.stderr, highlight=False)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("Projects", total=projects)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def finished(self, run: ProjectRun) -> None:
        """Tell of one finished project and where it failed."""
        self._bar.advance(self._task)
        if run.refused is not None:
            told = f"Error: {run.project}: {run.refused}"
            self._console.print(told, markup=False, soft_wrap=True)
            return
        counts = ", ".join(
            f"{number} {status.replace('_', ' ')}"
            for status in ("done", "cached", "not_due", "skipped", "failed")
            if (number := sum(stage.status == status for stage in run.runs))
        )
        line = f"{run.project}: {counts} ({run.seconds:.1f} s)"
        self._console.print(line, markup=False, soft_wrap=True)
        for stage in run.runs:
            if stage.status == "failed":
                self._console.print(
                    f"  {stage.stage} failed: {stage.reason}", markup=False, soft_wrap=True
                )
            elif stage.by_hand:
                self._console.print(
                    f"  {stage.stage}: {stage.reason}", markup=False, soft_wrap=True
                )
        if run.report_failure:
            self._console.print(f"  no report: {run.report_failure}", markup=False, soft_wrap=True)
