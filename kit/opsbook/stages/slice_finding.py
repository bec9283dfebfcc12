"""What the search for slices found, as a finding of the diagnosis."""

from __future__ import annotations

from opsbook.results import Finding
from opsbook.results.logic_tree import SliceSearch
from opsbook.stages.context import Context
from opsbook.text import Quantity, Value, say


def slice_finding(context: Context, search: SliceSearch) -> Finding | None:
    """Where the change sits: everywhere, in the strongest slice, or nowhere in particular."""
    if search.reason is not None or search.before is None or search.after is None:
        return None
    dimensions = tuple(search.dimensions)

    def of(value: float | None) -> Value:
        return "–" if value is None else Quantity(value=value, unit=search.unit)

    if search.slices and search.name != context.project.watched.name:
        top = search.slices[0]
        statement = say(
            "It concentrates at {slice}. Share of cases with {what}: from {before} to {after}; of "
            "all the rest from {rest_before} to {rest_after}.",
            slice=_slice_name(top.conditions),
            what=search.name,
            before=of(top.before),
            after=of(top.after),
            rest_before=of(top.rest_before),
            rest_after=of(top.rest_after),
        )
    elif search.slices:
        top = search.slices[0]
        statement = say(
            "It concentrates at {slice}: from {before} to {after}; all the rest went from "
            "{rest_before} to {rest_after}.",
            slice=_slice_name(top.conditions),
            before=of(top.before),
            after=of(top.after),
            rest_before=of(top.rest_before),
            rest_after=of(top.rest_after),
        )
    elif search.own_change is not None:
        statement = say(
            "The shares of {dimensions} moved it, from {before} to {after}; their own figures "
            "moved it by {own}.",
            dimensions=dimensions,
            before=of(search.before),
            after=of(search.after),
            own=Quantity(
                value=search.own_change, unit=context.project.watched.change_unit, signed=True
            ),
        )
    elif search.everywhere:
        statement = say(
            "It moved everywhere, from {before} to {after}: no part of {dimensions} is to blame.",
            before=of(search.before),
            after=of(search.after),
            dimensions=dimensions,
        )
    elif search.few:
        statement = say(
            "No part of {dimensions} stands out: among only {leaves}, even a large move of one "
            "may be chance.",
            dimensions=dimensions,
            leaves=Quantity(value=search.leaves, unit="count"),
        )
    else:
        statement = say(
            "No part of {dimensions} stands out: they moved alike, or too little to tell.",
            dimensions=dimensions,
        )
    return Finding(id="slices", statement=statement, grade="D")


def _slice_name(conditions: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """A slice as the reader calls it."""
    return tuple(f"{dimension} = {value}" for dimension, value in conditions)
