"""Options, their scores, and the choice."""

from __future__ import annotations

from html import escape

import numpy as np

from opsbook.results.solutions import Choice, HumanDecision, Scores
from opsbook.show.cells import count
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes
from opsbook.show.shown import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    Html,
    Picture,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.text import Quantity

PALETTE = (BLUE, ORANGE, GREEN, GREY, "#7b5ea7", "#5b8c5a", "#b07aa1", "#4c4c6d")


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


def score_table(scores: Scores) -> Html:
    """Options with their gates, points, costs and decision, best first."""
    rows = []
    for row in scores.rows:
        gates = escape(", ".join(row.failed_gates)) if row.failed_gates else words("passed")
        rows.append(
            [
                escape(row.title),
                gates,
                shown(None if row.score is None else Quantity(value=row.score, digits=0)),
                shown(None) if row.rank is None else count(row.rank),
                shown(Quantity(value=row.cost, unit=f"money:{scores.currency}")),
                shown(Quantity(value=row.person_weeks)),
            ]
        )
    columns = headings("Option", "gates", "points of 100", "rank", "cost", "person-weeks")
    return table(columns, rows, numeric=(2, 3, 4, 5))


def choice(choice: Choice, decision: HumanDecision | None) -> Html:
    """What the budget buys, and what people decided."""
    rows = [
        [words("best within the budget"), escape(", ".join(choice.chosen)) or words("nothing")],
        [words("cost"), shown(choice.cost)],
        [words("budget"), shown(choice.budget)],
    ]
    if choice.next_best is not None:
        rows.append([words("with a little more"), shown(choice.next_best)])
    if decision is not None:
        rows.append([words("decided"), escape(", ".join(decision.chosen))])
        rows.append([words("by whom, when"), f"{escape(decision.who)}, {decision.when}"])
        rows.append([words("why"), escape(decision.why)])
    return table([words("Choice"), words("Entry")], rows)
