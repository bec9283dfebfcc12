"""What stage 0 saves: the receipt of the data."""

from __future__ import annotations

from typing import Literal

from opsbook.results.base import StageResult
from opsbook.text import Period, Record, Statement


class LedgerLine(Record):
    """Rows that went one way, and why."""

    reason: Statement
    rows: int


class Ledger(Record):
    """The receipt: rows in = rows used + rows left out, each for a named reason."""

    table: str
    source: str
    licence: str
    simulated: bool
    sha256: str
    rows_in: int
    rows_used: int
    left_out: tuple[LedgerLine, ...] = ()
    notes: tuple[Statement, ...] = ()


class Coverage(Record):
    """Which periods are there."""

    periods: tuple[Period, ...]
    state: tuple[Literal["complete", "missing", "partial"], ...]


class IntakeResult(StageResult):
    """The verdict on the data, with its receipt."""

    stage: Literal["intake"] = "intake"
    verdict: Literal["usable", "with_reservations", "unusable"] | None = None
    ledger: Ledger | None = None
    coverage: Coverage | None = None
