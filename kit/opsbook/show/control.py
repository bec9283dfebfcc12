"""The metric since the change, what the verdict asks for, and the next check."""

from __future__ import annotations

from html import escape

from opsbook.results.control import ControlResult, Decision, Loops, RollOut, Watch
from opsbook.show.cells import amount, count
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
    bracketed,
    headings,
    note,
    shown,
    table,
    words,
)
from opsbook.text import Period, Quantity, Term, term

ACTIONS = {
    "standardise": term("make it standard"),
    "roll_back": term("take it back"),
    "next_hypothesis": term("next hypothesis"),
    "mend": term("mend it first"),
    "extend": term("go on measuring"),
    "watch": term("only watch"),
}
STATUS = {"untested": term("untested"), "refuted": term("refuted")}
VERDICTS: dict[str | None, Term] = {
    "effective": term("effective"),
    "ineffective": term("not effective"),
    "harmful": term("harmful"),
    "cannot_tell": term("cannot tell"),
    None: term("not judged"),
}
SITES_SHOWN = 12


def watch(watch: Watch | None) -> Picture | Html:
    """The metric since the change, with limits from after the change."""
    if watch is None:
        return note(
            words(
                "No control limits: too few periods after the change, or values that hardly move."
            )
        )
    figure, axes = new_axes()
    draw_line(axes, watch.series, BLUE)
    draw_limits(axes, watch.chart, watch.series)
    days = day_numbers(watch.series)
    axes.axvspan(days[0], day_number(watch.baseline_end.start), color=GREY, alpha=0.12, lw=0)
    return finish_series(figure, axes, watch.series)


def decision(decision: Decision) -> Html:
    """What the verdict asks for, with what comes next."""
    rows = [[words("Decision"), f"<strong>{shown(ACTIONS[decision.action])}</strong>"]]
    rows.append([words("Reason"), shown(decision.reason)])
    if decision.rollback is not None:
        met = words("met") if decision.rollback_met else words("not met")
        rows.append([words("Rollback condition"), f"{met} · {shown(decision.rollback)}"])
    if decision.extension:
        steps = "".join(f"<li>{shown(step)}</li>" for step in decision.extension)
        rows.append([words("How to go on"), f"<ul>{steps}</ul>"])
    if decision.hypotheses:
        whys = "".join(
            f"<li>{escape(why.claim)} {bracketed(shown(STATUS[why.status]))}</li>"
            for why in decision.hypotheses
        )
        rows.append([words("Hypotheses to take up, in this order"), f"<ol>{whys}</ol>"])
    if decision.reviews:
        rows.append([words("Reviews"), shown(tuple(Period(start=day) for day in decision.reviews))])
    return table(headings("Field", "Entry"), rows)


def roll_out(roll_out: RollOut | None) -> Html:
    """Where to bring the change next, largest expected gain first."""
    if roll_out is None:
        return note(words("No roll-out: the effect is not shown, or no other unit is named."))
    rows = [
        [
            escape(site.unit),
            amount(site.value, roll_out.unit),
            count(site.cases),
            shown(Quantity(value=site.expected, unit=roll_out.change_unit, signed=True)),
            shown(Quantity(value=site.gain, digits=0)),
        ]
        for site in roll_out.sites[:SITES_SHOWN]
    ]
    share = shown(Quantity(value=roll_out.shrinkage, unit="share", digits=1))
    caption = words(
        "Of the shown effect of {effect} count {share}, for shown effects overstate; and none of "
        "it beyond the target."
    )
    columns = headings("Unit", "level now", "cases", "effect to expect", "gain in cases")
    return table(
        columns,
        rows,
        caption=caption.format(effect=shown(roll_out.effect), share=share),
        numeric=(1, 2, 3, 4),
    )


def loops(loops: Loops) -> Html:
    """Every loop on this metric: forecast against measured."""

    def change(value: float | None) -> str:
        if value is None:
            return shown(None)
        return shown(Quantity(value=value, unit=loops.change_unit, signed=True))

    rows = [
        [
            f"{i}. {escape(row.title)}",
            shown(row.launched),
            change(row.forecast),
            change(row.measured),
            shown(VERDICTS[row.verdict]),
        ]
        for i, row in enumerate(loops.rows, start=1)
    ]
    columns = headings("Loop", "launched", "forecast", "measured", "verdict")
    return table(columns, rows, numeric=(2, 3))


def next_params(result: ControlResult) -> Html:
    """The params file of the next check, to be copied into params/; it unfolds."""
    if result.next_params is None:
        return note(words("There is no next check yet."))
    file = f"{escape(result.project)}.next.yaml"
    return Html(
        html=f"<details><summary>{file}</summary>"
        f"<pre class='ops params'>{escape(result.next_params)}</pre></details>",
        text=result.next_params,
    )
