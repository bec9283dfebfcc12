"""What the options are judged by: measures, points and weights, ready for the methods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from opsbook.methods.solutions.analytic_hierarchy_process import (
    AnalyticHierarchyProcess,
    analytic_hierarchy_process,
)
from opsbook.methods.solutions.decision_matrix import DecisionMatrix, decision_matrix
from opsbook.methods.solutions.equal_weights import equal_weights
from opsbook.methods.solutions.expected_effect import ExpectedEffect, expected_effect
from opsbook.methods.solutions.guess_matrix import GuessMatrix, guess_matrix
from opsbook.methods.solutions.point_allocation import point_allocation
from opsbook.methods.solutions.rank_order_centroid import rank_order_centroid
from opsbook.methods.solutions.raters import Raters, raters
from opsbook.methods.solutions.risk_exposure import Risk, RiskExposure, risk_exposure
from opsbook.methods.solutions.swing_weights import swing_weights
from opsbook.methods.solutions.value_function import Anchor, ValueFunction, value_function
from opsbook.methods.solutions.weights import Weights
from opsbook.project.guesses import Guess, Ratings
from opsbook.project.solutions import Criterion, Option, SolutionsSection
from opsbook.results.scoring import Gates
from opsbook.stages.context import Context
from opsbook.text import MONEY, term


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The options that passed their gates, as the ranking methods read them.

    Attributes:
        options: The options, in the order of the params.
        guesses: Their measures with low, most likely and high.
        points: What the most likely measures are worth.
        weights: The weights of the criteria.
        rated: Option and criterion → what several raters said.
    """

    options: tuple[Option, ...]
    guesses: GuessMatrix
    points: DecisionMatrix
    weights: Weights
    rated: dict[tuple[str, str], Raters]


def params_of(context: Context) -> SolutionsSection:
    """The params of this stage."""
    return cast("SolutionsSection", context.project.solutions)


def judged(context: Context, gates: Gates) -> Judged | None:
    """The options that passed, with their measures, points and weights; None if none did."""
    params = params_of(context)
    options = tuple(option for option in params.options if option.id in gates.open)
    if not options:
        return None
    ids = [criterion.id for criterion in params.criteria]
    names = [option.id for option in options]
    rated: dict[tuple[str, str], Raters] = {}
    cells = []
    for option in options:
        for criterion in params.criteria:
            score = option.scores.get(criterion.id)
            if isinstance(score, Ratings):
                cell = f"'{option.title}' on '{criterion.title}'"
                rated[option.id, criterion.id] = raters(score.raters, cell=cell)
            cells.append(_measure(context, option, criterion, rated))
    table = np.array(cells, dtype=float).reshape(len(options), len(ids), 3)
    functions = {criterion.id: _scale(criterion) for criterion in params.criteria}
    guesses = guess_matrix(
        table[..., 0],
        table[..., 1],
        table[..., 2],
        options=names,
        criteria=ids,
        value_functions=functions,
    )
    columns = [functions[name].points(table[:, j, 1]) for j, name in enumerate(ids)]
    points = decision_matrix(np.column_stack(columns), options=names, criteria=ids)
    return Judged(
        options=options,
        guesses=guesses,
        points=points,
        weights=weights_of(params)[0],
        rated=rated,
    )


def improvement(context: Context, option: Option) -> tuple[float, float, float] | None:
    """The expected effect counted so that more is better: low, most likely, high."""
    if option.effect is None:
        return None
    sign = 1.0 if context.project.metric.better == "higher" else -1.0
    low, high = sorted(sign * end for end in (option.effect.low, option.effect.high))
    return low, sign * option.effect.mode, high


def benefit(context: Context, option: Option) -> ExpectedEffect | None:
    """What the effect is worth a year once it works; None without effect or `money`."""
    money, better = params_of(context).money, improvement(context, option)
    if money is None or better is None:
        return None
    metric = context.project.metric
    low, mode, high = better
    return expected_effect(
        low=low,
        mode=mode,
        high=high,
        volume=money.volume / (metric.per if metric.kind == "rate" else 1.0),
        unit_value=money.unit_value,
    )


def exposure(option: Option) -> RiskExposure:
    """Sum of probability times impact over an option's risks, without and with the plans."""
    return risk_exposure(
        [
            Risk(
                name=risk.title,
                probability=(risk.before or risk).probability,
                impact=(risk.before or risk).impact,
                probability_after=risk.probability,
                impact_after=risk.impact,
            )
            for risk in option.risks
        ]
    )


def unit_of(context: Context, criterion: Criterion) -> str:
    """The unit that a criterion's measures are shown in."""
    if criterion.unit or criterion.measure is None:
        return criterion.unit
    money = MONEY + params_of(context).currency
    units = {
        "cost": money,
        "benefit": money,
        "effect": context.project.metric.change_unit,
        "person_weeks": term("person-weeks").term,
        "weeks": term("weeks").term,
        "risk": "",
    }
    return units[criterion.measure]


def weights_of(params: SolutionsSection) -> tuple[Weights, AnalyticHierarchyProcess | None]:
    """The weights of the criteria, and for pairwise judgements whether they hang together."""
    ids = [criterion.id for criterion in params.criteria]
    given = {criterion.id: criterion.weight for criterion in params.criteria}
    weighting = params.weighting
    match params.weight_method:
        case "point_allocation":
            return point_allocation(given, ids), None
        case "swing_weights":
            return swing_weights(given, ids), None
        case "rank_order_centroid" if weighting:
            return rank_order_centroid(weighting.order), None
        case "analytic_hierarchy_process" if weighting:
            table = np.ones((len(ids), len(ids)))
            for first, second, times in weighting.judgements:
                i, j = ids.index(first), ids.index(second)
                table[i, j], table[j, i] = times, 1 / times
            process = analytic_hierarchy_process(table, ids)
            return process.weights, process
        case _:
            return equal_weights(ids), None


def _scale(criterion: Criterion) -> ValueFunction:
    anchors = [Anchor(at=a.at, points=a.points, meaning=a.meaning) for a in criterion.anchors]
    return value_function(criterion.id, anchors)


def _measure(
    context: Context, option: Option, criterion: Criterion, rated: dict[tuple[str, str], Raters]
) -> tuple[float, float, float]:
    """Low, most likely and high measure of an option on a criterion.

    Several raters' lowest and highest score are the ends of what is possible, their median the
    most likely.
    """
    if (option.id, criterion.id) in rated:
        said = rated[option.id, criterion.id]
        return said.low, said.median, said.high
    match criterion.measure:
        case None:
            return _ends(cast("Guess", option.scores[criterion.id]))
        case "effect":
            return cast("tuple[float, float, float]", improvement(context, option))
        case "benefit":
            worth = cast("ExpectedEffect", benefit(context, option))
            return worth.low, worth.mode, worth.high
        case "risk":
            after = exposure(option).after
            return after, after, after
        case "cost":
            return _ends(option.cost)
        case "person_weeks":
            return _ends(option.person_weeks)
        case "weeks":
            return _ends(option.weeks)


def _ends(guess: Guess) -> tuple[float, float, float]:
    return guess.low, guess.mode, guess.high
