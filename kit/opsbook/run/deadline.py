"""How long cells may take; asked by nbclient before each."""

from __future__ import annotations

import time


class Deadline:
    """The time that the next cell has.

    Args:
        cell_seconds: How long a cell may take; None for ever.
        stage_seconds: How long all of them may take, from now.
    """

    def __init__(self, cell_seconds: float | None, stage_seconds: float | None) -> None:
        self._cell = cell_seconds
        self._stage = stage_seconds
        self._began = time.monotonic()
        self._reached = ("", 0.0)

    def __call__(self, _cell: object) -> float | None:
        """Seconds for a cell that begins now; None for ever."""
        limits = []
        if self._cell is not None:
            limits.append((self._cell, "cell", self._cell))
        if self._stage is not None:
            left = self._stage - (time.monotonic() - self._began)
            limits.append((max(left, 0.001), "stage", self._stage))  # zero would be for ever
        if not limits:
            return None
        seconds, name, whole = min(limits)
        self._reached = (name, whole)
        return seconds

    def told(self) -> tuple[str, str]:
        """The problem and the fix, once a cell took too long."""
        name, seconds = self._reached
        if name == "cell":
            return (
                f"The cell took longer than {seconds:.3g} s.",
                "Let it do less, or allow more: --cell-timeout.",
            )
        return (
            f"The notebook, or its project, was out of time after {seconds:.3g} s.",
            "Let it do less, or allow more: --stage-timeout, --project-timeout.",
        )
