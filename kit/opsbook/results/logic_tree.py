"""The logic tree and the slices as they are saved: where the change sits."""

from __future__ import annotations

from typing import Literal

from opsbook.text import Period, Record, Statement


class TreeCut(Record):
    """One segment's part in the contribution of a node.

    Attributes:
        label: What the reader calls it; empty for all the others together.
        contribution: Its part, in the metric's unit.
    """

    label: str
    contribution: float


class TreeNode(Record):
    """One part of the formula with its part in the metric's change.

    Attributes:
        path: Position in the tree: () the root, (0,) its first child.
        label: What the reader calls it.
        sign: How it enters its parent: ``+``, ``-``, ``*`` or ``/``; empty for the root.
        before: Its own value before.
        after: Its own value after.
        contribution: Its part in the change, in the metric's unit.
        share: The same as a share of the change.
        leaf: Whether it is a column.
        cuts: The same contribution by segments, which add up to it; none where it is not cut.
    """

    path: tuple[int, ...]
    label: str
    sign: str
    before: float | None
    after: float | None
    contribution: float
    share: float | None
    leaf: bool
    cuts: tuple[TreeCut, ...] = ()


class LogicTree(Record):
    """The metric's change laid over its formula.

    Attributes:
        against: What it is held against.
        name: Name of the benchmark; empty otherwise.
        first: First and last period of the one side; None for a benchmark.
        last: First and last period of the other.
        formula: As written.
        unit: The metric's unit.
        split: How products and quotients were split.
        cut_by: Dimension of the nodes' cuts, as the reader calls it; empty without.
        before: The metric on the one side, as measured.
        after: The metric on the other.
        total: ``after - before``.
        unexplained: What the measured metric changed beyond its formula.
        residual: What rounding leaves.
        nodes: All parts, parents before children; none where nothing was computed.
        reversals: Ratios whose segments, by ``cut_by``, moved against the whole (Simpson).
        reason: Why nothing was computed.
    """

    against: Literal["before", "last_year", "benchmark"]
    name: str
    first: tuple[Period, Period] | None
    last: tuple[Period, Period]
    formula: str
    unit: str
    split: Literal["lmdi", "shapley"] = "lmdi"
    cut_by: str = ""
    before: float
    after: float
    total: float
    unexplained: float
    residual: float
    nodes: tuple[TreeNode, ...]
    reversals: tuple[str, ...] = ()
    reason: Statement | None = None


class Slice(Record):
    """A slice that explains the change, beside the rest of the table.

    Attributes:
        conditions: (dimension, value) pairs as the reader calls them; none for everything.
        direction: Whether it fell or rose.
        before: Its figure before.
        after: Its figure after.
        rest_before: Figure of everything outside it before.
        rest_after: The same after.
        n_before: What the figure rests on before: the denominator of a ratio; else None.
        n_after: The same after.
        p_value: Bound on the chance that noise alone finds a slice as strong.
    """

    conditions: tuple[tuple[str, str], ...]
    direction: Literal["fell", "rose"]
    before: float | None
    after: float | None
    rest_before: float | None
    rest_after: float | None
    n_before: float | None
    n_after: float | None
    p_value: float


class SliceSearch(Record):
    """What a search for slices found.

    Attributes:
        of: ``metric`` or ``volume``, the denominator of a ratio.
        name: What was searched, as the reader calls it.
        dimensions: The dimensions searched, as the reader calls them.
        unit: Unit of the figures.
        before: The figure of the whole before; None where nothing was computed.
        after: The same after.
        everywhere: Whether it moved everywhere: no slice is to blame.
        own_change: Where the whole moved because its parts took other shares: what their own
            figures made of it. None elsewhere.
        slices: The slices, strongest first.
        held_back: Slices that rest on too few cases to be shown.
        leaves: Number of leaves searched.
        few: Whether they are so few that chance cannot be told from a change of one, and so
            nothing is claimed.
        reason: Why nothing was computed.
    """

    of: Literal["metric", "volume"]
    name: str
    dimensions: tuple[str, ...]
    unit: str
    before: float | None = None
    after: float | None = None
    everywhere: bool = False
    own_change: float | None = None
    slices: tuple[Slice, ...] = ()
    held_back: int = 0
    leaves: int = 0
    few: bool = False
    reason: Statement | None = None
