"""The metric's change laid over its formula: against before, last year, or a benchmark."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd

from opsbook.errors import DataError
from opsbook.methods.diagnosis.formula import Formula, formula
from opsbook.methods.diagnosis.logic_tree import LogicTree as Tree
from opsbook.methods.diagnosis.logic_tree import TreeNode as Node
from opsbook.methods.diagnosis.logic_tree import logic_tree
from opsbook.methods.diagnosis.node_values import node_values
from opsbook.project.diagnosis import Comparison, DiagnosisSection
from opsbook.results.logic_tree import LogicTree, TreeCut, TreeNode
from opsbook.stages.context import Context
from opsbook.stages.measures import Span, column_sums, in_words, span_of, within
from opsbook.text import Period, Statement, say

#: Segments that a cut lists, the largest first; the others are added up.
MOST_CUTS = 6


def logic_trees(context: Context, params: DiagnosisSection) -> tuple[LogicTree, ...]:
    """One tree for each comparison that the params ask for; none without a formula."""
    if params.formula is None:
        return ()
    tree = formula(params.formula)
    return tuple(_tree(context, params, tree, against) for against in params.against)


def _tree(
    context: Context, params: DiagnosisSection, tree: Formula, against: Comparison
) -> LogicTree:
    now = span_of(params.after)
    other = _other_side(context, params, against)
    after = _columns(context, tree, now)
    before = (
        _benchmark(tree, params.benchmark.columns, after)
        if other is None and params.benchmark is not None
        else _columns(context, tree, other or now)
    )
    reason, found, cuts = None, None, None
    if not before or not after:
        first, last = _periods(context, now if before or other is None else other)
        reason = say(
            "The logic tree was not computed: there are no data from {first} to {last}.",
            first=first,
            last=last,
        )
    else:
        try:
            found = logic_tree(
                tree, before, after, method=params.split, measured=_measured(context, other, now)
            )
            cuts = _cut(context, params, tree, other, now)
        except DataError as error:
            reason = say("The logic tree was not computed: {problem}", problem=error.problem)
    return _record(context, params, against, found, cuts, reason)


def _benchmark(tree: Formula, columns: dict[str, float], own: dict[str, float]) -> dict[str, float]:
    """The benchmark's figures; of a formula of proportions, on our own scale.

    Where doubling every column changes nothing, 95 of 100 says the same as 950 of 1,000, and
    which of them was written must not decide what the numerator and the denominator are blamed
    for.
    """
    given = {name: columns[name] for name in tree.columns}
    below = {
        inner.column
        for node in tree.root.walk()
        if node.kind == "product"
        for child, sign in zip(node.children, node.signs, strict=True)
        if sign < 0
        for inner in child.walk()
        if inner.kind == "column"
    }
    ours, theirs = (sum(side.get(name, 0.0) for name in below) for side in (own, given))
    if not (ours > 0 and theirs > 0):
        return given
    scaled = {name: value * ours / theirs for name, value in given.items()}
    try:
        first, second = (_value(tree, side) for side in (given, scaled))
    except DataError:  # told where the tree is computed
        return given
    return scaled if math.isclose(first, second, rel_tol=1e-9) else given


def _value(tree: Formula, columns: dict[str, float]) -> float:
    """The formula's value over single numbers."""
    return float(
        node_values(tree.root, {n: np.array([v]) for n, v in columns.items()})[tree.root][0]
    )


def _cut(
    context: Context, params: DiagnosisSection, tree: Formula, other: Span | None, now: Span
) -> Tree | None:
    """The same tree with every part cut by segments; a benchmark has none."""
    if params.cut_by is None or other is None:
        return None
    sides = [_by_segment(context, tree, params.cut_by, span) for span in (other, now)]
    names = sides[0].index.union(sides[1].index, sort=False)
    tables = [side.reindex(names, fill_value=0.0).to_numpy(dtype=float) for side in sides]
    before, after = (dict(zip(tree.columns, table.T, strict=True)) for table in tables)
    return logic_tree(
        tree, before, after, segments=list(names), method=params.split, most_segments=len(names)
    )


def _by_segment(context: Context, tree: Formula, dimension: str, span: Span) -> pd.DataFrame:
    """Each column per period, segment by segment."""
    columns = list(tree.columns)
    frame = context.tables.kpi.rows(context.project.data.kpi.focus, needs=columns)
    names = frame[dimension].astype(str)
    sums = within(frame, span)[columns].groupby(names, observed=True).sum()
    return sums / len(context.series(context.project.watched).between(*span).periods)


