"""What the stages, their questions and the evidence grades are called."""

from __future__ import annotations

from opsbook.results import Stage
from opsbook.text import Term, term

NAMES: dict[Stage, Term] = {
    "intake": term("Data intake"),
    "trigger": term("Trigger check"),
    "diagnosis": term("Diagnosis"),
    "solutions": term("Solutions"),
    "effect": term("Effect"),
    "control": term("Control"),
}
QUESTIONS: dict[Stage, Term] = {
    "intake": term("Can the data be trusted?"),
    "trigger": term("What happened?"),
    "diagnosis": term("Why?"),
    "solutions": term("What do we do?"),
    "effect": term("Did it work?"),
    "control": term("Does it hold?"),
}
GRADES: dict[str, Term] = {
    "A": term("randomised"),
    "B": term("controlled"),
    "C": term("time series"),
    "D": term("before/after"),
    "E": term("anecdote"),
}
