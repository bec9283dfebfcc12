"""Results as pictures and tables, in the reader's language. Nothing is computed here."""

from opsbook.show.control import next_params, watch
from opsbook.show.diagnosis import cause_table, causes, change, segments
from opsbook.show.diagnosis_flow import flow, flow_table, journey, voices
from opsbook.show.diagnosis_where import slices, trees
from opsbook.show.diagnosis_whys import whys
from opsbook.show.effect import comparison, estimates, guardrails, placebos
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
    "estimates",
    "flow",
    "flow_table",
    "form",
    "guardrails",
    "headline",
    "history",
    "journey",
    "ledger",
    "misses",
    "next_params",
    "note",
    "placebos",
    "reader",
    "score_table",
    "scores",
    "segments",
    "slices",
    "speak",
    "trees",
    "voices",
    "watch",
    "whys",
]
