"""The customer's journey, the process map with its times, and the customers' words."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from opsbook.results.journey import Flow, FlowArrow, FlowStep, Journey, JourneyStep, Voices
from opsbook.show.cells import amount, count
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes
from opsbook.show.shown import (
    BLUE,
    GREY,
    ORANGE,
    RED,
    Html,
    Picture,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.text import MONEY, SHARE, Quantity, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOUCHPOINTS = {
    "first_conversion": term("first conversion"),
    "frequent_use": term("frequent use"),
    "churn_risk": term("risk of churn"),
}
ECRS = {
    "eliminate": term("eliminate"),
    "combine": term("combine"),
    "rearrange": term("rearrange"),
    "simplify": term("simplify"),
    "automate": term("automate"),
}
#: Unit of times.
HOURS = term("hours").term
#: Arrows of fewer cases than this share of all are left out of the map.
RARE = 0.02
MOST_BOXES, MOST_SIDE_ARROWS = 16, 10
#: The map's boxes: left and right edge, half their height, the width of an arrow's lane.
LEFT, RIGHT, BOX, LANE = 0.3, 0.7, 0.3, 0.028
LONGEST_NAME = 34


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
            shown(TOUCHPOINTS[step.touchpoint]) if step.touchpoint else "–",
            count(step.people),
            _conversion(step),
            _share(step.conversion_before),
            "–" if step.lost is None else count(step.lost),
            _money(step.lost_value, journey.currency),
            escape(step.pain) or "–",
            escape(step.expectation) or "–",
        ]
        for step in everybody.steps
    ]
    whole = table(
        columns, rows, caption=words("Everybody, in the window after"), numeric=(2, 3, 4, 5, 6)
    )
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
        caption=words("Share that goes on, with its share in the window before"),
        numeric=tuple(range(1, len(names) + 2)),
    )


def flow(flow: Flow | None) -> Picture | Html:
    """The process map: steps from top to bottom with their times, arrows as wide as their cases."""
    if flow is None:
        return note(words("The params name no event log (data.process)."))
    if flow.reason is not None:
        return note(shown(flow.reason))
    steps = list(flow.steps[:MOST_BOXES])
    figure, axes = new_axes(height=0.78 * len(steps))
    place = {step.step: -float(i) for i, step in enumerate(steps)}
    arrows = [
        arrow
        for arrow in flow.arrows
        if arrow.count >= RARE * flow.cases and {arrow.source, arrow.target} <= set(place)
    ]
    # The commonest at the sides are enough to read; the next step's arrows all stay.
    aside = [arrow for arrow in arrows if place[arrow.source] - place[arrow.target] != 1]
    arrows = [a for a in arrows if a not in aside[MOST_SIDE_ARROWS:]]
    _arrows(axes, arrows, place, flow.cases)
    for step in steps:
        _box(axes, step, place[step.step], bottleneck=step.step == flow.most_waiting)
    axes.set(xlim=(0, 1), ylim=(-len(steps) + 0.5, 0.5))
    axes.axis("off")
    told = "; ".join(f"{a.source} → {a.target} {reader().number(a.count, 0)}" for a in arrows)
    return picture(figure, told)


def flow_table(flow: Flow | None) -> Html:
    """Times, waiting and its causes, rework and value of every step; the commonest paths."""
    if flow is None or flow.reason is not None or not flow.steps:
        return Html(html="")
    facts = [
        [words("Cases"), count(flow.cases)],
        [words("Lead time, half of the cases within"), amount(flow.lead_p50, HOURS)],
        [words("Lead time, nine of ten within"), amount(flow.lead_p90, HOURS)],
        [words("Time at work over lead time"), _share(flow.touch_share)],
        [words("Value-added share of the lead time"), _share(flow.value_added_share)],
        [words("Cases with rework"), _share(flow.rework_share)],
        [words("Longest waiting before"), escape(flow.most_waiting or "–")],
        [words("Busiest resources at"), escape(flow.most_utilised or "–")],
        [words("Different paths"), count(flow.path_count)],
    ]
    facts += [[escape(" → ".join(path.steps)), count(path.cases)] for path in flow.paths[:5]]
    whole = table([words("Flow"), words("value")], facts, numeric=(1,))
    return whole + _step_table(flow) + _waiting_table(flow)


def _step_table(flow: Flow) -> Html:
    columns = headings("Step", "times done", "again", "wait, median", "wait, 90% within")
    columns += headings(
        "work, median", "work, 90% within", "waiting in all", "busy", "value added", "ECRS"
    )
    rows = [
        [
            escape(step.step),
            count(step.events),
            count(step.rework),
            *(
                amount(hours, HOURS)
                for hours in (
                    step.wait_p50,
                    step.wait_p90,
                    step.touch_p50,
                    step.touch_p90,
                    step.wait_hours,
                )
            ),
            _share(step.utilisation),
            "–" if step.value_added is None else words("yes") if step.value_added else words("no"),
            shown(ECRS[step.ecrs]) if step.ecrs else "–",
        ]
        for step in flow.steps
    ]
    return table(columns, rows, numeric=tuple(range(1, 9)))


def _waiting_table(flow: Flow) -> Html:
    """Hours of waiting by cause, the step with most first: the Pareto of waiting."""
    known = [step for step in flow.steps if step.batching_hours is not None]
    if not known:
        return Html(html="")
    columns = headings("Waiting before", "resource away", "resource busy", "for a batch", "other")
    rows = [
        [
            escape(step.step),
            amount(step.unavailability_hours, HOURS),
            amount(step.contention_hours, HOURS),
            amount(step.batching_hours, HOURS),
            amount(step.other_hours, HOURS),
        ]
        for step in sorted(known, key=lambda step: -step.wait_hours)
        if step.wait_hours > 0
    ]
    title = words("What the waiting is for, in clock hours; most waiting first")
    return table(columns, rows, caption=title, numeric=(1, 2, 3, 4))


def voices(voices: Voices | None) -> Html:
    """Topics by mentions, and customers' words without names and numbers."""
    if voices is None:
        return note(words("The params name no feedback (data.feedback)."))
    if voices.reason is not None:
        return note(shown(voices.reason))
    rows = [
        [
            escape(topic.topic),
            count(topic.mentions),
            f"{_share(topic.share)} ({_share(topic.lower)} – {_share(topic.upper)})",
            _share(topic.cumulative),
        ]
        for topic in voices.topics
    ]
    columns = headings("Topic", "mentions", "share, 95% interval", "together")
    whole = table(columns, rows, numeric=(1, 2, 3))
    if not voices.quotes:
        return whole
    title = words("In customers' words; names and numbers taken out: {n}").format(
        n=count(voices.hidden)
    )
    return whole + table(
        headings("Id", "topic", "words"),
        [[escape(q.id), escape(q.topic), escape(q.text)] for q in voices.quotes],
        caption=title,
    )


