"""Form 2-1, the kick-off minutes, with everything that the params and the data already say."""

from __future__ import annotations

from opsbook.results import Form, FormField
from opsbook.stages.context import Context
from opsbook.text import Statement, say, term


def kick_off(context: Context, problem: Statement) -> Form:
    """Fill form 2-1 as far as it goes; the rest is for people.

    Args:
        context: The project.
        problem: What the trigger check found, as a sentence.
    """
    identity = context.project.project
    goal = identity.goal
    people = [name for name in identity.team.model_dump().values() if name]
    return Form(
        id="2-1",
        title=term("Kick-off minutes"),
        fields=(
            FormField(label=term("Subject"), value=as_it_is(identity.title)),
            FormField(label=term("Participants"), value=as_it_is(", ".join(people))),
            FormField(label=term("Date")),
            FormField(label=term("Place or online")),
            FormField(label=term("Problem"), value=problem),
            FormField(label=term("Goal"), value=as_it_is(goal.text if goal else "")),
            FormField(label=term("Division of work"), value=_roles(context)),
            FormField(
                label=term("Milestones"),
                value=as_it_is(goal.by.root) if goal and goal.by else None,
            ),
            FormField(label=term("Resources to arrange")),
            FormField(label=term("Decisions")),
        ),
    )


def as_it_is(text: str) -> Statement | None:
    """A text of the user's own, shown as it is; None if it is empty."""
    return say("{text}", text=text) if text else None


def _roles(context: Context) -> Statement | None:
    team = context.project.project.team
    if not any(team.model_dump().values()):
        return None
    return say(
        "Lead: {lead}. Data: {data}. Execution: {execution}. Support: {support}.",
        lead=team.lead or "–",
        data=team.data or "–",
        execution=team.execution or "–",
        support=team.support or "–",
    )
