"""Stage 3: which solutions pass, how they score, and what the budget buys."""

from __future__ import annotations

from typing import cast

from opsbook.methods.solutions.choice_under_budget import (
    Candidate,
    ChoiceUnderBudget,
    choice_under_budget,
)
from opsbook.methods.solutions.decision_matrix import matrix_from_rows
from opsbook.methods.solutions.point_allocation import point_allocation
from opsbook.methods.solutions.value_function import Anchor, ValueFunction, value_function
from opsbook.methods.solutions.weighted_sum import WeightedSum, weighted_sum
from opsbook.methods.solutions.weights import Weights
from opsbook.project.solutions import Option, SolutionsSection
from opsbook.results import Caution, Finding
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.results.solutions import (
    Choice,
    CriterionPoints,
    HumanDecision,
    OptionScore,
    Scores,
    SolutionsResult,
)
from opsbook.stages.context import Context
from opsbook.stages.solution_form import solution_form
from opsbook.text import MONEY, Quantity, say, term

UNPROVEN = {"refuted": term("refuted"), "untested": term("untested")}


def scores(context: Context) -> Scores:
    """All options, best first; an option that fails a gate stands last, without a score."""
    params = _params(context)
    weights = _weights(params)
    functions = {
        c.id: value_function(c.id, [Anchor(at=at, points=points) for at, points in c.anchors])
        for c in params.criteria
    }
    open_to_all = [option for option in params.options if not _shut(option)]
    ranked = _ranked(open_to_all, functions, weights)
    places = sorted(range(len(open_to_all)), key=lambda i: ranked.ranks[i] if ranked else i)
    rows = [_score(context, open_to_all[i], functions, weights, ranked, i) for i in places]
    rows += [_score(context, o, functions, weights, None, 0) for o in params.options if _shut(o)]
    return Scores(
        criteria=tuple(criterion.title for criterion in params.criteria),
        weights=weights.shares,
        rows=tuple(rows),
        illustrative=params.illustrative,
        currency=params.currency,
    )


def choose(context: Context, scores: Scores) -> Choice:
    """The set of options that together bring most points within money and work."""
    params = _params(context)
    best = _best(params, scores)
    money = MONEY + params.currency
    extra = None
    if best.next_money is not None and best.next_money.added:
        extra = say(
            "{extra} more would buy: {options}.",
            extra=Quantity(value=best.next_money.extra, unit=money),
            options=", ".join(best.next_money.added),
        )
    return Choice(
        chosen=best.chosen,
        cost=Quantity(value=best.cost, unit=money),
        person_weeks=best.person_weeks,
        budget=None if params.budget is None else Quantity(value=params.budget, unit=money),
        budget_person_weeks=params.person_weeks,
        next_best=extra,
    )


def decision(context: Context, choice: Choice) -> HumanDecision | None:
    """What people decided, and whether it is what the scores say; None if nobody has."""
    decided = _params(context).decision
    if decided is None:
        return None
    return HumanDecision(
        chosen=decided.chosen,
        who=decided.who,
        when=decided.when,
        why=decided.why,
        agrees=set(decided.chosen) == set(choice.chosen),
    )


def conclude(
    context: Context, scores: Scores, choice: Choice, decision: HumanDecision | None
) -> SolutionsResult:
    """What to do: the decision of people where there is one, else the best that fits."""
    params = _params(context)
    title = {option.id: option.title for option in params.options}
    chosen = decision.chosen if decision else choice.chosen
    names = "; ".join(title[i] for i in chosen)
    final = scores.model_copy(
        update={
            "rows": tuple(
                row.model_copy(update={"decision": _decided(row, chosen)}) for row in scores.rows
            )
        }
    )
    if not chosen:
        headline = say("No option passes its gates and fits the budget.")
    elif decision:
        headline = say("Decided by {who}: {options}.", who=decision.who, options=names)
    else:
        headline = say("Best within the budget: {options}.", options=names)
    return SolutionsResult(
        project=context.project.project.id,
        headline=headline,
        tone="neutral" if chosen else "warn",
        findings=_findings(final, choice, title),
        cautions=_cautions(context, final, decision),
        forms=tuple(solution_form(context, row) for row in final.rows),
        scores=final,
        choice=choice,
        decision=decision,
        provenance=context.provenance,
    )


def run(context: Context) -> SolutionsResult:
    """All steps of the stage, as its notebook takes them."""
    scored = scores(context)
    choice = choose(context, scored)
    return conclude(context, scored, choice, decision(context, choice))


def _params(context: Context) -> SolutionsSection:
    return cast("SolutionsSection", context.project.solutions)


def _shut(option: Option) -> tuple[str, ...]:
    return tuple(gate for gate, passed in option.gates.items() if not passed)


def _weights(params: SolutionsSection) -> Weights:
    criteria = [criterion.id for criterion in params.criteria]
    return point_allocation({c.id: c.weight for c in params.criteria}, criteria)


def _ranked(
    options: list[Option], functions: dict[str, ValueFunction], weights: Weights
) -> WeightedSum | None:
    if not options:
        return None
    rows = [
        (o.id, {c: float(functions[c].points([o.scores[c]])[0]) for c in functions})
        for o in options
    ]
    return weighted_sum(matrix_from_rows(rows, criteria=list(functions)), weights)