def _other_side(context: Context, params: DiagnosisSection, against: Comparison) -> Span | None:
    if against == "benchmark":
        return None
    if against == "before":
        return span_of(params.before)
    first, last = (_year_before(context, day) for day in span_of(params.after))
    return first, last


def _year_before(context: Context, day: dt.date) -> dt.date:
    """The day a year earlier; for weeks 52 of them, so that a week meets a whole week."""
    if context.tables.kpi.grain == "week":
        return day - dt.timedelta(weeks=52)
    return (pd.Timestamp(day) - pd.DateOffset(years=1)).date()


def _columns(context: Context, tree: Formula, span: Span) -> dict[str, float]:
    """Each column per period, so that windows of different length compare."""
    sums = column_sums(context, tree.columns, span, context.project.data.kpi.focus)
    periods = len(context.series(context.project.watched).between(*span).periods)
    return {name: value / periods for name, value in sums.items()} if periods else {}


def _measured(context: Context, other: Span | None, now: Span) -> tuple[float, float] | None:
    """The watched metric on both sides; None where one is not known."""
    series = context.series(context.project.watched)
    values = [series.between(*span).pooled() for span in (other, now) if span is not None]
    if len(values) < 2 or values[0] is None or values[1] is None:
        return None
    return values[0], values[1]


def _record(
    context: Context,
    params: DiagnosisSection,
    against: Comparison,
    found: Tree | None,
    cuts: Tree | None,
    reason: Statement | None,
) -> LogicTree:
    parts = _listed(context, cuts)
    other = _other_side(context, params, against)
    return LogicTree(
        against=against,
        name=params.benchmark.name if against == "benchmark" and params.benchmark else "",
        first=None if other is None else _periods(context, other),
        last=_periods(context, span_of(params.after)),
        formula=params.formula or "",
        split=params.split,
        cut_by=context.label(params.cut_by) if params.cut_by and parts else "",
        unit=context.project.watched.value_unit,
        before=found.before if found else 0.0,
        after=found.after if found else 0.0,
        total=found.total if found else 0.0,
        unexplained=found.unexplained if found else 0.0,
        residual=found.residual if found else 0.0,
        nodes=tuple(
            TreeNode(
                path=node.path,
                label=_label(context, node) if node.path else context.project.watched.name,
                sign=node.sign,
                before=node.before,
                after=node.after,
                contribution=node.contribution,
                share=node.share_of_change,
                leaf=node.is_leaf,
                cuts=parts.get(node.path, ()),
            )
            for node in (found.nodes if found else ())
        ),
        reversals=tuple(
            dict.fromkeys(
                _label(context, node) if node.path else context.project.watched.name
                for node in (cuts.nodes if cuts else ())
                if node.segments is not None and node.segments.reversal
            )
        ),
        reason=reason,
    )


def _label(context: Context, node: Node) -> str:
    """A part as the reader calls it; in brackets where its own signs would mix with the one before.

    late + lost divides as ÷ (late + lost), and adds as + late + lost.
    """
    text = in_words(context, node.text)
    mixing = {"*", "/", "-"} if node.split == "sum" else {"/"}
    return f"({text})" if node.sign in mixing and not node.is_leaf else text


def _listed(context: Context, cuts: Tree | None) -> dict[tuple[int, ...], tuple[TreeCut, ...]]:
    """The largest segments of the whole at every part, in one order, and the others."""
    if cuts is None:
        return {}
    # A product of ratios has no cut of its own; the part with the largest pieces sets the order.
    whole = max(map(_parts, cuts.nodes), key=lambda p: sum(map(abs, p.values())), default={})
    shown = list(whole)[:MOST_CUTS]
    listed = {}
    for node in cuts.nodes:
        parts = _parts(node)
        if not parts:
            continue
        rows = [TreeCut(label=context.label(n), contribution=parts[n]) for n in shown]
        if len(whole) > len(shown):
            others = sum(part for name, part in parts.items() if name not in shown)
            rows.append(TreeCut(label="", contribution=others))
        listed[node.path] = tuple(rows)
    return listed


def _parts(node: Node) -> dict[str, float]:
    """Segment to its part in a node's contribution, the largest first."""
    if node.segments is None:
        return {}
    return {part.segment: part.contribution for part in node.segments.parts}


def _periods(context: Context, span: Span) -> tuple[Period, Period]:
    grain = context.tables.kpi.grain
    inside = [day for day in context.tables.kpi.periods if span[0] <= day <= span[1]]
    first, last = (inside[0], inside[-1]) if inside else span
    return Period(start=first, grain=grain), Period(start=last, grain=grain)
