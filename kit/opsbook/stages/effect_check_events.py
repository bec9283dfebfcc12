"""Checks of what else happened: events, second interventions, definitions, touched controls."""

from __future__ import annotations

import datetime as dt

from opsbook.results import Event
from opsbook.results.effect import Check, Comparison
from opsbook.results.effect_measured import Measurements
from opsbook.stages.context import Context
from opsbook.stages.effect_check import check
from opsbook.stages.effect_measures import params_of
from opsbook.text import Statement, say, term


def events(context: Context, comparison: Comparison, measured: Measurements) -> list[Check]:
    """Known events in the windows; a second intervention is a confounder."""
    title = term("Other events")
    launch = comparison.launched.start
    others = [event for event in comparison.events if not _is_launch(event, launch)]
    seconds = [
        event
        for event in others
        if event.kind == "intervention" and event.start.start >= comparison.before.start.start
    ]
    rest = [event for event in others if event not in seconds and _in_windows(event, comparison)]
    held = measured.controlled is not None
    found = [
        check(
            f"confounder_{i}",
            term("Second intervention"),
            "look" if held else "fail",
            say(
                "{title} (from {start}) falls into the same windows: a confounder.",
                title=event.title,
                start=event.start,
            ),
            _touched(context)
            if held
            else say("Move a window off it, or name units without either change as controls."),
            blocks=event.start.start >= launch,
        )
        for i, event in enumerate(seconds)
    ]
    if rest:
        names = tuple(event.title for event in rest)
        found.append(
            check(
                "events",
                title,
                "look",
                say("Also in these windows: {names}.", names=names),
                say("The controls take it out if it touched them alike.")
                if held
                else say("Nothing takes it out of a single series; name controls."),
            )
        )
    if not found:
        found.append(
            check("events", title, "pass", say("No other known event falls into the windows."))
        )
    return found


def definition(comparison: Comparison) -> Check:
    """Was the metric counted alike in both windows?"""
    changed = [e for e in comparison.events if e.kind in {"definition_change", "data_problem"}]
    title = term("Definition of the metric")
    if not changed:
        return check(
            "definition", title, "pass", say("No change of the definition is known in the windows.")
        )
    return check(
        "definition",
        title,
        "fail",
        say("{title} (from {start}).", title=changed[0].title, start=changed[0].start),
        say("Recompute both windows by one definition."),
        blocks=True,
    )


def spill_over(context: Context) -> Check:
    """Could the change have touched a control?"""
    title, left_out = term("Spill-over"), _left_out(context)
    if left_out:
        return check(
            "spill_over",
            title,
            "pass",
            say("Left out of the controls as touched: {units}.", units=left_out),
        )
    return check(
        "spill_over",
        title,
        "look",
        say("No unit is left out of the controls as touched by the change."),
        say("Ask whether customers or work could move to a control; exclude it if so."),
    )


def _touched(context: Context) -> Statement:
    """What to do about units that a second intervention touched."""
    left_out = _left_out(context)
    if not left_out:
        return say("Leave touched units out of the controls.")
    return say(
        "Left out of the controls: {units}; see that the touched units are among them.",
        units=left_out,
    )


def _left_out(context: Context) -> tuple[str, ...]:
    peers = params_of(context).controls
    return tuple(map(str, peers.exclude)) if peers is not None else ()


def _is_launch(event: Event, launch: dt.date) -> bool:
    """An intervention named for the launch itself."""
    return event.kind == "intervention" and event.start.start == launch


def _in_windows(event: Event, comparison: Comparison) -> bool:
    first, last = comparison.before.start.start, comparison.after.end.start
    end = event.end.start if event.end else last
    return event.start.start <= last and end >= first
