"""What changed, through which causes and segments, and why."""

from __future__ import annotations

from html import escape

import numpy as np

from opsbook.results.diagnosis import Causes, Change, Segments
from opsbook.show.cells import amount, count, in_points, moved
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes
from opsbook.show.shown import (
    BLUE,
    GREY,
    ORANGE,
    Html,
    Picture,
    absent,
    bracketed,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.show.step_ticks import step_ticks
from opsbook.text import POINTS, SHARE, Quantity


def change(change: Change) -> Html:
    """The two windows side by side; a ratio's with its volume."""
    unit = "share" if change.change.unit == POINTS else change.change.unit
    windows = zip(headings("before", "after"), (change.before, change.after), strict=True)
    rows = [
        [
            name,
            f"{shown(window.start)} – {shown(window.end)}",
            shown(Quantity(value=window.value, unit=unit)),
            *([] if window.volume is None else [count(window.volume)]),
        ]
        for name, window in windows
    ]
    rows.append([words("change"), "", shown(change.change)])
    columns = [*headings("Window", "periods"), escape(change.metric)]
    if change.before.volume is not None:
        columns.append(words("volume per period"))
        rows[-1].append(shown(change.volume_change))
    return table(columns, rows, numeric=(2, 3))


def causes(causes: Causes | None) -> Picture | Html:
    """What each cause carries of the change, as a waterfall that ends at the total."""
    if causes is None:
        return absent(words("The params name no causes (diagnosis.causes)."))
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
    reached = [0.0, total, *np.cumsum(changes)]
    low, high = min(reached), max(reached)
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
    step_ticks(axes.xaxis, signed=True)
    if causes.unit == SHARE:
        axes.set_xlabel(language.text("percentage points"))
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
    axes.set_xlim(low - (high - low) * 0.03, high + (high - low) * 0.12)
    text = reader().listed(
        f"{label} {language.number(change, 2, signed=True)}"
        for label, change in zip(labels, changes, strict=True)
    )
    return picture(figure, text)


def cause_table(causes: Causes | None) -> Html:
    """Each cause's part in the change, beside the peers' change."""
    if causes is None:
        return Html(html="")
    unit = causes.unit
    rows = [
        [
            escape(row.label),
            amount(row.before, unit),
            amount(row.after, unit),
            moved(row.change, unit),
            shown(None if row.share is None else Quantity(value=row.share, unit=SHARE, digits=0)),
            moved(row.peers_change, unit),
        ]
        for row in causes.rows
    ]
    rows.append([words("unexplained"), "", "", moved(causes.unexplained, unit), "", ""])
    rows.append([words("total change"), "", "", moved(causes.total, unit), "", ""])
    columns = headings(
        "Cause", "before", "after", "change", "part of the change", "change at the peers"
    )
    columns[3] += in_points(unit)
    columns[5] += in_points(unit)
    return table(columns, rows, numeric=(1, 2, 3, 4, 5))


def segments(segments: tuple[Segments, ...]) -> Html:
    """The change split by each dimension."""
    shown_tables = [_segments(split) for split in segments]
    if not shown_tables:
        return absent(
            words("No ratio to split, or the params name no segments (diagnosis.segments).")
        )
    whole = shown_tables[0]
    for one in shown_tables[1:]:
        whole += one
    return whole


def _segments(split: Segments) -> Html:
    if split.reason is not None:
        return note(shown(split.reason))
    unit = split.unit
    rows = [
        [
            (escape(row.label) or words("others"))
            + ("" if row.enough else bracketed(words("few cases"))),
            amount(row.before, unit),
            amount(row.after, unit),
            count(row.n_before),
            count(row.n_after),
            moved(row.rate, unit),
            moved(row.mix, unit),
        ]
        for row in split.rows
    ]
    total = [moved(split.rate, unit), moved(split.mix, unit)]
    rows.append([words("total change"), "", "", "", "", *total])
    columns = headings("before", "after", "volume before", "volume after", "own change", "mix")
    columns[4] += in_points(unit)
    columns[5] += in_points(unit)
    return table([escape(split.label), *columns], rows, numeric=(1, 2, 3, 4, 5, 6))
