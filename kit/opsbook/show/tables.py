"""Results as tables and cards of HTML."""

from __future__ import annotations

from html import escape

from opsbook.methods.estimate import Estimate
from opsbook.results import Form, StageResult
from opsbook.results.control import ControlResult
from opsbook.results.diagnosis import Causes, Change, Segments, Whys
from opsbook.results.effect import GuardrailCheck
from opsbook.results.intake import Ledger
from opsbook.results.solutions import Choice, HumanDecision, Scores
from opsbook.results.trigger import Misses
from opsbook.show.shown import Html, headings, note, shown, table, words
from opsbook.text import POINTS, SHARE, Quantity, say, term

YARDSTICKS = {"target": term("its target"), "last_year": term("the same period a year before")}
LEVELS = {"none": term("quiet"), "yellow": term("yellow: warn"), "red": term("red: trigger")}
WHY_STATUS = {
    "confirmed": term("confirmed"),
    "refuted": term("refuted"),
    "untested": term("not tested yet"),
}
WHY_MARK = {"confirmed": "✓", "refuted": "✗", "untested": "?"}
GUARDRAILS = {
    "safe": term("not harmed"),
    "harmed": term("harmed"),
    "cannot_tell": term("the data cannot tell"),
}
TONES = {
    "good": term("good"),
    "bad": term("act"),
    "warn": term("look"),
    "unknown": term("cannot tell"),
    "neutral": term("note"),
}


def headline(result: StageResult) -> Html:
    """The stage's answer, its findings, and what it cannot tell."""
    mark = f'<span class="tone tone-{result.tone}">{shown(TONES[result.tone])}</span>'
    findings = "".join(
        f"<li>{shown(finding.statement)}{_evidence(finding.estimate, finding.grade)}</li>"
        for finding in result.findings
    )
    answer = shown(result.headline)
    found = f"<ul>{findings}</ul>" if findings else ""
    return Html(
        html=f'<div class="ops headline"><p>{mark} <strong>{answer}</strong></p>{found}</div>',
        text=answer,
    ) + cautions(result)


def cautions(result: StageResult) -> Html:
    """What is thin or failed, each with what would settle it."""
    if not result.cautions:
        return Html(html="")
    notes = "".join(
        f"<li>{shown(caution.statement)}"
        + (f" <em>{shown(caution.settles)}</em>" if caution.settles else "")
        + "</li>"
        for caution in result.cautions
    )
    title = words("What this cannot tell")
    return Html(html=f'<div class="ops cautions"><p>{title}</p><ul>{notes}</ul></div>', text=title)


def form(form: Form) -> Html:
    """A form of the handbook; what a person must still fill in is marked."""
    blank = f'<span class="blank">{words("to be filled in")}</span>'
    rows = [
        [shown(field.label), shown(field.value) if field.value else blank] for field in form.fields
    ]
    title = f"{words('Form')} {escape(form.id)} · {shown(form.title)}"
    return table([words("Field"), words("Entry")], rows, caption=title)


def ledger(ledger: Ledger) -> Html:
    """The receipt of the rows: what came in, what was left out and why, what is used."""
    rows = [[words("rows in"), _count(ledger.rows_in)]]
    rows += [[shown(line.reason), "−" + _count(line.rows)] for line in ledger.left_out]
    rows.append([words("rows used"), _count(ledger.rows_used)])
    source = " · ".join(filter(None, [ledger.table, ledger.source, ledger.licence]))
    return table([words("Row ledger"), words("rows")], rows, caption=escape(source), numeric=(1,))


def misses(misses: Misses) -> Html:
    """Runs of misses against each yardstick."""
    rows = [
        [
            shown(YARDSTICKS[run.against]),
            _count(run.run),
            shown(run.since),
            _count(run.longest),
            shown(LEVELS[run.level]),
        ]
        for run in misses.runs
    ]
    columns = headings("Worse than", "periods running", "since", "longest run", "level")
    caption = shown(
        say(
            "Misses running: {yellow} warn, {red} trigger",
            yellow=Quantity(value=misses.yellow, unit="count"),
            red=Quantity(value=misses.red, unit="count"),
        )
    )
    return table(columns, rows, caption=caption, numeric=(1, 3))


def change(change: Change) -> Html:
    """The two windows side by side."""
    unit = "share" if change.change.unit == POINTS else change.change.unit
    rows = [
        [
            name,
            f"{shown(window.start)} – {shown(window.end)}",
            shown(Quantity(value=window.value, unit=unit)),
            _count(window.denominator or 0),
        ]
        for name, window in zip(
            headings("before", "after"), (change.before, change.after), strict=True
        )
    ]
    rows.append([words("change"), "", shown(change.change), shown(change.volume_change)])
    columns = [*headings("Window", "periods"), escape(change.metric), words("volume")]
    return table(columns, rows, numeric=(2, 3))


