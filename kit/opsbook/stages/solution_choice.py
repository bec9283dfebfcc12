"""Which options to do together: what the budget buys, and what people decided."""

from __future__ import annotations

from itertools import combinations

from opsbook.methods.solutions.choice_under_budget import (
    Candidate,
    ChoiceUnderBudget,
    choice_under_budget,
)
from opsbook.methods.solutions.shortfall import Shortfall, with_required
from opsbook.project.solutions import Option, SolutionsSection
from opsbook.results.scoring import Scores
from opsbook.results.solutions import Choice, HumanDecision, MapPoint
from opsbook.results.worth import MoneyView
from opsbook.stages.context import Context
from opsbook.stages.solution_measures import params_of
from opsbook.text import MONEY, Quantity, Statement, say

#: The shadow option asks what this share of the budget would buy on top.
EXTRA = 0.2


def choose(context: Context, scores: Scores, money: MoneyView) -> Choice:
    """The options that together bring most within money and work, beside people's decision."""
    params = params_of(context)
    value = _values(params, scores, money)
    options, left_out = _possible(params, set(value))
    unit = MONEY + params.currency
    best = _best(params, options, value)
    chosen = best.chosen if best else ()
    title = {option.id: option.title for option in params.options}
    decision = _decision(params, chosen)
    final = decision.chosen if decision else chosen
    score = {row.id: row.score for row in scores.rows}
    return Choice(
        chosen=chosen,
        titles=tuple(title[option] for option in chosen),
        by=params.choose_by,
        value=best.value if best else 0.0,
        cost=Quantity(value=best.cost if best else 0.0, unit=unit),
        person_weeks=best.person_weeks if best else 0.0,
        budget=None if params.budget is None else Quantity(value=params.budget, unit=unit),
        budget_person_weeks=params.person_weeks,
        left_out=left_out,
        missing=tuple(_lacks(short, title, unit) for short in (best.missing if best else ())),
        next_best=_next_best(best, title, unit) if best else None,
        map=tuple(
            MapPoint(
                title=option.title,
                person_weeks=option.person_weeks.mode,
                score=score[option.id],
                cost=option.cost.mode,
                chosen=option.id in final,
            )
            for option in params.options
            if option.id in score
        ),
        decision=decision,
    )


def _values(params: SolutionsSection, scores: Scores, money: MoneyView) -> dict[str, float]:
    if params.choose_by == "score":
        return {row.id: row.score for row in scores.rows}
    return {row.id: row.net_present_value or 0.0 for row in money.options or ()}


def _possible(
    params: SolutionsSection, scored: set[str]
) -> tuple[list[Option], tuple[Statement, ...]]:
    """The scored options whose prerequisites all passed their gates too."""
    requires = {option.id: option.requires for option in params.options}
    title = {option.id: option.title for option in params.options}
    possible, left_out = [], []
    for option in params.options:
        if option.id not in scored:
            if option.mandatory:
                left_out.append(say("{option} is mandatory and knocked out.", option=option.title))
            continue
        shut = sorted(with_required([option.id], requires) - scored)
        if shut:
            left_out.append(
                say(
                    "{option} requires {required}, which is knocked out.",
                    option=option.title,
                    required=tuple(title[name] for name in shut),
                )
            )
        else:
            possible.append(option)
    return possible, tuple(left_out)


def _best(
    params: SolutionsSection, options: list[Option], value: dict[str, float]
) -> ChoiceUnderBudget | None:
    if not options:
        return None
    names = {option.id for option in options}
    extra = params.extra_budget
    if extra is None and params.budget:
        extra = params.budget * EXTRA
    return choice_under_budget(
        [
            Candidate(
                name=option.id,
                value=value[option.id],
                cost=option.cost.mode,
                person_weeks=option.person_weeks.mode,
                requires=option.requires,
                mandatory=option.mandatory,
            )
            for option in options
        ],
        budget=params.budget,
        person_weeks=params.person_weeks,
        exclusives=[
            kept
            for group in _exclusives(params)
            if len(kept := [name for name in group if name in names]) > 1
        ],
        extra=extra,
    )


def _exclusives(params: SolutionsSection) -> list[tuple[str, ...]]:
    """The stated groups; else options for one cause, unless one of them requires the other."""
    if params.exclusives is not None:
        return [tuple(dict.fromkeys(group)) for group in params.exclusives]
    requires = {option.id: option.requires for option in params.options}
    return [
        (one.id, other.id)
        for one, other in combinations(params.options, 2)
        if one.cause is not None
        and one.cause == other.cause
        and other.id not in with_required([one.id], requires)
        and one.id not in with_required([other.id], requires)
    ]


def _lacks(short: Shortfall, title: dict[str, str], unit: str) -> Statement:
    names = tuple(title[name] for name in short.options)
    money, weeks = Quantity(value=short.money, unit=unit), Quantity(value=short.person_weeks)
    if short.money and short.person_weeks:
        return say(
            "{options}: {money} and {weeks} person-weeks are missing.",
            options=names,
            money=money,
            weeks=weeks,
        )
    if short.money:
        return say("{options}: {money} is missing.", options=names, money=money)
    if short.person_weeks:
        return say("{options}: {weeks} person-weeks are missing.", options=names, weeks=weeks)
    return say("{options}: excluded by another option.", options=names)


def _next_best(best: ChoiceUnderBudget, title: dict[str, str], unit: str) -> Statement | None:
    more = best.next_money
    if more is None or not more.added:
        return None
    extra = Quantity(value=more.extra, unit=unit)
    added = tuple(title[name] for name in more.added)
    if not more.dropped:
        return say("{extra} more would buy: {options}.", extra=extra, options=added)
    return say(
        "{extra} more would buy: {options}, in place of {dropped}.",
        extra=extra,
        options=added,
        dropped=tuple(title[name] for name in more.dropped),
    )


def _decision(params: SolutionsSection, chosen: tuple[str, ...]) -> HumanDecision | None:
    decided = params.decision
    if decided is None:
        return None
    title = {option.id: option.title for option in params.options}
    return HumanDecision(
        chosen=decided.chosen,
        titles=tuple(title[option] for option in decided.chosen),
        who=decided.who,
        when=decided.when,
        why=decided.why,
        agrees=set(decided.chosen) == set(chosen),
    )
