"""Form 2-2, the diagnosis report, filled from what was computed."""

from __future__ import annotations

from opsbook.results import Form, FormField
from opsbook.results.diagnosis import Causes, Change, Whys
from opsbook.stages.context import Context
from opsbook.stages.kick_off import as_it_is
from opsbook.text import Quantity, Statement, say, term


def diagnosis_form(context: Context, change: Change, causes: Causes | None, whys: Whys) -> Form:
    """Fill form 2-2; what nobody has said or computed stays open."""
    params, source = context.project.diagnosis, context.project.data.kpi.source
    confirmed = [why.claim for why in whys.rows if why.status == "confirmed"]
    refuted = [why.claim for why in whys.rows if why.status == "refuted"]
    ways = sorted({e.kind for why in params.whys for e in why.evidence}) if params else []
    performance = say(
        "{kpi}: {change} between {first} and {last}.",
        kpi=change.metric,
        change=change.change,
        first=change.before.start,
        last=change.after.end,
    )
    return Form(
        id="2-2",
        title=term("Diagnosis report"),
        fields=(
            FormField(label=term("Module"), value=as_it_is(params.module if params else "")),
            FormField(label=term("Core figures"), value=performance),
            FormField(label=term("Data source"), value=as_it_is(source)),
            FormField(
                label=term("Root-cause hypotheses"),
                value=as_it_is(" / ".join(why.claim for why in whys.rows)),
            ),
            FormField(label=term("Verification"), value=as_it_is(", ".join(ways))),
            FormField(label=term("Confirmed causes"), value=as_it_is(" / ".join(confirmed))),
            FormField(label=term("Refuted causes"), value=as_it_is(" / ".join(refuted))),
            FormField(label=term("Contribution"), value=_contribution(causes)),
        ),
    )


def _contribution(causes: Causes | None) -> Statement | None:
    if causes is None:
        return None
    top = max(causes.rows, key=lambda row: row.share or 0.0)
    if top.share is None:
        return None
    share = Quantity(value=top.share, unit="share", digits=0)
    return say("{cause}: {share} of the change.", cause=top.label, share=share)
