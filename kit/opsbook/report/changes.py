"""What changed in a project since the run before its last one."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from opsbook.results.saved import write_whole
from opsbook.text import Record

STATES = "states.json"


class State(Record):
    """How a project stood after its last run, and after the one before.

    Attributes:
        run: When the last run began.
        word: The state's word, in English.
        before: The word after the run before; None if there was none.
    """

    run: str
    word: str
    before: str | None = None

    @property
    def changed(self) -> bool:
        """Whether the last run changed the state."""
        return self.before is not None and self.before != self.word


class States(Record):
    """All projects' states, by project id."""

    projects: dict[str, State]


def read_states(outputs: Path) -> dict[str, State]:
    """Read the states that the last index left; nothing if it left none that can be read."""
    try:
        text = (outputs / STATES).read_text(encoding="utf-8")
        return States.model_validate_json(text).projects
    except (OSError, ValidationError):
        return {}


def write_states(outputs: Path, states: dict[str, State]) -> None:
    """Keep the states for the next index."""
    write_whole(outputs / STATES, States(projects=states).model_dump_json(indent=1) + "\n")


def next_state(last: State | None, run: str, word: str) -> State:
    """The state after what may be a new run.

    Examples:
        >>> monday = next_state(None, "2025-11-03", "Watch")
        >>> next_state(monday, "2025-11-10", "Start").before
        'Watch'
        >>> next_state(monday, "2025-11-03", "Watch").before is None
        True
    """
    if last is None:
        return State(run=run, word=word)
    if last.run == run:
        return State(run=run, word=word, before=last.before)
    return State(run=run, word=word, before=last.word)