def _conversion(step: JourneyStep) -> str:
    if step.conversion is None:
        return "–"
    return f"{_share(step.conversion)} ({_share(step.lower)} – {_share(step.upper)})"


def _with_before(step: JourneyStep) -> str:
    return f"{_share(step.conversion)} ({_share(step.conversion_before)})"


def _share(value: float | None) -> str:
    return shown(None if value is None else Quantity(value=value, unit=SHARE))


def _money(value: float | None, currency: str) -> str:
    return shown(None if value is None else Quantity(value=value, unit=MONEY + currency, digits=0))


def _box(axes: Axes, step: FlowStep, y: float, *, bottleneck: bool) -> None:
    """A step with its times; the one that is waited for longest stands out."""
    from matplotlib.patches import FancyBboxPatch  # noqa: PLC0415 - heavy

    language = reader()
    hours = [
        f"{language.value(name)} {language.quantity(Quantity(value=value, unit=HOURS))}"
        for name, value in ((term("wait"), step.wait_p50), (term("work"), step.touch_p50))
        if value is not None
    ]
    axes.add_patch(
        FancyBboxPatch(
            (LEFT, y - BOX),
            RIGHT - LEFT,
            2 * BOX,
            boxstyle="round,pad=0,rounding_size=0.02",
            mutation_aspect=8,
            facecolor="#80808018",
            edgecolor=RED if bottleneck else GREY,
            linewidth=2.0 if bottleneck else 1.0,
        )
    )
    name = step.step if len(step.step) <= LONGEST_NAME else f"{step.step[: LONGEST_NAME - 1]}…"
    axes.text(0.5, y + 0.13, name, ha="center", va="center", fontsize=9)
    times = " · ".join([language.number(step.events, 0), *hours])
    axes.text(0.5, y - 0.13, times, ha="center", va="center", fontsize=8)


def _arrows(axes: Axes, arrows: list[FlowArrow], place: dict[str, float], cases: int) -> None:
    """Down to the next step; past others on the right; back, or again, on the left.

    Each arrow at a side has a lane of its own, the shortest next to the boxes.
    """
    lanes = {1: 0, -1: 0}
    for arrow in sorted(arrows, key=lambda a: abs(place[a.source] - place[a.target])):
        start, end = place[arrow.source], place[arrow.target]
        width = 0.6 + 2.4 * min(arrow.count / cases, 1.0)
        label = reader().number(arrow.count, 0)
        if start - end == 1:
            _drawn(axes, [(0.5, start - BOX), (0.5, end + BOX)], width, BLUE)
            axes.text(0.515, (start + end) / 2, label, va="center", fontsize=8)
            continue
        side = 1 if start > end else -1
        lanes[side] += 1
        edge = RIGHT if side > 0 else LEFT
        lane = edge + side * LANE * lanes[side]
        leave, enter = start - 0.12, end + 0.12
        if start == end:
            leave, enter = start + 0.18, end - 0.18
        path = [(edge, leave), (lane, leave), (lane, enter), (edge, enter)]
        _drawn(axes, path, width, BLUE if side > 0 else ORANGE)
        axes.text(
            lane + 0.008 * side,
            (leave + enter) / 2,
            label,
            ha="left" if side > 0 else "right",
            va="center",
            fontsize=8,
        )


def _drawn(axes: Axes, path: list[tuple[float, float]], width: float, color: str) -> None:
    from matplotlib.patches import FancyArrowPatch  # noqa: PLC0415 - heavy
    from matplotlib.path import Path  # noqa: PLC0415

    axes.add_patch(
        FancyArrowPatch(
            path=Path(path), arrowstyle="-|>", mutation_scale=8, lw=width, color=color, fill=False
        )
    )
