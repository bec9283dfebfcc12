"""What is asked of a run: which stages, how long they may take, what they may use."""

from __future__ import annotations

from opsbook.results import STAGES, Stage
from opsbook.text import Record


class RunOptions(Record):
    """What is asked of a run.

    Attributes:
        stages: The stages to run; all if there are none.
        force: Whether unchanged stages run too.
        cell_seconds: How long a cell may take.
        stage_seconds: How long a notebook may take.
        project_seconds: How long a project may take.
        memory_mb: How much a kernel may hold.
        lock_seconds: How long to wait for another run of the same project.
        store: Address of a store that keeps the outputs too.
    """

    stages: tuple[Stage, ...] = ()
    force: bool = False
    cell_seconds: float | None = None
    stage_seconds: float | None = None
    project_seconds: float | None = None
    memory_mb: int | None = None
    lock_seconds: float = 600.0
    store: str | None = None


def stages_from(first: Stage) -> tuple[Stage, ...]:
    """A stage and all after it.

    Examples:
        >>> stages_from("effect")
        ('effect', 'control')
    """
    return STAGES[STAGES.index(first) :]
