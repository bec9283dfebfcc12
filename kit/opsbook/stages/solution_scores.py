"""How the options score, what other ranking methods say, and how surely one wins."""

from __future__ import annotations

from opsbook.methods.solutions.kendall_agreement import kendall_agreement
from opsbook.methods.solutions.promethee_ii import promethee_ii
from opsbook.methods.solutions.rank_reversal import RankingMethod, rank_reversal
from opsbook.methods.solutions.ranking import Ranking
from opsbook.methods.solutions.smaa import smaa
from opsbook.methods.solutions.topsis import topsis
from opsbook.methods.solutions.tornado import tornado
from opsbook.methods.solutions.value_of_information import value_of_information
from opsbook.methods.solutions.vikor import vikor
from opsbook.methods.solutions.weighted_sum import WeightedSum, weighted_sum
from opsbook.results.scoring import (
    Acceptability,
    Cell,
    CrossCheck,
    Gates,
    Knowing,
    LeadBar,
    OptionScore,
    ScaleMark,
    ScoredCriterion,
    Scores,
    Surety,
)
from opsbook.stages.context import Context
from opsbook.stages.solution_measures import Judged, judged, params_of, unit_of, weights_of
from opsbook.text import Quantity, say

#: Methods that measure the options against each other, held against the weighted sum.
CHECKS: tuple[RankingMethod, ...] = (topsis, vikor, promethee_ii)
#: How many bars and guesses are worth a reader's time.
MOST_BARS, MOST_GUESSES = 8, 5


def scores(context: Context, gates: Gates) -> Scores:
    """The options that passed, best first, with what each criterion brings.

    The points come from scales that were fixed beforehand, so that another option never turns
    the order of two others; the leave-one-out check shows it for each method.
    """
    params = params_of(context)
    weights, process = weights_of(params)
    share = dict(zip(weights.criteria, weights.shares, strict=True))
    table = judged(context, gates)
    base = None if table is None else weighted_sum(table.points, table.weights)
    checks = [check(table.points, table.weights) for check in CHECKS] if table else []
    names = {criterion.id: criterion.title for criterion in params.criteria}
    return Scores(
        criteria=tuple(
            ScoredCriterion(
                id=criterion.id,
                title=criterion.title,
                unit=unit_of(context, criterion),
                weight=share[criterion.id],
                scale=tuple(
                    ScaleMark(at=a.at, points=a.points, meaning=a.meaning)
                    for a in criterion.anchors
                ),
            )
            for criterion in params.criteria
        ),
        rows=_rows(table, base, checks) if table and base else (),
        checks=_agreement(table, base, checks) if table and base else (),
        reversals=_reversals(table) if table else 0,
        weighting=weights.method,
        consistency_ratio=process.consistency_ratio if process else None,
        contradictions=tuple(
            say(
                "{first} against {second}: judged {given} times as important, "
                "the others together say {implied}",
                first=names[worst.first],
                second=names[worst.second],
                given=Quantity(value=worst.given, digits=2),
                implied=Quantity(value=worst.implied, digits=2),
            )
            for worst in (process.worst if process else ())
        ),
        illustrative=params.illustrative,
        currency=params.currency,
    )


def surety(context: Context, gates: Gates) -> Surety | None:
    """Whether the winner still wins when weights and guesses move; None below two options."""
    params = params_of(context)
    table = judged(context, gates)
    if table is None or len(table.options) < 2:
        return None
    title = {option.id: option.title for option in table.options}
    name = {criterion.id: criterion.title for criterion in params.criteria}
    drawn = smaa(table.guesses, order=table.weights.order, seed=params.seed)
    free = smaa(table.guesses, seed=params.seed) if table.weights.order else drawn
    lead = tornado(table.guesses, table.weights)
    worth = value_of_information(table.guesses, table.weights, seed=params.seed)
    rows = [
        Acceptability(
            id=option, title=title[option], ranks=ranks, central_weights=central, confidence=sure
        )
        for option, ranks, central, sure in zip(
            drawn.options,
            drawn.acceptability,
            drawn.central_weights,
            drawn.confidence,
            strict=True,
        )
    ]
    score = dict(zip(title, weighted_sum(table.points, table.weights).scores, strict=True))
    return Surety(
        rows=tuple(sorted(rows, key=lambda row: -score[row.id])),
        criteria=tuple(name.values()),
        best=title[drawn.best],
        share=drawn.share,
        standard_error=drawn.standard_error,
        share_any_weights=free.first(drawn.best),
        ordered=bool(table.weights.order),
        verdict=drawn.verdict,
        leader=title[lead.leader],
        lead=lead.lead,
        bars=tuple(
            LeadBar(
                option=title[bar.option],
                criterion=name[bar.criterion],
                at_low=bar.at_low,
                at_high=bar.at_high,
                turns=bar.turns,
            )
            for bar in lead.bars[:MOST_BARS]
        ),
        perfect=worth.perfect,
        knowing=tuple(
            Knowing(
                option=title[guess.option],
                criterion=name[guess.criterion],
                worth=guess.worth,
                flips=guess.flips,
            )
            for guess in worth.guesses[:MOST_GUESSES]
            if guess.worth > 0
        ),
        guessed=len(lead.bars),
        draws=drawn.draws,
        seed=drawn.seed,
    )


def _rows(table: Judged, base: WeightedSum, checks: list[Ranking]) -> tuple[OptionScore, ...]:
    rows = []
    for i, option in enumerate(table.options):
        cells = []
        for j, criterion in enumerate(table.points.criteria):
            said = table.rated.get((option.id, criterion))
            low, mode, high = (
                part.scores[i][j]
                for part in (table.guesses.low, table.guesses.mode, table.guesses.high)
            )
            function = table.guesses.value_functions[j]
            cells.append(
                Cell(
                    low=low,
                    value=mode,
                    high=high,
                    points=table.points.scores[i][j],
                    weighted=base.contributions[i][j],
                    n_raters=said.n if said else None,
                    spread=said.spread if said else None,
                    missing=said.missing if said else (),
                    outside=function is not None and bool(function.outside(mode)),
                )
            )
        rows.append(
            OptionScore(
                id=option.id,
                title=option.title,
                cells=tuple(cells),
                score=base.scores[i],
                rank=base.ranks[i],
                check_ranks=tuple(check.ranks[i] for check in checks),
            )
        )
    return tuple(sorted(rows, key=lambda row: row.rank))


def _agreement(table: Judged, base: WeightedSum, checks: list[Ranking]) -> tuple[CrossCheck, ...]:
    title = {option.id: option.title for option in table.options}
    agreement = kendall_agreement(base, checks)
    found = []
    for method, check in zip(CHECKS, agreement.checks, strict=True):
        turned = rank_reversal(table.points, table.weights, method)
        found.append(
            CrossCheck(
                method=check.method,
                normalisation=check.normalisation,
                tau=check.tau,
                same_winner=check.same_winners,
                reversals=len(turned.reversals),
                hangs_on=tuple(title[option] for option in turned.winner_hangs_on),
            )
        )
    return tuple(found)


def _reversals(table: Judged) -> int:
    return len(rank_reversal(table.points, table.weights, weighted_sum).reversals)
