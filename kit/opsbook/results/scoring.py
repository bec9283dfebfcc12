"""What the scoring of stage 3 saves: gates, points, ranks, and how surely one option wins."""

from __future__ import annotations

from typing import Literal

from opsbook.text import Record, Statement, Term


class ShutGate(Record):
    """A gate that an option breaks: its name, and by how much."""

    gate: Term | str
    reason: Statement


class OptionGates(Record):
    """One option before anything is scored: its cause, the gates it breaks, the open questions."""

    id: str
    title: str
    cause: str | None = None
    cause_status: str | None = None
    shut: tuple[ShutGate, ...] = ()
    unanswered: tuple[Statement, ...] = ()


class Gates(Record):
    """All options; only those without a shut gate are scored.

    Attributes:
        causes_without_option: Claims of confirmed causes that no option removes.
        options_without_cause: Titles of options that name no cause.
    """

    rows: tuple[OptionGates, ...]
    causes_without_option: tuple[str, ...] = ()
    options_without_cause: tuple[str, ...] = ()

    @property
    def open(self) -> tuple[str, ...]:
        """Ids of the options that may be scored."""
        return tuple(row.id for row in self.rows if not row.shut)


class ScaleMark(Record):
    """One anchor of a criterion's scale."""

    at: float
    points: float
    meaning: str = ""


class ScoredCriterion(Record):
    """One criterion with its share of the score and its scale."""

    id: str
    title: str
    unit: str
    weight: float
    scale: tuple[ScaleMark, ...]


class Cell(Record):
    """One criterion of an option: what was judged, and what it earns.

    Attributes:
        spread: High minus low of several raters, in the criterion's unit; None for one judge.
        missing: Raters who gave no score.
        outside: Whether the measure lies beyond the anchors of the scale.
    """

    low: float
    value: float
    high: float
    points: float
    weighted: float
    n_raters: int | None = None
    spread: float | None = None
    missing: tuple[str, ...] = ()
    outside: bool = False


class OptionScore(Record):
    """One option that passed its gates, with its points and its place."""

    id: str
    title: str
    cells: tuple[Cell, ...]
    score: float
    rank: int
    check_ranks: tuple[int, ...] = ()


class CrossCheck(Record):
    """Another ranking method held against the weighted sum.

    Attributes:
        tau: Kendall's tau of the two rankings; None where it cannot be computed.
        reversals: Pairs of options whose order turns when a third is left out.
        hangs_on: Titles of options whose absence alone changes this method's winner.
    """

    method: str
    normalisation: str
    tau: float | None
    same_winner: bool
    reversals: int
    hangs_on: tuple[str, ...] = ()


class Scores(Record):
    """The options that passed, best first.

    Attributes:
        weighting: How the weights were found.
        consistency_ratio: Of pairwise judgements; over 0.10 they contradict each other.
        contradictions: The judgements that fit the others least, if so.
    """

    criteria: tuple[ScoredCriterion, ...]
    rows: tuple[OptionScore, ...]
    checks: tuple[CrossCheck, ...] = ()
    reversals: int = 0
    weighting: str
    consistency_ratio: float | None = None
    contradictions: tuple[Statement, ...] = ()
    illustrative: bool
    currency: str


class Acceptability(Record):
    """How often an option takes each rank, and the weights one would hold to prefer it."""

    id: str
    title: str
    ranks: tuple[float, ...]
    central_weights: tuple[float, ...] | None
    confidence: float | None


class LeadBar(Record):
    """The leader's lead with one guess at its low and at its high."""

    option: str
    criterion: str
    at_low: float
    at_high: float
    turns: bool


class Knowing(Record):
    """What it is worth to find out one guess before choosing."""

    option: str
    criterion: str
    worth: float
    flips: float


class Surety(Record):
    """Whether the winner still wins when weights and guesses move.

    Attributes:
        best: Title of the option that is first most often.
        share: How often, under weightings that keep the stated order of the criteria.
        share_any_weights: How often it is first under any weighting at all.
        ordered: Whether the weights state an order of the criteria.
        lead: The leader's points minus the next one's, with every guess most likely.
        perfect: Points to be gained on average if every guess were known.
        guessed: How many cells are guesses.
    """

    rows: tuple[Acceptability, ...]
    criteria: tuple[str, ...]
    best: str
    share: float
    standard_error: float
    share_any_weights: float
    ordered: bool
    verdict: Literal["clear", "leaning", "toss_up"]
    leader: str
    lead: float
    bars: tuple[LeadBar, ...]
    perfect: float
    knowing: tuple[Knowing, ...]
    guessed: int
    draws: int
    seed: int
