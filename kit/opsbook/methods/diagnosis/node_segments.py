"""A node of the logic tree, cut by segments: who in the business made its change."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from opsbook.errors import DataError
from opsbook.methods.diagnosis.factor_split import Array
from opsbook.methods.diagnosis.formula import Node
from opsbook.methods.diagnosis.rate_mix import rate_mix


@dataclass(frozen=True, kw_only=True)
class SegmentPart:
    """One segment's part in a node's contribution.

    Attributes:
        segment: Its name.
        contribution: Its part, in the metric's unit; ``rate + mix`` but for rounding where those
            are known.
        rate: Through the segment's own ratio, for a ratio node; else None.
        mix: Through the segment's share, for a ratio node; else None.
    """

    segment: str
    contribution: float
    rate: float | None = None
    mix: float | None = None


@dataclass(frozen=True, kw_only=True)
class NodeSegments:
    """A node's contribution, cut by segments.

    Attributes:
        parts: The segments with the largest parts, largest first.
        others: Sum of the segments not listed; with ``parts`` it adds up to the node's
            contribution. None where the node is not cut.
        reversal: Simpson's reversal, for a ratio node; else None.
        reason: Why the node is not cut; empty where it is.
    """

    parts: tuple[SegmentPart, ...] = ()
    others: float | None = None
    reversal: bool | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Every column of both periods by segment.

    Attributes:
        names: The segments' names.
        before: Column to values, shape (n_segments,), or (1,) where it is not given by segment.
        after: The same after.
    """

    names: tuple[str, ...]
    before: Mapping[str, Array]
    after: Mapping[str, Array]


def node_segments(node: Node, weight: float, cells: Cells, *, most: int = 10) -> NodeSegments:
    """Tell which segments made a node's contribution, where its columns are amounts.

    An amount (a column, or sums and multiples of columns) is cut by each segment's own change; a
    ratio of two amounts by rate and mix. Other products have no cut of their own: look at their
    factors.

    Args:
        node: The node.
        weight: What turns the node's own change into its contribution to the metric.
        cells: The columns by segment.
        most: Number of segments to list.

    Returns:
        The cut, or the reason why there is none.

    Examples:
        >>> cells = Cells(
        ...     names=("new", "old"),
        ...     before={"visits": np.array([5.0, 5.0])},
        ...     after={"visits": np.array([9.0, 4.0])},
        ... )
        >>> cut = node_segments(Node(kind="column", text="visits", column="visits"), 0.5, cells)
        >>> [(part.segment, part.contribution) for part in cut.parts]
        [('new', 2.0), ('old', -0.5)]
    """
    shape = (len(cells.names),)
    used = {inner.column for inner in node.walk() if inner.kind == "column"}
    for column in sorted(used):
        if cells.before[column].shape != shape or cells.after[column].shape != shape:
            return NodeSegments(reason=f"'{column}' is not given by segment.")
    if node.is_amount:
        change = amount(node, cells.after) - amount(node, cells.before)
        return listed(weight * change, cells.names, most=most)
    ratio = as_ratio(node)
    if ratio is None:
        return NodeSegments(reason="It is neither an amount nor a ratio of two amounts.")
    top, base, multiple = ratio
    try:
        split = rate_mix(
            multiple * amount(top, cells.before),
            amount(base, cells.before),
            multiple * amount(top, cells.after),
            amount(base, cells.after),
            segments=cells.names,
        )
    except DataError as error:
        return NodeSegments(reason=error.problem)
    parts = weight * np.array([segment.contribution for segment in split.segments])
    rate = weight * np.array([segment.rate for segment in split.segments])
    mix = weight * np.array([segment.mix for segment in split.segments])
    return listed(parts, cells.names, most=most, rate=rate, mix=mix, reversal=split.reversal)


def listed(
    parts: Array,
    names: tuple[str, ...],
    *,
    most: int,
    rate: Array | None = None,
    mix: Array | None = None,
    reversal: bool | None = None,
) -> NodeSegments:
    """List the largest parts and add up the others.

    Examples:
        >>> listed(np.array([1.0, -3.0, 0.5]), ("a", "b", "c"), most=1).others
        1.5
    """
    order = np.argsort(-np.abs(parts), kind="stable")
    return NodeSegments(
        parts=tuple(
            SegmentPart(
                segment=names[i],
                contribution=float(parts[i]),
                rate=None if rate is None else float(rate[i]),
                mix=None if mix is None else float(mix[i]),
            )
            for i in order[:most]
        ),
        others=math.fsum(parts[order[most:]]),
        reversal=reversal,
    )


def amount(node: Node, columns: Mapping[str, Array]) -> Array:
    """Evaluate a node that `is_amount` in every segment."""
    if node.kind == "column":
        return columns[node.column]
    if node.kind == "sum":
        terms = zip(node.children, node.signs, strict=True)
        return np.asarray(sum(sign * amount(child, columns) for child, sign in terms))
    inner = next(child for child in node.children if child.kind != "number")
    return multiple_of(node) * amount(inner, columns)


def multiple_of(node: Node) -> float:
    """Multiply the numbers among a product's factors."""
    return math.prod(
        child.value**sign
        for child, sign in zip(node.children, node.signs, strict=True)
        if child.kind == "number"
    )


def as_ratio(node: Node) -> tuple[Node, Node, float] | None:
    """Return numerator, denominator and multiple of a ratio of two amounts; else None."""
    if node.kind != "product":
        return None
    rest = [
        (sign, child)
        for child, sign in zip(node.children, node.signs, strict=True)
        if child.kind != "number"
    ]
    if sorted(sign for sign, _ in rest) != [-1, 1] or not all(c.is_amount for _, c in rest):
        return None
    by_sign = dict(rest)
    return by_sign[1], by_sign[-1], multiple_of(node)
