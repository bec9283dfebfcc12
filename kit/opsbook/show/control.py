"""The metric since the change, and the next check."""

from __future__ import annotations

from html import escape

from opsbook.results.control import ControlResult, Watch
from opsbook.show.series_plot import (
    day_number,
    day_numbers,
    draw_limits,
    draw_line,
    finish_series,
    new_axes,
)
from opsbook.show.shown import (
    BLUE,
    GREY,
    Html,
    Picture,
    note,
    words,
)


def watch(watch: Watch) -> Picture:
    """The metric since the change, with limits from after the change."""
    figure, axes = new_axes()
    draw_line(axes, watch.series, BLUE)
    draw_limits(axes, watch.chart, watch.series)
    days = day_numbers(watch.series)
    axes.axvspan(days[0], day_number(watch.baseline_end.start), color=GREY, alpha=0.12, lw=0)
    return finish_series(figure, axes, watch.series)


def next_params(result: ControlResult) -> Html:
    """The params file of the next check, to be copied into params/."""
    if result.next_params is None:
        return note(words("There is no next check yet."))
    return Html(
        html=f"<pre class='ops params'>{escape(result.next_params)}</pre>", text=result.next_params
    )
