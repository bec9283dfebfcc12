"""Form 2-3, the feasibility of one solution, and form 2-4, the plan."""

from __future__ import annotations

from opsbook.project.solutions import Option
from opsbook.results import Form, FormField
from opsbook.results.plan import PlannedStep, PlanView
from opsbook.results.scoring import Gates, OptionGates, OptionScore, Scores
from opsbook.results.solutions import Choice
from opsbook.stages.context import Context
from opsbook.stages.kick_off import as_it_is
from opsbook.stages.solution_measures import params_of
from opsbook.text import MONEY, SHARE, Period, Quantity, Statement, Term, say, term

TECHNICAL = {
    True: term("possible"),
    False: term("impossible"),
    None: term("to be answered"),
}
NOTHING = "–"
STATUS = {"todo": term("to do"), "doing": term("in progress"), "done": term("done")}


def solution_forms(
    context: Context, gates: Gates, scores: Scores, choice: Choice
) -> tuple[Form, ...]:
    """Form 2-3 of every option: what is done first, then by rank, the knocked out last."""
    option = {option.id: option for option in params_of(context).options}
    scored = {row.id: row for row in scores.rows}
    order = sorted(
        gates.rows,
        key=lambda row: (
            row.id not in choice.final,
            scored[row.id].rank if row.id in scored else len(gates.rows) + 1,
        ),
    )
    return tuple(
        _solution_form(context, option[row.id], row, scored.get(row.id), _decided(row, choice))
        for row in order
    )


def plan_form(plan: PlanView) -> Form:
    """Fill form 2-4: one line a task, then the pilot."""
    pilot = plan.pilot
    lines = [FormField(label=term("Task"), value=_step_line(step)) for step in plan.steps]
    return Form(
        id="2-4",
        title=term("Plan and progress"),
        fields=(
            *(lines or [FormField(label=term("Tasks"))]),
            FormField(
                label=term("Pilot"),
                value=say(
                    "{share} of the cases for {days} days",
                    share=Quantity(value=pilot.share, unit=SHARE, digits=0),
                    days=Quantity(value=pilot.days),
                )
                if pilot
                else say("none planned"),
            ),
            FormField(
                label=term("Rollback condition"),
                value=as_it_is(pilot.rollback) if pilot else None,
            ),
        ),
    )


def _decided(row: OptionGates, choice: Choice) -> Term:
    if row.id in choice.final:
        return term("chosen")
    return term("rejected") if row.shut else term("reserve")


def _solution_form(
    context: Context, option: Option, gates: OptionGates, score: OptionScore | None, decided: Term
) -> Form:
    money = MONEY + params_of(context).currency
    unit, effect, place = context.project.metric.change_unit, None, None
    if option.effect is not None:
        effect = say(
            "{low} / {mode} / {high}",
            low=Quantity(value=option.effect.low, unit=unit, signed=True),
            mode=Quantity(value=option.effect.mode, unit=unit, signed=True),
            high=Quantity(value=option.effect.high, unit=unit, signed=True),
        )
    if score is not None:
        place = say(
            "{score} points, rank {rank}",
            score=Quantity(value=score.score, digits=0),
            rank=Quantity(value=score.rank, unit="count"),
        )
    return Form(
        id="2-3",
        title=term("Feasibility of a solution"),
        fields=(
            FormField(label=term("Option"), value=as_it_is(option.title)),
            FormField(label=term("Root cause addressed"), value=as_it_is(gates.cause or "")),
            FormField(
                label=term("Technical feasibility"),
                value=say("{answer}", answer=TECHNICAL[option.gates.get("technical")]),
            ),
            *(
                FormField(label=term("Knock-out gates failed"), value=reason)
                for reason in [gate.reason for gate in gates.shut] or [say("none")]
            ),
            FormField(
                label=term("People"),
                value=say("{weeks} person-weeks", weeks=Quantity(value=option.person_weeks.mode)),
            ),
            FormField(
                label=term("Cost"),
                value=say("{cost}", cost=Quantity(value=option.cost.mode, unit=money)),
            ),
            FormField(
                label=term("Time"),
                value=say("{weeks} weeks", weeks=Quantity(value=option.weeks.mode)),
            ),
            FormField(label=term("Risks"), value=_risks(option)),
            FormField(label=term("Expected effect (low / likely / high)"), value=effect),
            FormField(label=term("Score"), value=place or say("not scored: knocked out")),
            FormField(label=term("Decision"), value=say("{decision}", decision=decided)),
        ),
    )


def _risks(option: Option) -> Statement | None:
    return as_it_is(
        tuple(
            f"{risk.title} ({risk.probability:.0%} × {risk.impact})"
            + (f": {risk.plan}" if risk.plan else "")
            for risk in option.risks
        )
    )


def _step_line(step: PlannedStep) -> Statement:
    done = 0.0 if step.progress is None else step.progress
    return say(
        "{task}. Owner: {owner}; with: {helpers}. Done when: {deliverable}. {start} – {due}; "
        "after: {after}. {status}, {progress}.",
        task=step.title,
        owner=step.owner,
        helpers=step.helpers or NOTHING,
        deliverable=step.deliverable or NOTHING,
        start=Period(start=step.start),
        due=Period(start=step.due),
        after=step.after or NOTHING,
        status=STATUS[step.status],
        progress=Quantity(value=done, unit=SHARE, digits=0),
    )
