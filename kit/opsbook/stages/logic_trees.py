"""The metric's change laid over its formula: against before, last year, or a benchmark."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from opsbook.errors import DataError
from opsbook.methods.diagnosis.formula import Formula, formula
from opsbook.methods.diagnosis.logic_tree import LogicTree as Tree
from opsbook.methods.diagnosis.logic_tree import logic_tree
from opsbook.project.diagnosis import Comparison, DiagnosisSection
from opsbook.results.logic_tree import LogicTree, TreeNode
from opsbook.stages.context import Context
from opsbook.stages.measures import Span, column_sums, span_of
from opsbook.text import Period, Statement, say


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
        {name: params.benchmark.columns[name] for name in tree.columns}
        if other is None and params.benchmark is not None
        else _columns(context, tree, other or now)
    )
    problem, found = "", None
    if not before or not after:
        problem = f"{context.project.watched.name}: {(other if not before else now) or now}"
    else:
        try:
            found = logic_tree(tree, before, after, measured=_measured(context, other, now))
        except DataError as error:
            problem = error.problem
    return _record(context, params, against, found, problem)


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
    problem: str,
) -> LogicTree:
    other = _other_side(context, params, against)
    reason: Statement | None = None
    if found is None:
        reason = say("The logic tree was not computed: {problem}", problem=problem)
    return LogicTree(
        against=against,
        name=params.benchmark.name if against == "benchmark" and params.benchmark else "",
        first=None if other is None else _periods(context, other),
        last=_periods(context, span_of(params.after)),
        formula=params.formula or "",
        unit=context.project.watched.value_unit,
        before=found.before if found else 0.0,
        after=found.after if found else 0.0,
        total=found.total if found else 0.0,
        unexplained=found.unexplained if found else 0.0,
        residual=found.residual if found else 0.0,
        nodes=tuple(
            TreeNode(
                path=node.path,
                label=context.label(node.text) if node.path else context.project.watched.name,
                sign=node.sign,
                before=node.before,
                after=node.after,
                contribution=node.contribution,
                share=node.share_of_change,
                leaf=node.is_leaf,
            )
            for node in (found.nodes if found else ())
        ),
        reason=reason,
    )


def _periods(context: Context, span: Span) -> tuple[Period, Period]:
    grain = context.tables.kpi.grain
    inside = [day for day in context.tables.kpi.periods if span[0] <= day <= span[1]]
    first, last = (inside[0], inside[-1]) if inside else span
    return Period(start=first, grain=grain), Period(start=last, grain=grain)
