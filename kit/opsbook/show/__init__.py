"""Results as pictures and tables, in the reader's language. Nothing is computed here."""

from opsbook.show.control import decision, loops, next_params, roll_out, watch
from opsbook.show.diagnosis import cause_table, causes, change, segments, whys
from opsbook.show.effect import (
    comparison,
    design,
    estimates,
    placebos,
    receipt,
    report_card,
    side_effects,
)
from opsbook.show.intake import coverage, ledger
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
    "choice",
    "comparison",
    "control_chart",
    "coverage",
    "decision",
    "design",
    "estimates",
    "form",
    "headline",
    "history",
    "ledger",
    "loops",
    "misses",
    "next_params",
    "note",
    "placebos",
    "reader",
    "receipt",
    "report_card",
    "roll_out",
    "score_table",
    "scores",
    "segments",
    "side_effects",
    "speak",
    "watch",
    "whys",
]
