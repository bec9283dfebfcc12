"""The customer's journey: who goes on at each step, and what the others would be worth."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from opsbook.data.cube import Rows
from opsbook.errors import DataError
from opsbook.methods.diagnosis.formula import Node, formula
from opsbook.methods.diagnosis.funnel import Funnel, funnel
from opsbook.methods.diagnosis.node_values import node_values
from opsbook.project.base import Window
from opsbook.project.diagnosis import DiagnosisSection, FunnelSection
from opsbook.results.journey import Journey, JourneyStep, JourneyView
from opsbook.stages.context import Context
from opsbook.stages.measures import column_sums, focus_rows, span_of, within
from opsbook.text import say

#: Values of a dimension that are shown, the largest first.
MOST_VALUES = 12


def journey_of(context: Context, params: DiagnosisSection) -> Journey | None:
    """The funnel in the window after, beside the conversions of the window before.

    None where the params describe no steps.
    """
    section = params.funnel
    if section is None:
        return None
    try:
        everybody = _counted(context, section, params.after, context.project.data.kpi.focus)
        views = [_view(context, params, section, "", "", context.project.data.kpi.focus)]
        for dimension in section.by:
            views += [
                _view(context, params, section, dimension, value, rows)
                for value, rows in _values(context, params, section, dimension)
            ]
    except DataError as error:
        return Journey(
            views=(),
            currency=section.currency,
            reason=say("The funnel was not computed: {problem}", problem=error.problem),
        )
    return Journey(
        views=tuple(views),
        currency=section.currency,
        lowest=everybody.lowest_conversion,
        most_lost=everybody.most_lost,
    )


def _view(
    context: Context,
    params: DiagnosisSection,
    section: FunnelSection,
    dimension: str,
    value: str,
    rows: Rows,
) -> JourneyView:
    found = _counted(context, section, params.after, rows)
    try:
        earlier = [s.conversion for s in _counted(context, section, params.before, rows).steps]
    except DataError:
        earlier = [None] * len(section.steps)
    return JourneyView(
        dimension=context.label(dimension),
        value=context.label(value),
        steps=tuple(
            JourneyStep(
                name=told.name,
                touchpoint=told.touchpoint,
                pain=told.pain,
                expectation=told.expectation,
                people=step.people,
                conversion=step.conversion,
                lower=step.lower,
                upper=step.upper,
                conversion_before=before,
                reached=step.reached,
                lost=step.lost,
                lost_value=step.lost_value,
            )
            for told, step, before in zip(section.steps, found.steps, earlier, strict=True)
        ),
    )


def _counted(context: Context, section: FunnelSection, window: Window, rows: Rows) -> Funnel:
    """Count the steps of some rows in a window.

    Raises:
        DataError: If the window holds no row, or the counts are no funnel.
    """
    trees = [formula(step.people) for step in section.steps]
    names = list(dict.fromkeys(name for tree in trees for name in tree.columns))
    sums = column_sums(context, names, span_of(window), rows)
    if not sums:
        raise DataError(
            f"There is no row from {window.start.root} to {window.end.root}.",
            "Move the window into the data.",
        )
    people = [_people(tree.root, sums) for tree in trees]
    return funnel(
        people, steps=[step.name for step in section.steps], value=section.value_per_person
    )


def _people(root: Node, sums: Mapping[str, float]) -> int:
    columns = {name: np.array([value]) for name, value in sums.items()}
    count = float(node_values(root, columns)[root][0])
    if not math.isclose(count, round(count), rel_tol=1e-9, abs_tol=1e-6):
        raise DataError(f"'{root.text}' is {count:g}, no whole number.", "Count people.")
    return round(count)


def _values(
    context: Context, params: DiagnosisSection, section: FunnelSection, dimension: str
) -> list[tuple[str, Rows]]:
    """The values of a dimension with rows in the window, those with most people first."""
    others = focus_rows(context, [dimension])
    first = formula(section.steps[0].people)
    columns = list(first.columns)
    frame = within(context.tables.kpi.rows(others, needs=columns), span_of(params.after))
    sums = frame.groupby(dimension, observed=True)[columns].sum()
    parts = {name: sums[name].to_numpy(dtype=float) for name in columns}
    people = np.broadcast_to(
        node_values(first.root, parts, tuple(map(str, sums.index)))[first.root], len(sums)
    )
    order = sorted(zip(-people, map(str, sums.index), sums.index, strict=True), key=lambda v: v[:2])
    return [(name, {**others, dimension: value}) for _, name, value in order[:MOST_VALUES]]
