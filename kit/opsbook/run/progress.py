"""Progress on stderr: on a terminal a bar and the stages that run, elsewhere plain lines."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from opsbook.run.lock import NAME as LOCK
from opsbook.run.record import ProjectRun
from opsbook.run.run_log import last_line

#: Of more projects side by side there is no room to tell.
MOST_TOLD = 3


class Progress:
    """Tells of each finished project and its stages.

    Args:
        folders: The projects' output folders.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._left = {folder.name: folder for folder in folders}
        self._console = Console(file=sys.stderr, highlight=False)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            _Stages(self._left),
            console=self._console,
            disable=not self._console.is_terminal,
            transient=True,
        )
        self._task = self._bar.add_task("Projects", total=len(folders))

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
        """Tell of one finished project, how long its stages took, and where it failed."""
        self._left.pop(run.project, None)
        self._bar.advance(self._task)
        stopped = run.refused if run.runs else run.refused or run.report_failure
        if stopped is not None:
            told = f"Error: {run.project}: {stopped}"
            self._console.print(told, markup=False, soft_wrap=True)
            return
        counts = ", ".join(
            f"{number} {status.replace('_', ' ')}"
            for status in ("done", "cached", "not_due", "skipped", "failed")
            if (number := sum(stage.status == status for stage in run.runs))
        )
        ran = ", ".join(f"{stage.stage} {stage.seconds:.1f}" for stage in run.runs if stage.seconds)
        line = f"{run.project}: {counts} ({run.seconds:.1f} s{': ' if ran else ''}{ran})"
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
        if run.store_failure:
            told = f"  not in the store: {run.store_failure}"
            self._console.print(told, markup=False, soft_wrap=True)


class _Stages(ProgressColumn):
    """What runs now, wherever it runs: a project that is locked, and the last line of its log."""

    max_refresh = 0.5

    def __init__(self, left: dict[str, Path]) -> None:
        super().__init__()
        self._left = left

    def render(self, _task: Task) -> Text:
        told = []
        for name, folder in list(self._left.items()):
            if (folder / LOCK).exists():
                told.append(f"{name}: {last_line(folder).partition(':')[0]}")
            if len(told) == MOST_TOLD:
                break
        return Text("; ".join(told), no_wrap=True)
