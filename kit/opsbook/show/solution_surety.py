"""How surely the winner wins: rank acceptability, and the guesses that could turn the order."""

from __future__ import annotations

from html import escape

import numpy as np

from opsbook.results.scoring import Surety
from opsbook.show.reader import reader
from opsbook.show.shown import (
    BLUE,
    GREY,
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
from opsbook.show.solution_axes import legend_below, lines, option_axes
from opsbook.show.step_ticks import step_ticks
from opsbook.text import SHARE, Quantity


def acceptability(surety: Surety | None) -> Picture | Html:
    """Under what share of weightings and guesses each option takes each rank."""
    if surety is None:
        return note(words("Fewer than two options passed: there is nothing to compare."))
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415 - heavy

    language = reader()
    values = np.array([row.ranks for row in surety.rows])
    figure, axes = option_axes([row.title for row in surety.rows], extra=0.9)
    colours = LinearSegmentedColormap.from_list("acceptability", ["#eef3f7", BLUE])
    n = len(values)
    axes.pcolormesh(
        np.arange(n + 1) - 0.5,
        np.arange(n + 1) - 0.5,
        values,
        cmap=colours,
        vmin=0,
        vmax=1,
        edgecolor="white",
        linewidth=1,
    )
    for i, j in np.ndindex(n, n):
        shown_share = language.number(100 * float(values[i, j]), 0) + "%"
        axes.text(
            j,
            i,
            shown_share,
            ha="center",
            va="center",
            fontsize=9 if n <= 10 else 7,
            color="white" if values[i, j] > 0.55 else "#1d2733",
        )
    axes.set_xticks(range(n), [str(rank) for rank in range(1, n + 1)])
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(language.text("rank"))
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for side in axes.spines.values():
        side.set_visible(False)
    text = reader().listed(
        f"{row.title} {language.number(100 * row.ranks[0], 0)}%" for row in surety.rows
    )
    return picture(figure, language.told(language.text("Share of first places"), text))


def central_weights(surety: Surety | None) -> Html:
    """What one would have to think of the criteria to prefer each option."""
    if surety is None:
        return note(words("Fewer than two options passed: there is nothing to compare."))
    rows = [
        [
            escape(row.title),
            shown(Quantity(value=row.ranks[0], unit=SHARE, digits=0)),
            *(
                shown(Quantity(value=weight, unit=SHARE, digits=0))
                for weight in row.central_weights or ()
            ),
            *((shown(None),) * (0 if row.central_weights else len(surety.criteria))),
        ]
        for row in surety.rows
    ]
    columns = [*headings("Option", "first place"), *(escape(name) for name in surety.criteria)]
    caption = words("Whoever prefers the option weighs about like this (central weights)")
    return table(columns, rows, caption=caption, numeric=tuple(range(1, len(columns))))


def tornado(surety: Surety | None) -> Picture | Html:
    """The leader's lead with one guess moved from its low to its high, the others most likely."""
    if surety is None:
        return note(words("Fewer than two options passed: there is nothing to compare."))
    if not surety.bars:
        return note(words("All scores are given without low and high: no guess can move."))
    language = reader()
    labels = [language.told(bar.option, bar.criterion) for bar in surety.bars]
    figure, axes = option_axes(labels, extra=1.3)
    for place, bar in enumerate(surety.bars):
        for end, colour in ((bar.at_low, GREY), (bar.at_high, BLUE)):
            axes.barh(place, end - surety.lead, left=surety.lead, color=colour, height=0.56)
    axes.axvline(surety.lead, color=GREY, lw=1)
    axes.axvline(0, color=RED, lw=1.4, ls=(0, (5, 3)), label=language.text("lead lost"))
    axes.barh(0, 0, color=GREY, label=language.text("at its low"))
    axes.barh(0, 0, color=BLUE, label=language.text("at its high"))
    axes.margins(x=0.06)
    axes.set_xlabel(
        lines(language.text("lead of {option}, in points").format(option=surety.leader), 60)
    )
    step_ticks(axes.xaxis, signed=True)
    legend_below(axes)
    text = reader().listed(
        f"{label} {language.number(bar.at_low, 1, signed=True)} … "
        f"{language.number(bar.at_high, 1, signed=True)}"
        for label, bar in zip(labels, surety.bars, strict=True)
    )
    return picture(figure, text)


def knowing(surety: Surety | None) -> Html:
    """Which guess is worth finding out before the choice."""
    if surety is None:
        return note(words("Fewer than two options passed: there is nothing to compare."))
    if not surety.knowing:
        return note(words("No single guess, if it were known, would change the choice."))
    rows = [
        [
            escape(guess.option),
            escape(guess.criterion),
            shown(Quantity(value=guess.flips, unit=SHARE, digits=0)),
            shown(Quantity(value=guess.worth, digits=2)),
        ]
        for guess in surety.knowing
    ]
    rows.append(
        [words("all guesses together"), "", "", shown(Quantity(value=surety.perfect, digits=2))]
    )
    columns = headings("Option", "guess", "would change the choice", "worth, in points")
    caption = words("What is worth finding out (expected value of information)")
    return table(columns, rows, caption=caption, numeric=(2, 3))