def causes(causes: Causes | None) -> Html:
    """Each cause's part in the change, beside the peers' change."""
    if causes is None:
        return note(words("The params name no causes (diagnosis.causes)."))
    unit = causes.unit
    rows = [
        [
            escape(row.label),
            _amount(row.before, unit),
            _amount(row.after, unit),
            _moved(row.change, unit),
            shown(None if row.share is None else Quantity(value=row.share, unit=SHARE, digits=0)),
            _moved(row.peers_change, unit),
        ]
        for row in causes.rows
    ]
    rows.append([words("unexplained"), "", "", _moved(causes.unexplained, unit), "", ""])
    rows.append([words("total change"), "", "", _moved(causes.total, unit), "", ""])
    columns = headings(
        "Cause", "before", "after", "change", "part of the change", "change at the peers"
    )
    columns[3] += _in_points(unit)
    columns[5] += _in_points(unit)
    return table(columns, rows, numeric=(1, 2, 3, 4, 5))


def segments(segments: tuple[Segments, ...]) -> Html:
    """The change split by each dimension."""
    shown_tables = [_segments(split) for split in segments]
    if not shown_tables:
        return note(words("The params name no segments (diagnosis.segments)."))
    whole = shown_tables[0]
    for one in shown_tables[1:]:
        whole += one
    return whole


def _segments(split: Segments) -> Html:
    unit = split.unit
    rows = [
        [
            escape(row.label),
            _amount(row.before, unit),
            _amount(row.after, unit),
            _count(row.n_before),
            _count(row.n_after),
            _moved(row.rate, unit),
            _moved(row.mix, unit),
        ]
        for row in split.rows
    ]
    total = [_moved(split.rate, unit), _moved(split.mix, unit)]
    rows.append([words("total change"), "", "", "", "", *total])
    columns = headings("before", "after", "volume before", "volume after", "own change", "mix")
    columns[4] += _in_points(unit)
    columns[5] += _in_points(unit)
    return table([escape(split.label), *columns], rows, numeric=(1, 2, 3, 4, 5, 6))


def whys(whys: Whys) -> Html:
    """The chain of whys as a nested list; refuted answers stay in sight."""
    if not whys.rows:
        return note(words("The params tell no whys yet (diagnosis.whys)."))
    return Html(html=_why_list(whys, None), text="\n".join(why.claim for why in whys.rows))


def _why_list(whys: Whys, parent: str | None) -> str:
    items = []
    for why in whys.rows:
        if why.because_of != parent:
            continue
        evidence = "".join(f"<li>{shown(statement)}</li>" for statement in why.evidence)
        mark = f"{WHY_MARK[why.status]} {shown(WHY_STATUS[why.status])}"
        action = f" · {words('the team can change it')}" if why.controllable else ""
        items.append(
            f'<li><span class="why why-{why.status}">{mark}</span> {escape(why.claim)}{action}'
            f"<ul class='evidence'>{evidence}</ul>{_why_list(whys, why.id)}</li>"
        )
    return f"<ul class='ops whys'>{''.join(items)}</ul>" if items else ""


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
                shown(None) if row.rank is None else _count(row.rank),
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


def guardrails(guardrails: tuple[GuardrailCheck, ...]) -> Html:
    """What must not get worse, and whether it did."""
    if not guardrails:
        return note(words("The params name no guardrails (metric.guardrails)."))
    rows = [
        [
            escape(rail.name),
            shown(Quantity(value=rail.before, unit=rail.unit)),
            shown(Quantity(value=rail.after, unit=rail.unit)),
            _interval(rail.estimate),
            shown(Quantity(value=rail.margin, unit=rail.change_unit)),
            shown(GUARDRAILS[rail.status]),
        ]
        for rail in guardrails
    ]
    columns = headings("Guardrail", "before", "after", "change", "margin", "verdict")
    return table(columns, rows, numeric=(1, 2, 3, 4))


def next_params(result: ControlResult) -> Html:
    """The params file of the next check, to be copied into params/."""
    if result.next_params is None:
        return note(words("There is no next check yet."))
    return Html(
        html=f"<pre class='ops params'>{escape(result.next_params)}</pre>", text=result.next_params
    )


def _evidence(estimate: Estimate | None, grade: str | None) -> str:
    parts = []
    if estimate is not None and estimate.lower is not None and estimate.upper is not None:
        parts.append(f"{words('95% interval')} {_limits(estimate)}")
    if grade is not None:
        parts.append(words("evidence {grade}").format(grade=grade))
    return f' <span class="evidence-note">({", ".join(parts)})</span>' if parts else ""


def _limits(estimate: Estimate) -> str:
    low, high = (
        shown(Quantity(value=limit or 0.0, unit=estimate.unit, signed=True))
        for limit in (estimate.lower, estimate.upper)
    )
    return f"{low} … {high}"


def _interval(estimate: Estimate) -> str:
    value = shown(Quantity(value=estimate.effect, unit=estimate.unit, signed=True))
    if estimate.lower is None or estimate.upper is None:
        return value
    return f"{value} ({_limits(estimate)})"


def _count(number: float) -> str:
    return shown(Quantity(value=number, unit="count"))


def _amount(number: float | None, unit: str) -> str:
    return shown(None if number is None else Quantity(value=number, unit=unit))


def _moved(number: float | None, unit: str) -> str:
    """A difference as a bare number; where it is in percentage points the heading says so."""
    if number is None:
        return shown(None)
    if unit == SHARE:
        return shown(Quantity(value=number * 100, digits=2, signed=True))
    return shown(Quantity(value=number, signed=True))


def _in_points(unit: str) -> str:
    """What a heading of differences adds to its words."""
    return f" ({words('percentage points')})" if unit == SHARE else ""
