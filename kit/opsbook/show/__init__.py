"""Results as pictures and tables, in the reader's language. Nothing is computed here."""

from opsbook.show.control import next_params, watch
from opsbook.show.diagnosis import cause_table, causes, change, segments, whys
from opsbook.show.effect import comparison, estimates, guardrails, placebos
from opsbook.show.intake import checks, coverage, jumps, ledger, readings
from opsbook.show.reader import reader, speak
from opsbook.show.shown import note
from opsbook.show.solutions import choice, score_table, scores
from opsbook.show.trigger import control_chart, history, misses
from opsbook.show.verdict import cautions, form, headline

__all__ = [
    "cause_table",
    "causes",
    "cautions",
    "change",
    "checks",
    "choice",
    "comparison",
    "control_chart",
    "coverage",
    "estimates",
    "form",
    "guardrails",
    "headline",
    "history",
    "jumps",
    "ledger",
    "misses",
    "next_params",
    "note",
    "placebos",
    "reader",
    "readings",
    "score_table",
    "scores",
    "segments",
    "speak",
    "watch",
    "whys",
]
