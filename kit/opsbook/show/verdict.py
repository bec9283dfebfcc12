"""A stage's answer, its cautions and its form."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from opsbook.methods.estimate import Estimate
from opsbook.results import Caution, Form, StageResult
from opsbook.results.marks import mark
from opsbook.show.cells import limits
from opsbook.show.reader import reader
from opsbook.show.shown import (
    Html,
    bracketed,
    filled,
    shown,
    table,
    words,
)


def headline(result: StageResult) -> Html:
    """The stage's answer, its findings, and what it cannot tell."""
    stands = mark(result)
    word = f'<span class="tone tone-{stands.sign}">{shown(stands.word)}</span> '
    findings = "".join(
        f"<li>{shown(finding.statement)}{evidence_note(finding.estimate, finding.grade)}</li>"
        for finding in result.findings
    )
    answer = shown(result.headline)
    found = f"<ul>{findings}</ul>" if findings else ""
    return Html(
        html=f'<div class="ops headline"><p>{word}<strong>{answer}</strong></p>{found}</div>',
        text=answer,
    ) + cautions(result)


def cautions(result: StageResult) -> Html:
    """What is thin or failed, each with what would settle it."""
    return _told(result.cautions, words("What this cannot tell"))


def overrides(result: StageResult) -> Html:
    """What was set otherwise by hand: by whom, when and why."""
    changed = {f"changed-{one.name}" for one in result.overrides}
    told = [caution for caution in result.cautions if caution.id in changed]
    return _told(told, words("Changed by hand"))


def _told(cautions: Sequence[Caution], title: str) -> Html:
    if not cautions:
        return Html(html="")
    notes = "".join(
        f"<li>{shown(caution.statement)}"
        + (f" <em>{shown(caution.settles)}</em>" if caution.settles else "")
        + "</li>"
        for caution in cautions
    )
    return Html(html=f'<div class="ops cautions"><p>{title}</p><ul>{notes}</ul></div>', text=title)


def form(form: Form) -> Html:
    """A form of the handbook; what a person must still fill in is marked."""
    blank = f'<span class="blank">{words("to be filled in")}</span>'
    rows = [
        [shown(field.label), shown(field.value) if field.value else blank] for field in form.fields
    ]
    title = f"{words('Form')} {escape(form.id)} · {shown(form.title)}"
    return table([words("Field"), words("Entry")], rows, caption=title)


def forms(forms: Sequence[Form]) -> Html:
    """Several forms: the first whole, each of the others behind its title."""
    whole = form(forms[0])
    for other in forms[1:]:
        about = other.fields[0].value if other.fields else None
        name = f"{words('Form')} {escape(other.id)} · {shown(other.title)}"
        if about is not None and other.id == forms[0].id:
            name = reader().told(name, shown(about))
        page = form(other)
        whole += Html(
            html=f"<details><summary>{name}</summary>{page.html}</details>", text=page.text
        )
    return whole


def evidence_note(estimate: Estimate | None, grade: str | None) -> str:
    """A finding's interval and evidence grade, in brackets."""
    parts = []
    if estimate is not None and estimate.lower is not None and estimate.upper is not None:
        parts.append(f"{words('95% interval')} {limits(estimate)}")
    if grade is not None:
        parts.append(filled("evidence {grade}", grade=grade))
    told = bracketed(reader().listed(parts))
    return f'<span class="evidence-note">{told}</span>' if parts else ""