def _score(
    context: Context,
    option: Option,
    functions: dict[str, ValueFunction],
    weights: Weights,
    ranked: WeightedSum | None,
    place: int,
) -> OptionScore:
    points = []
    if ranked is not None:
        for criterion, share in zip(functions, weights.shares, strict=True):
            earned = float(functions[criterion].points([option.scores[criterion]])[0])
            points.append(
                CriterionPoints(
                    criterion=criterion,
                    value=option.scores[criterion],
                    points=earned,
                    weighted=earned * share,
                )
            )
    return OptionScore(
        id=option.id,
        title=option.title,
        cause=option.cause,
        cause_status=_cause_status(context, option.cause),
        failed_gates=_shut(option),
        points=tuple(points),
        score=ranked.scores[place] if ranked else None,
        rank=ranked.ranks[place] if ranked else None,
        cost=option.cost,
        person_weeks=option.person_weeks,
        decision="reserve" if ranked else "rejected",
    )


def _cause_status(context: Context, cause: str | None) -> str | None:
    diagnosis = cast("DiagnosisResult | None", context.upstream.get("diagnosis"))
    if diagnosis is None or diagnosis.whys is None:
        return None
    return next((why.status for why in diagnosis.whys.rows if why.id == cause), None)


def _best(params: SolutionsSection, scores: Scores) -> ChoiceUnderBudget:
    candidates = [
        Candidate(name=row.id, value=row.score, cost=row.cost, person_weeks=row.person_weeks)
        for row in scores.rows
        if row.score is not None
    ]
    # Options for the same cause are alternatives: the best of them, not all of them.
    causes = {row.cause for row in scores.rows if row.score is not None and row.cause}
    exclusives = [
        [row.id for row in scores.rows if row.cause == cause and row.score is not None]
        for cause in sorted(causes)
    ]
    return choice_under_budget(
        candidates,
        budget=params.budget,
        person_weeks=params.person_weeks,
        exclusives=[group for group in exclusives if len(group) > 1],
        extra=None if params.budget is None else params.budget * 0.2,
    )


def _decided(row: OptionScore, chosen: tuple[str, ...]) -> str:
    if row.id in chosen:
        return "chosen"
    return "rejected" if row.failed_gates else "reserve"


def _findings(scores: Scores, choice: Choice, title: dict[str, str]) -> tuple[Finding, ...]:
    findings = []
    scored = [row for row in scores.rows if row.score is not None]
    if scored:
        top = scored[0]
        findings.append(
            Finding(
                id="first",
                statement=say(
                    "First of {n} by weighted score: {option} with {score} of 100 points.",
                    n=Quantity(value=len(scored), unit="count"),
                    option=top.title,
                    score=Quantity(value=top.score or 0.0, digits=0),
                ),
                grade="E",
            )
        )
    findings += [
        Finding(
            id=f"gate_{row.id}",
            statement=say(
                "Knocked out: {option} ({gates}).",
                option=row.title,
                gates=", ".join(row.failed_gates),
            ),
        )
        for row in scores.rows
        if row.failed_gates
    ]
    if choice.chosen:
        findings.append(
            Finding(
                id="choice",
                statement=say(
                    "Best within the budget: {options}, for {cost} and {weeks} person-weeks.",
                    options="; ".join(title[i] for i in choice.chosen),
                    cost=choice.cost,
                    weeks=Quantity(value=choice.person_weeks),
                ),
            )
        )
    return tuple(findings)


def _cautions(
    context: Context, scores: Scores, decision: HumanDecision | None
) -> tuple[Caution, ...]:
    cautions = []
    if scores.illustrative:
        cautions.append(
            Caution(
                id="illustrative",
                statement=say("The scores are illustrative: nobody has judged these options."),
                settles=say("Let the people who know score each option."),
            )
        )
    unproven = [
        row for row in scores.rows if row.decision == "chosen" and row.cause_status in UNPROVEN
    ]
    cautions += [
        Caution(
            id=f"unproven_{row.id}",
            statement=say(
                "{option} addresses a cause that is {status}.",
                option=row.title,
                status=UNPROVEN[row.cause_status or ""],
            ),
            settles=say("Prove the cause first, or pilot with a rollback condition."),
        )
        for row in unproven
    ]
    if decision is not None and not decision.agrees:
        cautions.append(
            Caution(
                id="decision_differs",
                statement=say("People decided otherwise than the scores: {why}", why=decision.why),
            )
        )
    diagnosis = cast("DiagnosisResult | None", context.upstream.get("diagnosis"))
    if diagnosis is not None and diagnosis.whys is not None:
        addressed = {row.cause for row in scores.rows}
        cautions += [
            Caution(
                id=f"no_option_{why.id}",
                statement=say("No option addresses the confirmed cause: {claim}", claim=why.claim),
            )
            for why in diagnosis.whys.rows
            if why.status == "confirmed" and why.controllable and why.id not in addressed
        ]
    return tuple(cautions)
