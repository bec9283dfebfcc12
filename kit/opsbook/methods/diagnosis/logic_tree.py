"""The logic tree: a metric's change laid over every node of its formula, without a rest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from opsbook.errors import DataError
from opsbook.methods.diagnosis.factor_split import Array, FactorTable
from opsbook.methods.diagnosis.formula import Formula, Node
from opsbook.methods.diagnosis.lmdi import changes_sign, lmdi_weights
from opsbook.methods.diagnosis.node_segments import Cells, NodeSegments, listed, node_segments
from opsbook.methods.diagnosis.node_values import node_values
from opsbook.methods.diagnosis.shapley import shapley_weights

_SIGNS = {("sum", 1): "+", ("sum", -1): "-", ("product", 1): "*", ("product", -1): "/"}


@dataclass(frozen=True, kw_only=True)
class TreeNode:
    """One node of the tree with its part in the metric's change.

    Attributes:
        path: Position in the tree: () the root, (0,) its first child, (0, 1) that one's second.
        text: The node as written in the formula.
        sign: How it enters its parent: ``+``, ``-``, ``*`` or ``/``; empty for the root.
        before: Its own value before; None where segments are evaluated one by one and this
            node's values do not add up over them.
        after: The same after.
        contribution: Its part in the metric's change, in the metric's unit. A node's children
            add up to it.
        share_of_change: ``contribution`` over the change of the formula; None where that is 0.
        split: How the children's parts were found: ``sum``, ``lmdi`` or ``shapley``, ``mixed``
            where some segments needed Shapley because a factor changed its sign; ``column`` for
            a node without children.
        segments: The same contribution cut by segments instead of children: a second cut of the
            same, not more. None where no segments were given.
    """

    path: tuple[int, ...]
    text: str
    sign: str
    before: float | None
    after: float | None
    contribution: float
    share_of_change: float | None
    split: str
    segments: NodeSegments | None

    @property
    def is_leaf(self) -> bool:
        """Whether the node is a column."""
        return self.split == "column"


@dataclass(frozen=True, kw_only=True)
class LogicTree:
    """A metric's change over every node of its formula.

    Attributes:
        metric: The metric's name.
        formula: The formula as written.
        before: The metric before: as measured where given, else by the formula.
        after: The metric after.
        total: ``after - before``.
        unexplained: What the measured metric changed beyond its formula; 0 where only the
            formula is known.
        residual: ``total`` minus all leaves and ``unexplained``: rounding only.
        nodes: All nodes, parents before children; numbers are left out.
    """

    metric: str
    formula: str
    before: float
    after: float
    total: float
    unexplained: float
    residual: float
    nodes: tuple[TreeNode, ...]

    def children(self, node: TreeNode) -> tuple[TreeNode, ...]:
        """Return the nodes directly below a node."""
        return tuple(n for n in self.nodes if n.path and n.path[:-1] == node.path)


def logic_tree(
    formula: Formula,
    before: Mapping[str, ArrayLike],
    after: Mapping[str, ArrayLike],
    *,
    segments: Sequence[str] | None = None,
    add_up: Literal["columns", "results"] = "columns",
    method: Literal["lmdi", "shapley"] = "lmdi",
    measured: tuple[float, float] | None = None,
    most_segments: int = 10,
) -> LogicTree:
    """Tell through which part of its formula a metric changed, and in which segments.

    Products and quotients are split by the logarithmic mean index, or by Shapley; sums as they
    stand. A part's own change times its weight is its contribution, so that every level adds up
    to the one above, and swapping the periods only flips the signs.

    Assumes that the formula is how the metric comes about. Arithmetic says where a change sits,
    never why.

    Args:
        formula: The formula, from `formula`.
        before: Value of each column before: one number, or shape (n_segments,).
        after: The same after. Last year or a benchmark serves as well.
        segments: The segments' names, where columns hold one value for each.
        add_up: ``columns``: columns are amounts; they are summed over segments before the
            formula is evaluated, as for late flights / flights. ``results``: the formula is
            evaluated in each segment and the results are summed, as for visits * click_rate.
        method: How products and quotients are split.
        measured: The metric before and after as measured, where it can differ from its formula.
        most_segments: Number of segments listed at a node.

    Returns:
        The tree.

    Raises:
        DataError: If a column is missing, not finite, or not as long as the segments; or if a
            node divides by zero.

    References:
        Ang (2005), Energy Policy 33, 867-871. doi:10.1016/j.enpol.2003.10.010
        Kitagawa (1955), Journal of the American Statistical Association 50, 1168-1194.

    Examples:
        >>> from opsbook.methods.diagnosis.formula import formula
        >>> tree = logic_tree(
        ...     formula("signups = visits * rate"),
        ...     {"visits": 1000, "rate": 0.05},
        ...     {"visits": 1200, "rate": 0.04},
        ... )
        >>> [(n.text, round(n.contribution, 2)) for n in tree.nodes]
        [('visits * rate', -2.0), ('visits', 8.93), ('rate', -10.93)]
    """
    names = () if segments is None else tuple(map(str, segments))
    cells = Cells(
        names=names,
        before=_cells(formula, before, names, "before"),
        after=_cells(formula, after, names, "after"),
    )
    one_by_one = add_up == "results" and segments is not None
    own0 = node_values(formula.root, cells.before, names if one_by_one else None, "before")
    own1 = node_values(formula.root, cells.after, names if one_by_one else None, "after")
    formula0, formula1 = math.fsum(own0[formula.root]), math.fsum(own1[formula.root])
    start, end = (formula0, formula1) if measured is None else measured
    if not (math.isfinite(start) and math.isfinite(end)):
        raise DataError(
            f"The metric was measured as {start} before and {end} after.",
            "Choose periods that have data.",
        )

    def cut(node: Node, weight: Array, parts: Array) -> NodeSegments | None:
        if segments is None:
            return None
        if one_by_one:
            return listed(parts, names, most=most_segments)
        return node_segments(node, float(weight[0]), cells, most=most_segments)

    def below(
        node: Node, weight: Array, path: tuple[int, ...], sign: str, *, adds_up: bool
    ) -> Iterator[TreeNode]:
        parts = weight * (own1[node] - own0[node])
        contribution = math.fsum(parts)
        split, weights = _child_weights(node, own0, own1, method)
        yield TreeNode(
            path=path,
            text=node.text,
            sign=sign,
            before=math.fsum(own0[node]) if adds_up or not one_by_one else None,
            after=math.fsum(own1[node]) if adds_up or not one_by_one else None,
            contribution=contribution,
            share_of_change=contribution / (formula1 - formula0) if formula1 != formula0 else None,
            split=split,
            segments=cut(node, weight, parts),
        )
        for position, child in enumerate(node.children):
            if child.kind != "number":
                yield from below(
                    child,
                    weight * weights[:, position],
                    (*path, position),
                    _SIGNS[node.kind, node.signs[position]],
                    adds_up=adds_up and node.kind == "sum",
                )

    nodes = tuple(below(formula.root, np.ones(1), (), "", adds_up=True))
    unexplained = math.fsum([end, -start, -formula1, formula0])
    leaves = [-node.contribution for node in nodes if node.is_leaf]
    return LogicTree(
        metric=formula.metric,
        formula=formula.text,
        before=start,
        after=end,
        total=end - start,
        unexplained=unexplained,
        residual=math.fsum([end, -start, -unexplained, *leaves]),
        nodes=nodes,
    )


def _child_weights(
    node: Node,
    own0: Mapping[Node, Array],
    own1: Mapping[Node, Array],
    method: Literal["lmdi", "shapley"],
) -> tuple[str, Array]:
    """Return how a node is split, and each child's weight, shape (n_rows, n_children)."""
    if node.kind == "column":
        return "column", np.empty((1, 0))
    if node.kind == "sum":
        return "sum", np.array([node.signs], dtype=float)
    table = FactorTable(
        before=np.stack([own0[child] for child in node.children], axis=1),
        after=np.stack([own1[child] for child in node.children], axis=1),
        powers=np.array(node.signs),
        names=tuple(child.text for child in node.children),
    )
    if method == "shapley":
        return "shapley", shapley_weights(table)
    crossing = changes_sign(table.before, table.after).any(axis=1)
    if not crossing.any():
        return "lmdi", lmdi_weights(table)
    weights = shapley_weights(table)
    kept = FactorTable(
        before=table.before[~crossing],
        after=table.after[~crossing],
        powers=table.powers,
        names=table.names,
    )
    weights[~crossing] = lmdi_weights(kept)
    return "shapley" if crossing.all() else "mixed", weights


def _cells(
    formula: Formula, columns: Mapping[str, ArrayLike], names: tuple[str, ...], period: str
) -> dict[str, Array]:
    """Return every column of the formula as an array, one value or one for each segment."""
    cells: dict[str, Array] = {}
    for name in formula.columns:
        if name not in columns:
            raise DataError(
                f"Column '{name}' of the formula is missing in period '{period}'; there are: "
                f"{', '.join(sorted(columns))}.",
                "Correct the name, or add the column.",
            )
        values = np.atleast_1d(np.asarray(columns[name], dtype=float))
        if values.shape not in ((1,), (len(names),)):
            raise DataError(
                f"Column '{name}' has shape {values.shape} in period '{period}' for "
                f"{len(names)} segments.",
                "Give one number, or one for each segment.",
            )
        if not np.isfinite(values).all():
            raise DataError(
                f"Column '{name}' is not a finite number throughout period '{period}'.",
                "Fill the gap, or choose periods that have data.",
            )
        cells[name] = values
    return cells
