"""Form 2-6, standardise and monitor; what is not shown to work is not made standard."""

from __future__ import annotations

from opsbook.project.control import ControlSection
from opsbook.results import Form, FormField
from opsbook.results.control import Decision, RollOut, Watch
from opsbook.stages.context import Context
from opsbook.stages.kick_off import as_it_is
from opsbook.text import Period, Quantity, Statement, say, term

SITES_SHOWN = 5
EACH = {
    "day": term("every day"),
    "week": term("every week"),
    "month": term("every month"),
    "quarter": term("every quarter"),
    "year": term("every year"),
}
NOT_YET = {
    "mend": say("Not made standard yet: what stands in its way is mended first."),
    "extend": say("Not made standard yet: the test goes on."),
    "next_hypothesis": say("Not made standard: no effect is shown."),
    "roll_back": say("Not made standard: the change is taken back."),
}


def control_form(
    context: Context, watch: Watch | None, decision: Decision, roll_out: RollOut | None
) -> Form:
    """Form 2-6 as the verdict allows it to be filled.

    Args:
        context: The project.
        watch: The limits, if there are any.
        decision: What the verdict asks for.
        roll_out: The other units, if the effect is shown.
    """
    params = context.project.control or ControlSection()
    standard = decision.action in {"standardise", "watch"}
    return Form(
        id="2-6",
        title=term("Standardise and monitor"),
        fields=(
            FormField(
                label=term("Procedure and version"),
                value=as_it_is(params.procedure) if standard else NOT_YET.get(decision.action),
            ),
            FormField(label=term("What changed"), value=_changed(context)),
            FormField(label=term("Sites"), value=_sites(context, roll_out if standard else None)),
            FormField(label=term("Monitored figure"), value=as_it_is(context.project.metric.name)),
            FormField(label=term("Baseline and limits"), value=_limits(watch)),
            FormField(
                label=term("Yellow / red"),
                value=say(
                    "Periods running beyond a limit: {yellow} / {red}",
                    yellow=Quantity(value=params.yellow, unit="count"),
                    red=Quantity(value=params.red, unit="count"),
                ),
            ),
            FormField(
                label=term("Frequency"), value=say("{each}", each=EACH[context.tables.kpi.grain])
            ),
            FormField(label=term("Owner"), value=as_it_is(params.owner)),
            FormField(label=term("Reaction plan"), value=as_it_is(params.reaction)),
            FormField(label=term("Rollback condition"), value=decision.rollback),
            FormField(
                label=term("Next trigger parameters"),
                value=as_it_is(f"{context.project.project.id}.next.yaml"),
            ),
            FormField(
                label=term("Reviews"),
                value=as_it_is(tuple(Period(start=day) for day in decision.reviews)),
            ),
        ),
    )


def _changed(context: Context) -> Statement | None:
    chosen = context.project.solutions.decision if context.project.solutions else None
    if chosen is None or context.project.solutions is None:
        return as_it_is((context.project.control or ControlSection()).procedure)
    options = context.project.solutions.options
    return as_it_is(tuple(option.title for option in options if option.id in chosen.chosen))


def _sites(context: Context, roll_out: RollOut | None) -> Statement | None:
    own = tuple(str(value) for value in context.project.data.kpi.focus.values())
    if roll_out is None:
        return as_it_is(own)
    following = tuple(site.unit for site in roll_out.sites[:SITES_SHOWN] if site.gain > 0)
    if not following:
        return as_it_is(own)
    return say("{own}; next in this order: {others}", own=own or "–", others=following)


def _limits(watch: Watch | None) -> Statement | None:
    if watch is None:
        return None
    chart, series = watch.chart, watch.series
    known = [
        (low, high)
        for low, high in zip(chart.lower, chart.upper, strict=True)
        if low is not None and high is not None
    ]
    if not known:
        return None
    return say(
        "{centre}, limits {lower} to {upper} in the last period",
        centre=series.quantity(chart.centre),
        lower=series.quantity(known[-1][0]),
        upper=series.quantity(known[-1][1]),
    )
