"""Reading what customers say, topic by topic and period by period."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from opsbook.data.periods import first_days
from opsbook.data.side_tables import Kind, read_side_table
from opsbook.project import Project
from opsbook.results.intake import Ledger, LedgerLine
from opsbook.text import say

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Feedback:
    """Mentions, one a row, in the order of the file.

    Attributes:
        frame: ``period`` (first day of the KPI's period), ``date`` and ``topic``; ``channel``,
            ``severity``, ``score`` (0 to 10) and ``text`` where the params name their columns.
            The words may hold names: nothing shows them before `scrub` has gone over them.
        ledger: The receipt of the rows.
    """

    frame: pd.DataFrame
    ledger: Ledger


def load_feedback(project: Project, folder: Path) -> Feedback | None:
    """Read the feedback, or return None where the params name none.

    Where the words are there, a mention that repeats another one's day, topic, channel and words
    is left out: ten copies of one complaint are one complaint.

    Args:
        project: The checked params.
        folder: The params file's folder.

    Raises:
        DataError: If the table, a column or a cell cannot be read, or no row is left.
    """
    table = project.data.feedback
    if table is None:
        return None
    grain = project.data.kpi.period.grain
    kinds: dict[str, Kind] = {"date": "date", "topic": "text"}
    kinds |= {
        field: "text"
        for field in ("channel", "text", "severity")
        if getattr(table, field) is not None
    }
    if table.score is not None:
        kinds["score"] = "number"
    frame, ledger = read_side_table(
        table, folder, "data.feedback", kinds, needed=("date", "topic"), grain=grain
    )
    if "text" in frame:
        same = [name for name in ("date", "topic", "channel", "text") if name in frame]
        again = frame.duplicated(same) & frame["text"].notna()
        frame = frame[~again].reset_index(drop=True)
        if copies := int(again.sum()):
            line = LedgerLine(reason=say("the same words on the same day"), rows=copies)
            ledger = ledger.model_copy(
                update={
                    "rows_used": ledger.rows_used - copies,
                    "left_out": (*ledger.left_out, line),
                }
            )
    frame = frame.assign(period=first_days(frame["date"], grain))
    return Feedback(frame=frame, ledger=ledger)
