"""Results as pictures and tables, in the reader's language. Nothing is computed here."""

from opsbook.show.control import next_params, watch
from opsbook.show.diagnosis import cause_table, causes, change, segments, whys
from opsbook.show.effect import comparison, estimates, guardrails, placebos
from opsbook.show.intake import coverage, ledger
from opsbook.show.reader import reader, speak
from opsbook.show.shown import note
from opsbook.show.solutions import choice, score_table, scores
from opsbook.show.trigger import (
    changes,
    chart_reason,
    control_chart,
    guard,
    history,
    misses,
    rules,
)
from opsbook.show.trigger_tables import declared, feedback, process, task_force, topics
from opsbook.show.verdict import cautions, form, headline

__all__ = [
    "cause_table",
    "causes",
    "cautions",
    "change",
    "changes",
    "chart_reason",
    "choice",
    "comparison",
    "control_chart",
    "coverage",
    "declared",
    "estimates",
    "feedback",
    "form",
    "guard",
    "guardrails",
    "headline",
    "history",
    "ledger",
    "misses",
    "next_params",
    "note",
    "placebos",
    "process",
    "reader",
    "rules",
    "score_table",
    "scores",
    "segments",
    "speak",
    "task_force",
    "topics",
    "watch",
    "whys",
]
