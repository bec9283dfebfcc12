"""Stage 3: which solutions pass, which one wins and how surely, and what is done."""

from __future__ import annotations

from opsbook.results.plan import PlanView, RiskView
from opsbook.results.scoring import Gates, Scores, Surety
from opsbook.results.solutions import Choice, SolutionsResult
from opsbook.results.worth import MoneyView
from opsbook.stages.context import Context
from opsbook.stages.solution_choice import choose
from opsbook.stages.solution_form import plan_form, solution_forms
from opsbook.stages.solution_gates import gates
from opsbook.stages.solution_money import money
from opsbook.stages.solution_plan import forecast, plan, with_pilot
from opsbook.stages.solution_risks import risks
from opsbook.stages.solution_scores import scores, surety
from opsbook.stages.solution_words import cautions, findings, headline

__all__ = [
    "choose",
    "conclude",
    "gates",
    "money",
    "plan",
    "risks",
    "run",
    "scores",
    "surety",
]


def conclude(
    context: Context,
    gates: Gates,
    scores: Scores,
    surety: Surety | None,
    money: MoneyView,
    choice: Choice,
    risks: RiskView,
    plan: PlanView | None,
) -> SolutionsResult:
    """What to do: the decision of people where there is one, else the best that fits."""
    found = SolutionsResult(
        project=context.project.project.id,
        headline=headline(choice),
        tone="neutral" if choice.final else "warn",
        gates=gates,
        scores=scores,
        surety=surety,
        money=money,
        choice=choice,
        decision=choice.decision,
        risks=risks,
        plan=plan,
        forecast=with_pilot(forecast(context, choice), plan),
        forms=(
            *solution_forms(context, gates, scores, choice),
            *([plan_form(plan)] if plan else []),
        ),
        provenance=context.provenance,
    )
    return found.model_copy(update={"findings": findings(found), "cautions": cautions(found)})


def run(context: Context) -> SolutionsResult:
    """All steps of the stage, as its notebook takes them."""
    passed = gates(context)
    scored = scores(context, passed)
    worth = money(context, passed)
    choice = choose(context, scored, worth)
    return conclude(
        context,
        passed,
        scored,
        surety(context, passed),
        worth,
        choice,
        risks(context, passed),
        plan(context, choice),
    )
