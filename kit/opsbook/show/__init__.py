"""Results as pictures and tables, in the reader's language. Nothing is computed here."""

from opsbook.show.control import decision, loops, next_params, roll_out, watch
from opsbook.show.diagnosis import cause_table, causes, change, segments
from opsbook.show.diagnosis_flow import flow_table, journey_table, voices
from opsbook.show.diagnosis_funnel import journey
from opsbook.show.diagnosis_map import flow
from opsbook.show.diagnosis_where import slices, tree_cuts, trees
from opsbook.show.diagnosis_whys import whys
from opsbook.show.effect import design, receipt, report_card, side_effects, units
from opsbook.show.effect_pictures import comparison, estimates, placebos
from opsbook.show.intake import checks, coverage, jumps, ledger, readings
from opsbook.show.reader import reader, speak
from opsbook.show.shown import note
from opsbook.show.solution_money import money
from opsbook.show.solution_plan import gantt, plan
from opsbook.show.solution_risks import risk_map, risks
from opsbook.show.solution_surety import acceptability, central_weights, knowing, tornado
from opsbook.show.solutions import choice, effort_impact, gates, score_table, scores
from opsbook.show.trigger import changes, chart_reason, control_chart, guard, history, misses, rules
from opsbook.show.trigger_tables import declared, feedback, process, task_force, topics
from opsbook.show.verdict import cautions, form, forms, headline, overrides

__all__ = [
    "acceptability",
    "cause_table",
    "causes",
    "cautions",
    "central_weights",
    "change",
    "changes",
    "chart_reason",
    "checks",
    "choice",
    "comparison",
    "control_chart",
    "coverage",
    "decision",
    "declared",
    "design",
    "effort_impact",
    "estimates",
    "feedback",
    "flow",
    "flow_table",
    "form",
    "forms",
    "gantt",
    "gates",
    "guard",
    "headline",
    "history",
    "journey",
    "journey_table",
    "jumps",
    "knowing",
    "ledger",
    "loops",
    "misses",
    "money",
    "next_params",
    "note",
    "overrides",
    "placebos",
    "plan",
    "process",
    "reader",
    "readings",
    "receipt",
    "report_card",
    "risk_map",
    "risks",
    "roll_out",
    "rules",
    "score_table",
    "scores",
    "segments",
    "side_effects",
    "slices",
    "speak",
    "task_force",
    "topics",
    "tornado",
    "tree_cuts",
    "trees",
    "units",
    "voices",
    "watch",
    "whys",
]
