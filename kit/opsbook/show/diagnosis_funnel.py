"""The customer's journey as a picture: how many reach each step, and who goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opsbook.results.journey import Journey, JourneyStep, JourneyView
from opsbook.show.reader import reader
from opsbook.show.shown import (
    BLUE,
    GREEN,
    GREY,
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
from opsbook.text import MONEY, SHARE, Quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Colours of the groups; more of them are left to the table.
GROUP_COLORS = (ORANGE, GREEN, "#7a5195", "#b5892e", "#4a8f8f", "#9c5b5b")


def journey(journey: Journey | None) -> Picture | Html:
    """Left: who reaches each step, and what is lost before it; right: the share that goes on."""
    if journey is None:
        return absent(words("The params describe no funnel (diagnosis.funnel)."))
    if journey.reason is not None:
        return note(shown(journey.reason))
    import matplotlib.pyplot as plt  # noqa: PLC0415 - heavy

    style()
    steps = journey.views[0].steps
    figure, (left, right) = plt.subplots(
        1,
        2,
        figsize=(8.0, 0.9 + 0.68 * len(steps)),
        gridspec_kw={"width_ratios": [1.25, 1], "wspace": 0.06},
        sharey=True,
    )
    _reached(left, steps, journey)
    _going_on(right, journey.views)
    left.set_ylim(len(steps) - 0.45, -0.55)
    language = reader()
    told = language.listed(f"{step.name} {language.number(step.people, 0)}" for step in steps)
    return picture(figure, told)


def _reached(axes: Axes, steps: tuple[JourneyStep, ...], journey: Journey) -> None:
    """A bar for each step, as long as its people are many, with what was lost before it."""
    language = reader()
    most = max(step.people for step in steps) or 1
    for y, step in enumerate(steps):
        worst = step.name in {journey.lowest, journey.most_lost}
        axes.barh(y, step.people, color=BLUE, height=0.44, alpha=0.85)
        axes.text(0.01 * most, y - 0.36, step.name, va="center", fontsize=9)
        axes.annotate(
            language.number(step.people, 0),
            (step.people, y),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
        if step.lost is not None and y:
            lost = language.number(-step.lost, 0)
            if step.lost_value is not None:
                worth = Quantity(value=step.lost_value, unit=MONEY + journey.currency, digits=0)
                lost = f"{lost} ({language.quantity(worth)})"
            axes.text(
                1.24 * most,
                y - 0.36,
                lost,
                ha="right",
                va="center",
                fontsize=8,
                color=RED if worst else GREY,
            )
    axes.set(xlim=(0, 1.25 * most), yticks=[], xticks=[])
    axes.set_title(language.text("reach the step, and lost before it"))
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)


def _going_on(axes: Axes, views: tuple[JourneyView, ...]) -> None:
    """The share of the step before that goes on: now with its interval, earlier hollow."""
    language = reader()
    everybody, groups = views[0], views[1 : 1 + len(GROUP_COLORS)]
    shift = 0.6 / (len(groups) + 1)
    rows = [(everybody, BLUE, language.text("everybody")), *_groups(groups)]
    for place, (view, color, label) in enumerate(rows):
        first = True
        for y, step in enumerate(view.steps):
            if step.conversion is None or step.lower is None or step.upper is None:
                continue
            at = y - 0.2 + place * shift
            if step.conversion_before is not None:
                axes.plot(step.conversion_before, at, "o", ms=5, mec=color, mfc="none", mew=1.0)
            axes.plot([step.lower, step.upper], [at, at], color=color, lw=2)
            axes.plot(step.conversion, at, "o", ms=4.5, color=color, label=label if first else None)
            first = False
            if view is everybody:
                axes.annotate(
                    language.quantity(Quantity(value=step.conversion, unit=SHARE)),
                    (step.conversion, at),
                    xytext=(0, 5),
                    textcoords="offset points",
                    ha="center",
                    fontsize=8,
                )
    axes.set_xlim(0, 1.02)
    axes.xaxis.set_major_formatter(
        lambda x, _: language.quantity(Quantity(value=x, unit=SHARE, digits=0))
    )
    axes.grid(axis="x")
    axes.grid(axis="y", visible=False)
    axes.set_title(language.text("go on from the step before (hollow: before)"))
    axes.legend(loc="upper left", fontsize=8, bbox_to_anchor=(0.0, -0.11), ncols=2)


def _groups(views: tuple[JourneyView, ...]) -> list[tuple[JourneyView, str, str]]:
    return [(v, c, f"{v.dimension} = {v.value}") for v, c in zip(views, GROUP_COLORS, strict=False)]
