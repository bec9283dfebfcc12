"""What stage 0 saves: the receipt of the data."""

from __future__ import annotations

from typing import Literal

from opsbook.results.base import StageResult
from opsbook.text import Period, Record, Statement

#: What was done with what a check found.
Done = Literal["left_out", "kept", "left_empty"]
State = Literal["complete", "missing", "partial", "closed"]


class LedgerLine(Record):
    """Rows that went one way, and why; the places of the first of them."""

    reason: Statement
    rows: int
    first: tuple[str, ...] = ()


class ColumnReading(Record):
    """How a column's cells were understood: so many in each way."""

    column: str
    kind: Literal["date", "figure", "dimension"]
    read: tuple[LedgerLine, ...]


class Check(Record):
    """Something found in the rows that is worth a look, and what was done with it.

    Attributes:
        id: What sort of thing it is.
        found: What was found, in words.
        rows: In how many rows.
        first: The places of the first of them, with what stands there.
        done: Left out, kept, or left empty in the figures it touches.
    """

    id: str
    found: Statement
    rows: int
    first: tuple[str, ...] = ()
    done: Done = "kept"


class Ledger(Record):
    """The receipt: rows in = rows used + rows left out, each for a named reason.

    Attributes:
        rows_in_focus: How many of the used rows are in focus; None where nothing is.
        read_as: How the file was opened: its encoding, its header.
        columns: How the cells of each column were understood.
        left_out: Rows that are not used, by reason.
        checks: What was found in the rows, and what was done.
        notes: Checks whose rows are used all the same, as sentences.
    """

    table: str
    source: str
    licence: str
    simulated: bool
    sha256: str
    rows_in: int
    rows_used: int
    rows_in_focus: int | None = None
    read_as: tuple[Statement, ...] = ()
    columns: tuple[ColumnReading, ...] = ()
    left_out: tuple[LedgerLine, ...] = ()
    checks: tuple[Check, ...] = ()
    notes: tuple[Statement, ...] = ()


class Coverage(Record):
    """Which periods are there; a closed day is one on which the table never has rows."""

    periods: tuple[Period, ...]
    state: tuple[State, ...]
    closed_weekdays: tuple[int, ...] = ()

    @property
    def partial(self) -> tuple[Period, ...]:
        """The periods that the table only begins to fill."""
        return self.in_state("partial")

    @property
    def span(self) -> tuple[Period, Period]:
        """The first and the last period, without those at the ends that are partial."""
        whole = [i for i, state in enumerate(self.state) if state != "partial"] or [0, -1]
        return self.periods[whole[0]], self.periods[whole[-1]]

    def in_state(self, state: State) -> tuple[Period, ...]:
        """The periods of one state."""
        return tuple(p for p, s in zip(self.periods, self.state, strict=True) if s == state)


class Jump(Record):
    """A place where a figure or a category changes as if it were counted in another way.

    Attributes:
        kind: A new level of a column, a new size of its noise, or a category that is suddenly
            there or gone.
        name: The column, or the category's value.
        dimension: The category's dimension.
        period: First period of the new state.
        size: New level or noise over old; for a category its share of the rows or of the
            denominator.
    """

    kind: Literal["level", "spread", "birth", "death"]
    name: str
    dimension: str | None = None
    period: Period
    size: float


class IntakeResult(StageResult):
    """The verdict on the data, with its receipt."""

    stage: Literal["intake"] = "intake"
    verdict: Literal["usable", "with_reservations", "unusable"] | None = None
    ledger: Ledger | None = None
    coverage: Coverage | None = None
    jumps: tuple[Jump, ...] = ()
