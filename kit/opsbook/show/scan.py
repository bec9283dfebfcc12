"""A scan as a picture: stores by size, and how far chance lets small ones stray."""

from __future__ import annotations

import numpy as np

from opsbook.results.scan import Funnel, Scan
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes
from opsbook.show.shown import BLUE, GREY, RED, Picture, picture

NAMED = 8
"""Stores beyond the funnel that are named in it."""
DENSE = 300
"""More points than this are drawn as pixels."""


def funnel(funnel: Funnel, scan: Scan) -> Picture:
    """The newest value of each store by its size, within the funnel's limits."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter  # noqa: PLC0415 - heavy

    say = reader().text
    figure, axes = new_axes(3.8)
    inside = set(funnel.projects)
    rows = [
        row
        for row in scan.rows
        if row.project in inside and row.value is not None and row.size is not None
    ]
    for limits, style, label in (
        (funnel.alarm, "-", say("99.8% limits")),
        (funnel.warning, ":", say("95% limits")),
    ):
        for side in (0, 1):
            line = np.array([pair[side] for pair in limits], dtype=float)  # None becomes NaN
            axes.plot(funnel.sizes, line, color=GREY, lw=1, ls=style, label="" if side else label)
    axes.axhline(funnel.centre, color=GREY, lw=1, ls=(0, (2, 2)), label=say("all together"))
    for beyond, color, marker in ((False, BLUE, "o"), (True, RED, "D")):
        some = [row for row in rows if bool(row.funnel) is beyond]
        axes.scatter(
            [row.size or 0.0 for row in some],
            [row.value or 0.0 for row in some],
            s=22 if beyond else 14,
            color=color,
            marker=marker,
            alpha=0.9 if beyond else 0.6,
            lw=0,
            rasterized=len(some) > DENSE,
            label=say("worse than chance") if beyond and some else "",
            zorder=3,
        )
    for row in [row for row in rows if row.funnel][:NAMED]:
        axes.annotate(
            row.project,
            (row.size or 0.0, row.value or 0.0),
            xytext=(5, 3),
            textcoords="offset points",
            fontsize=8,
        )
    axes.set_xscale("log")
    language, share = reader(), funnel.unit == "share"
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: language.number(x, 0)))
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    values = [row.value for row in rows if row.value is not None]
    spread = (max(values) - min(values)) * (100 if share else 1)
    digits = 0 if spread >= 4 else 1 if spread >= 0.4 else 2
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda y, _: language.number(y * (100 if share else 1), digits) + "%" * share)
    )
    axes.set_xlabel(say("cases in the newest period"))
    axes.set_title(f"{funnel.kpi}, {language.period(funnel.as_of)}")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.17), ncols=4, fontsize=9)
    return picture(figure, f"{funnel.kpi}: {say('stores by size')}")
