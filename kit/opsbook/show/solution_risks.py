"""What may go wrong: the heat map, and the list with its warnings."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from opsbook.results.plan import RiskRow, RiskView
from opsbook.show.cells import count
from opsbook.show.reader import reader
from opsbook.show.series_plot import new_axes
from opsbook.show.shown import (
    Html,
    Picture,
    bracketed,
    headings,
    note,
    picture,
    shown,
    table,
    words,
)
from opsbook.text import SHARE, Quantity, term

#: Bands of probability, and the colour of a cell by band × impact.
BANDS = (0.0, 0.1, 0.3, 0.5, 0.7, 1.0)
HEAT = ((4, "#e4efe8"), (9, "#f6ecc9"), (15, "#f3d3ae"), (25, "#e7b0a5"))
PRIORITIES = {"high": term("high"), "medium": term("medium"), "low": term("low")}


def risk_map(risks: RiskView) -> Picture | Html:
    """Risks by probability and impact after mitigation; the numbers are those of the list."""
    if not risks.rows:
        return note(words("No risk is listed for the options that passed."))
    language = reader()
    figure, axes = new_axes(height=3.5)
    cells: dict[tuple[int, int], list[str]] = {}
    for number, row in enumerate(risks.rows, start=1):
        cells.setdefault((_band(row.probability), row.impact), []).append(str(number))
    for band in range(1, 6):
        for impact in range(1, 6):
            axes.fill(
                [impact - 0.5, impact + 0.5, impact + 0.5, impact - 0.5],
                [band - 0.5, band - 0.5, band + 0.5, band + 0.5],
                color=next(colour for most, colour in HEAT if band * impact <= most),
                edgecolor="white",
                lw=1,
            )
            numbers = cells.get((band, impact), [])
            axes.text(
                impact,
                band,
                ", ".join(numbers),
                ha="center",
                va="center",
                color="#1d2733",
                fontsize=12 if len(numbers) < 6 else 7,
            )
    axes.set_xlim(0.5, 5.5)
    axes.set_ylim(0.5, 5.5)
    axes.set_xticks(range(1, 6))
    ends = [f"{100 * low:.0f}–{100 * high:.0f}%" for low, high in pairwise(BANDS)]
    axes.set_yticks(range(1, 6), ends)
    axes.set_xlabel(language.text("impact, 1 to 5"))
    axes.set_ylabel(language.text("probability"))
    axes.grid(visible=False)
    text = reader().listed(f"{i} {row.title}" for i, row in enumerate(risks.rows, start=1))
    return picture(figure, text)


def risks(risks: RiskView) -> Html:
    """Each risk with its priority, its warning sign, its plan and what is still missing."""
    if not risks.rows:
        return note(words("No risk is listed for the options that passed."))
    columns = headings(
        "Risk", "probability × impact", "action priority", "indicator", "plan, owner"
    )
    rows = [_row(number, row) for number, row in enumerate(risks.rows, start=1)]
    exposed = reader().listed(
        f"{escape(one.title)} {shown(Quantity(value=one.after, digits=2))}"
        + bracketed(shown(Quantity(value=one.before, digits=2)))
        for one in risks.exposures
    )
    words_of = words("Sum of probability × impact by option (without the plans): {options}.")
    return table(columns, rows) + note(words_of.format(options=exposed))


def _row(number: int, row: RiskRow) -> list[str]:
    priority = words("not rated")
    if row.priority is not None and row.ratings is not None:
        product = f"{'×'.join(map(str, row.ratings))} = {count(row.risk_priority_number or 0)}"
        priority = shown(PRIORITIES[row.priority]) + bracketed(product)
    sizes = _product(row.probability, row.impact)
    if row.probability_before is not None and row.impact_before is not None:
        before = _product(row.probability_before, row.impact_before)
        sizes += bracketed(reader().told(words("without the plan"), before))
    plan = escape(row.plan) if row.plan else shown(None)
    if row.owner:
        plan += bracketed(escape(row.owner))
    if row.gaps:
        plan += " · " + reader().told(
            words("still missing"), reader().listed(shown(gap) for gap in row.gaps)
        )
    return [
        f"{number}. {escape(row.title)}<br><small>{escape(row.option)}</small>",
        sizes,
        priority,
        _indicator(row),
        plan,
    ]


def _product(probability: float, impact: int) -> str:
    return f"{shown(Quantity(value=probability, unit=SHARE, digits=0))} × {count(impact)}"


def _indicator(row: RiskRow) -> str:
    if row.indicator is None:
        return shown(None)
    text = escape(row.indicator)
    if row.threshold is not None:
        sign = "≥" if row.warns_when == "above" else "≤"
        text += f" {sign} {shown(Quantity(value=row.threshold))}"
    if row.warning is not None:
        state = words("warns now") if row.warning else words("quiet")
        text += bracketed(f"{shown(Quantity(value=row.observed or 0.0))}: {state}")
    return text


def _band(probability: float) -> int:
    return next((i for i, end in enumerate(BANDS[1:], start=1) if probability <= end), 5)
