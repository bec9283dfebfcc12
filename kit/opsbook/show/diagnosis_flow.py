"""The customer's journey, the flow of work and the customers' words, in tables."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from opsbook.results.journey import Flow, FlowStep, Journey, JourneyStep, Voices
from opsbook.show.cells import count, duration
from opsbook.show.shown import (
    Html,
    absent,
    bracketed,
    filled,
    headings,
    note,
    shown,
    table,
    words,
)
from opsbook.text import MONEY, SHARE, Quantity, term

TOUCHPOINTS = {
    "first_conversion": term("first conversion"),
    "frequent_use": term("frequent use"),
    "churn_risk": term("risk of churn"),
}
#: What stands where nothing is known.
NOTHING = "–"
ECRS = {
    "eliminate": term("eliminate"),
    "combine": term("combine"),
    "rearrange": term("rearrange"),
    "simplify": term("simplify"),
    "automate": term("automate"),
}


def journey_table(journey: Journey | None) -> Html:
    """The funnel as a table: everybody with the touchpoints, then each group's conversions."""
    if journey is None or journey.reason is not None:
        return Html(html="")
    everybody = journey.views[0]
    columns = headings("Step", "touchpoint", "people", "go on from the step before", "before")
    columns += headings("lost", "worth at most", "pain", "expectation")
    rows = [
        [
            escape(step.name),
            shown(TOUCHPOINTS[step.touchpoint]) if step.touchpoint else NOTHING,
            count(step.people),
            _conversion(step),
            _share(step.conversion_before),
            NOTHING if step.lost is None else count(step.lost),
            _money(step.lost_value, journey.currency),
            escape(step.pain) or NOTHING,
            escape(step.expectation) or NOTHING,
        ]
        for step in everybody.steps
    ]
    title = words("Everybody, in the window after")
    whole = _filled_columns(columns, rows, caption=title, numeric=range(2, 7))
    groups = journey.views[1:]
    if not groups:
        return whole
    names = [escape(step.name) for step in everybody.steps[1:]]
    rows = [
        [
            f"{escape(view.dimension)} = {escape(view.value)}",
            count(view.steps[0].people),
            *(_with_before(step) for step in view.steps[1:]),
        ]
        for view in groups
    ]
    return whole + table(
        [*headings("Group", "people"), *names],
        rows,
        caption=words("Share that goes on, with its exact 95% interval"),
        numeric=tuple(range(1, len(names) + 2)),
    )


def flow_table(flow: Flow | None) -> Html:
    """Times, waiting and its causes, rework and value of every step; the commonest paths."""
    if flow is None or flow.reason is not None or not flow.steps:
        return Html(html="")
    facts = [
        [words("Cases"), count(flow.cases)],
        [words("Lead time, half of the cases within"), _time(flow.lead_p50)],
        [words("Lead time, nine of ten within"), _time(flow.lead_p90)],
        [words("Time at work over lead time"), _share(flow.touch_share)],
        [words("Value-added share of the lead time"), _share(flow.value_added_share)],
        [words("Cases with rework"), _share(flow.rework_share)],
        [words("Longest waiting before"), escape(flow.most_waiting or "–")],
        [words("Busiest resources at"), escape(flow.most_utilised or "–")],
        [words("Different paths"), count(flow.path_count)],
    ]
    if flow.unfinished:
        facts.append([words("Steps without an end, left out"), count(flow.unfinished)])
    facts += [[escape(" → ".join(path.steps)), count(path.cases)] for path in flow.paths[:5]]
    whole = table([words("Flow"), words("value")], facts, numeric=(1,))
    return whole + _step_table(flow) + _waiting_table(flow)


def _step_table(flow: Flow) -> Html:
    columns = headings("Step", "times done", "again", "wait, median (90% within)")
    columns += headings(
        "work, median (90% within)", "waiting in all", "busy", "value added", "ECRS"
    )
    rows = [
        [
            escape(step.step),
            count(step.events),
            count(step.rework),
            _times(step.wait_p50, step.wait_p90),
            _times(step.touch_p50, step.touch_p90),
            _time(step.wait_hours),
            _share(step.utilisation),
            NOTHING
            if step.value_added is None
            else words("yes")
            if step.value_added
            else words("no"),
            shown(ECRS[step.ecrs]) if step.ecrs else NOTHING,
        ]
        for step in flow.steps
    ]
    return _filled_columns(columns, rows, numeric=range(1, 7))


