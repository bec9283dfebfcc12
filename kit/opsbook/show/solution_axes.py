"""Axes of options: long titles on several lines, bars from the top, a legend below."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from opsbook.show.series_plot import new_axes
from opsbook.show.short_name import width

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Width of a label's line, in Latin letters; a Chinese character is two wide.
LINE = 26


def lines(title: str, room: int = LINE) -> str:
    r"""Break a title into lines, between words, and anywhere between Chinese characters.

    Examples:
        >>> lines("Hourly caps on scheduled flights", 20)
        'Hourly caps on\nscheduled flights'
    """
    done, line = [], ""
    for piece in _pieces(title):
        if line and width(line + piece.rstrip()) > room:
            done.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return "\n".join([*done, line.rstrip()])


def option_axes(titles: Sequence[str], *, extra: float = 1.2) -> tuple[Figure, Axes]:
    """An empty figure with one row for each title, the first on top."""
    labels = [lines(title) for title in titles]
    rows = sum(max(0.46, 0.19 * (label.count("\n") + 1) + 0.14) for label in labels)
    figure, axes = new_axes(height=extra + rows)
    axes.set_yticks(range(len(labels)), [""] * len(labels))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    for place, label in enumerate(labels):
        _label(axes, place, label.split("\n"))
    axes.grid(axis="x")
    axes.grid(axis="y", visible=False)
    return figure, axes


def legend_below(axes: Axes, *, handles: Sequence[Artist] | None = None) -> None:
    """The legend under the picture, clear of the axis' words."""
    figure = axes.get_figure(root=True)
    height = figure.get_figheight() if figure else 1.0
    axes.legend(
        handles=handles or axes.get_legend_handles_labels()[0],
        loc="upper left",
        bbox_to_anchor=(0, -0.62 / height),
        ncols=3,
        fontsize=9,
    )


def _label(axes: Axes, place: int, label: Sequence[str]) -> None:
    """Write a row's title line by line: the reader's font is not the one that is measured here."""
    for i, line in enumerate(label):
        axes.annotate(
            line,
            (0, place),
            xycoords=("axes fraction", "data"),
            xytext=(-8, 12 * ((len(label) - 1) / 2 - i)),
            textcoords="offset points",
            ha="right",
            va="center_baseline",
        )


def _pieces(title: str) -> list[str]:
    pieces: list[str] = []
    for letter in title:
        stuck = pieces and not pieces[-1].endswith(" ") and not _wide(letter)
        if stuck and not _wide(pieces[-1][-1]):
            pieces[-1] += letter
        else:
            pieces.append(letter)
    return pieces


def _wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"
