"""Results as pictures and tables, in the reader's language. Nothing is computed here."""

from opsbook.show.bars import causes, estimates, placebos, scores
from opsbook.show.charts import comparison, control_chart, coverage, history, watch
from opsbook.show.reader import reader, speak
from opsbook.show.shown import note
from opsbook.show.tables import causes as cause_table
from opsbook.show.tables import (
    cautions,
    change,
    choice,
    form,
    guardrails,
    headline,
    ledger,
    misses,
    next_params,
    score_table,
    segments,
    whys,
)

__all__ = [
    "cause_table",
    "causes",
    "cautions",
    "change",
    "choice",
    "comparison",
    "control_chart",
    "coverage",
    "estimates",
    "form",
    "guardrails",
    "headline",
    "history",
    "ledger",
    "misses",
    "next_params",
    "note",
    "placebos",
    "reader",
    "score_table",
    "scores",
    "segments",
    "speak",
    "watch",
    "whys",
]