def _waiting_table(flow: Flow) -> Html:
    """The Pareto of waiting: the step with most first, its causes, and the running share."""
    waits = {step.step: _waiting(step) for step in flow.steps}
    total = sum(map(sum, waits.values()))
    if not total:
        return Html(html="")
    split = len(next(iter(waits.values()))) > 1
    causes = ("resource away", "resource busy", "for a batch", "other") if split else ()
    columns = headings("Waiting before", "in all", "together", *causes)
    rows, running = [], 0.0
    for step in sorted(waits, key=lambda step: -sum(waits[step])):
        hours = sum(waits[step])
        running += hours
        parts = map(_time, waits[step]) if split else ()
        if hours > 0:
            rows.append([escape(step), _time(hours), _share(running / total), *parts])
    title = words("All waiting, in open hours; most first")
    if split:
        title = words("What the waiting is for, in clock hours; most waiting first")
    return table(columns, rows, caption=title, numeric=tuple(range(1, len(columns))))


def _waiting(step: FlowStep) -> list[float]:
    """Hours of waiting before a step, by cause where the log names resources."""
    causes = (
        step.unavailability_hours,
        step.contention_hours,
        step.batching_hours,
        step.other_hours,
    )
    if step.batching_hours is None:
        return [step.wait_hours]
    return [hours or 0.0 for hours in causes]


def _filled_columns(
    columns: list[str], rows: list[list[str]], *, numeric: Iterable[int], caption: str = ""
) -> Html:
    """A table without the columns in which nothing stands."""
    kept = [i for i in range(len(columns)) if any(row[i] != NOTHING for row in rows)]
    return table(
        [columns[i] for i in kept],
        [[row[i] for i in kept] for row in rows],
        caption=caption,
        numeric=tuple(place for place, i in enumerate(kept) if i in set(numeric)),
    )


def voices(voices: Voices | None) -> Html:
    """Topics by mentions, and customers' words without names and numbers."""
    if voices is None:
        return absent(words("The params name no feedback (data.feedback)."))
    if voices.reason is not None:
        return note(shown(voices.reason))
    rows = [
        [
            escape(topic.topic),
            count(topic.mentions),
            _share(topic.share) + bracketed(_interval(topic.lower, topic.upper)),
            _share(topic.cumulative),
            *([_rate(topic.rate), _rate(topic.rate_before)] if voices.volume else []),
        ]
        for topic in voices.topics
    ]
    columns = headings("Topic", "mentions", "share, 95% interval", "together")
    if voices.volume:
        per = filled("per 1,000 of {volume}", volume=escape(voices.volume))
        columns += [per, words("in the window before")]
    whole = table(columns, rows, numeric=tuple(range(1, len(columns))))
    if not voices.quotes:
        return whole
    title = filled("In customers' words; names and numbers taken out: {n}", n=count(voices.hidden))
    return whole + table(
        headings("Id", "topic", "words"),
        [[escape(q.id), escape(q.topic), _quoted(q.text)] for q in voices.quotes],
        caption=title,
    )


def _rate(value: float | None) -> str:
    return shown(None if value is None else Quantity(value=value, digits=2))


def _quoted(text: str) -> str:
    """A customer's words, with the reader's own words for what was taken out."""
    told = escape(text).replace("[name]", words("[name]"))
    return told.replace("[number]", words("[number]"))


def _conversion(step: JourneyStep) -> str:
    if step.conversion is None:
        return NOTHING
    return _share(step.conversion) + bracketed(_interval(step.lower, step.upper))


def _with_before(step: JourneyStep) -> str:
    if step.conversion_before is None:
        return _conversion(step)
    return filled(
        "{now}; before {before}", now=_conversion(step), before=_share(step.conversion_before)
    )


def _times(median: float | None, nine_of_ten: float | None) -> str:
    if median is None:
        return NOTHING
    return _time(median) + bracketed(_time(nine_of_ten))


def _time(hours: float | None) -> str:
    told = shown(None if hours is None else duration(hours))
    return told.replace(" ", "\N{NO-BREAK SPACE}")


def _interval(low: float | None, high: float | None) -> str:
    """Two limits in one line."""
    return f'<span class="whole">{_share(low)}–{_share(high)}</span>'


def _share(value: float | None) -> str:
    return shown(None if value is None else Quantity(value=value, unit=SHARE))


def _money(value: float | None, currency: str) -> str:
    told = shown(None if value is None else Quantity(value=value, unit=MONEY + currency, digits=0))
    return told.replace(" ", "\N{NO-BREAK SPACE}")
