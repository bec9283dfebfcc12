"""The process map: steps from top to bottom with their times, and where the waiting is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opsbook.results.journey import Flow, FlowArrow, FlowStep
from opsbook.show.cells import duration
from opsbook.show.reader import reader
from opsbook.show.shown import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    RED,
    Html,
    Picture,
    absent,
    note,
    picture,
    shown,
    style,
    words,
)
from opsbook.text import say, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Causes of waiting and their colours.
WAITING = {
    term("resource away").term: GREY,
    term("resource busy").term: RED,
    term("for a batch").term: ORANGE,
    term("other").term: BLUE,
}
#: Arrows of fewer cases than this share of all are left out of the map.
RARE = 0.02
MOST_BOXES, MOST_SIDE_ARROWS = 16, 8
#: The map's boxes: left and right edge, half their height, the width of an arrow's lane.
LEFT, RIGHT, BOX, LANE = 0.22, 0.78, 0.3, 0.034
LONGEST_NAME = 26


def flow(flow: Flow | None) -> Picture | Html:
    """The process map: steps with their times, arrows as wide as their cases, and all waiting."""
    if flow is None:
        return absent(words("The params name no event log (data.process)."))
    if flow.reason is not None:
        return note(shown(flow.reason))
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    style()
    steps = _drawn_steps(flow)
    figure, (left, right) = plt.subplots(
        1,
        2,
        figsize=(8.0, 0.6 + 0.78 * len(steps)),
        gridspec_kw={"width_ratios": [1.9, 1], "wspace": 0.03},
        sharey=True,
    )
    place = {step.step: -float(i) for i, step in enumerate(steps)}
    arrows = [
        arrow
        for arrow in flow.arrows
        if arrow.count >= RARE * flow.cases and {arrow.source, arrow.target} <= set(place)
    ]
    # The commonest at the sides are enough to read; the next step's arrows all stay.
    aside = [arrow for arrow in arrows if place[arrow.source] - place[arrow.target] != 1]
    arrows = [a for a in arrows if a not in aside[MOST_SIDE_ARROWS:]]
    _arrows(left, arrows, place, flow.cases)
    for step in steps:
        _box(left, step, place[step.step], bottleneck=step.step == flow.most_waiting)
    left.set(xlim=(0, 1), ylim=(-len(steps) + 0.5, 0.5))
    left.axis("off")
    if len(steps) < len(flow.steps):
        some = say(
            "The {n} of {all} steps that are waited for longest",
            n=len(steps),
            all=len(flow.steps),
        )
        left.set_title(reader().say(some), fontsize=9)
    _waiting(right, steps, flow.most_waiting)
    told = reader().listed(f"{a.source} → {a.target} {reader().number(a.count, 0)}" for a in arrows)
    return picture(figure, told)


def _drawn_steps(flow: Flow) -> list[FlowStep]:
    """The steps in their order; of many, those with most waiting and the busiest."""
    if len(flow.steps) <= MOST_BOXES:
        return list(flow.steps)
    marked = {flow.most_waiting, flow.most_utilised}
    ranked = sorted(flow.steps, key=lambda step: (step.step not in marked, -step.wait_hours))
    chosen = {step.step for step in ranked[:MOST_BOXES]}
    return [step for step in flow.steps if step.step in chosen]


def _waiting(axes: Axes, steps: list[FlowStep], bottleneck: str | None) -> None:
    """A bar of all waiting before each step, by its causes where they are known."""
    language = reader()
    split = all(step.batching_hours is not None for step in steps)
    ends = []
    for y, step in enumerate(steps):
        start = 0.0
        parts = [step.wait_hours]
        if split:
            parts = [
                hours or 0.0
                for hours in (
                    step.unavailability_hours,
                    step.contention_hours,
                    step.batching_hours,
                    step.other_hours,
                )
            ]
        colors = list(WAITING.values()) if split else [BLUE]
        for part, color in zip(parts, colors, strict=True):
            axes.barh(-y, part, left=start, color=color, height=0.42)
            start += part
        ends.append(start)
        axes.annotate(
            language.quantity(duration(start)),
            (start, -y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=RED if step.step == bottleneck else INK,
        )
    axes.set(xlim=(0, 1.45 * (max(ends) or 1.0)), xticks=[], yticks=[])
    title = language.text("waiting in all, open hours")
    if split:
        title = language.text("waiting in all, clock hours")
    axes.set_title(title, fontsize=9)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    if split:
        from matplotlib.patches import Patch  # noqa: PLC0415 - heavy

        keys = [Patch(color=c, label=language.text(name)) for name, c in WAITING.items()]
        axes.legend(
            handles=keys, fontsize=8, ncols=2, loc="upper left", bbox_to_anchor=(-0.05, 0.0)
        )


def _box(axes: Axes, step: FlowStep, y: float, *, bottleneck: bool) -> None:
    """A step with its times; the one that is waited for longest stands out."""
    from matplotlib.patches import FancyBboxPatch  # noqa: PLC0415 - heavy

    language = reader()
    hours = [
        f"{language.value(name)} {language.quantity(duration(value))}"
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
    name = f"{name} · {language.number(step.events, 0)}"
    axes.text(0.5, y + 0.13, name, ha="center", va="center", fontsize=9)
    axes.text(0.5, y - 0.13, " · ".join(hours), ha="center", va="center", fontsize=8)


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
