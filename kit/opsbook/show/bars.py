"""Parts of a whole: causes, scores, estimates, placebos."""

from __future__ import annotations

import numpy as np

from opsbook.methods.estimate import Estimate
from opsbook.results.diagnosis import Causes
from opsbook.results.effect import Controlled, Measured
from opsbook.results.solutions import Scores
from opsbook.show.charts import new_axes
from opsbook.show.reader import reader
from opsbook.show.shown import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    Html,
    Picture,
    note,
    picture,
    words,
)
from opsbook.text import POINTS, SHARE, Quantity

PALETTE = (BLUE, ORANGE, GREEN, GREY, "#7b5ea7", "#5b8c5a", "#b07aa1", "#4c4c6d")


def causes(causes: Causes | None) -> Picture | Html:
    """What each cause carries of the change, as a waterfall that ends at the total."""
    if causes is None:
        return note(words("The params name no causes (diagnosis.causes)."))
    language = reader()
    factor = 100.0 if causes.unit == SHARE else 1.0
    total = causes.total * factor
    rows = sorted(causes.rows, key=lambda row: -abs(row.change))
    labels = [row.label for row in rows]
    changes = [row.change * factor for row in rows]
    if abs(causes.unexplained) > 1e-9:
        labels.append(language.text("unexplained"))
        changes.append(causes.unexplained * factor)
    starts = np.concatenate([[0.0], np.cumsum(changes)[:-1]])
    figure, axes = new_axes(height=0.9 + 0.38 * (len(labels) + 1))
    places = np.arange(len(labels))
    axes.barh(
        places,
        changes,
        left=starts,
        color=[ORANGE if c > 0 else BLUE for c in changes],
        height=0.62,
    )
    axes.barh(len(labels), total, color=GREY, height=0.62)
    axes.set_yticks([*places, len(labels)], [*labels, language.text("total change")])
    axes.invert_yaxis()
    axes.grid(axis="x")
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_formatter(lambda x, _: language.number(x, 0, signed=True))
    if causes.unit == SHARE:
        axes.set_xlabel(language.text("percentage points"))
    low, high = axes.get_xlim()
    for place, (start, change) in enumerate(zip([*starts, 0.0], [*changes, total], strict=True)):
        end = start + change
        axes.annotate(
            language.number(change, 2, signed=True),
            (max(start, end), place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    axes.set_xlim(low, high + (high - low) * 0.1)
    text = "; ".join(
        f"{label} {language.number(change, 2, signed=True)}"
        for label, change in zip(labels, changes, strict=True)
    )
    return picture(figure, text)


def scores(scores: Scores) -> Picture | Html:
    """Points of each option, criterion by criterion."""
    rows = [row for row in scores.rows if row.score is not None]
    if not rows:
        return note(words("No option passed its gates."))
    language = reader()
    figure, axes = new_axes(height=1.2 + 0.42 * len(rows))
    left = np.zeros(len(rows))
    for i, title in enumerate(scores.criteria):
        part = np.array([row.points[i].weighted for row in rows])
        axes.barh(
            [row.title for row in rows],
            part,
            left=left,
            height=0.62,
            label=title,
            color=PALETTE[i % len(PALETTE)],
        )
        left += part
    for place, row in enumerate(rows):
        axes.annotate(
            language.number(row.score or 0.0, 0),
            (left[place], place),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
        )
    axes.invert_yaxis()
    axes.grid(axis="x")
    axes.grid(axis="y", visible=False)
    axes.set_xlim(0, 100)
    axes.set_xlabel(language.text("points of 100"))
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.28), ncols=3, fontsize=9)
    text = "; ".join(f"{row.title} {language.number(row.score or 0.0, 0)}" for row in rows)
    return picture(figure, text)


def estimates(naive: Measured, controlled: Controlled | None) -> Picture:
    """The naive and the controlled change side by side, each with its interval."""
    language = reader()
    rows = [(language.text("before/after alone"), naive.estimate, naive.grade)]
    if controlled is not None:
        rows.append((language.text("against the controls"), controlled.estimate, controlled.grade))
    factor = 100.0 if naive.estimate.unit == "points" else 1.0
    figure, axes = new_axes(height=1.0 + 0.45 * len(rows))
    for place, (_, estimate, _) in enumerate(rows):
        color = BLUE if estimate.excludes_zero else GREY
        if estimate.lower is not None and estimate.upper is not None:
            axes.hlines(place, estimate.lower * factor, estimate.upper * factor, color=color, lw=3)
        axes.plot([estimate.effect * factor], [place], "o", color=color, ms=8)
        axes.annotate(
            language.quantity(Quantity(value=estimate.effect, unit=estimate.unit, signed=True)),
            (estimate.effect * factor, place),
            xytext=(0, 9),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    axes.axvline(0, color=INK, lw=1)
    grade = language.text("evidence {grade}")
    axes.set_yticks(range(len(rows)), [f"{n}\n{grade.format(grade=g)}" for n, _, g in rows])
    axes.set_ylim(len(rows) - 0.4, -0.7)
    axes.grid(axis="x")
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(f"{_unit(naive.estimate)}{language.text(', 95% interval')}")
    text = "; ".join(f"{name} {language.number(e.effect * factor, 2)}" for name, e, _ in rows)
    return picture(figure, text)


def placebos(controlled: Controlled | None) -> Picture | Html:
    """Launches that never happened, beside the one that did."""
    if controlled is None:
        return note(words("The params name no controls (effect.controls)."))
    import seaborn as sns  # noqa: PLC0415 - heavy

    language = reader()
    factor = 100.0 if controlled.estimate.unit == "points" else 1.0
    figure, axes = new_axes(height=2.0)
    effects = np.array([placebo.effect for placebo in controlled.placebos]) * factor
    sns.swarmplot(x=effects, ax=axes, color=GREY, size=5)
    axes.axvline(controlled.estimate.effect * factor, color=BLUE, lw=2)
    axes.axvline(0, color=INK, lw=1)
    axes.annotate(
        language.text("the real launch"),
        (controlled.estimate.effect * factor, 1),
        xycoords=("data", "axes fraction"),
        xytext=(4, -8),
        textcoords="offset points",
        fontsize=9,
        color=BLUE,
    )
    axes.grid(axis="x")
    axes.set_yticks([])
    axes.set_xlabel(_unit(controlled.estimate))
    rank = language.number(controlled.rank, 2)
    return picture(figure, f"{language.text('placebo rank')} {rank}")


def _unit(estimate: Estimate) -> str:
    if estimate.unit == POINTS:
        return reader().text("percentage points")
    return reader().text(estimate.unit)
