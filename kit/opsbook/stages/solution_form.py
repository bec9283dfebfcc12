"""Form 2-3, the feasibility of one solution."""

from __future__ import annotations

from typing import cast

from opsbook.project.solutions import SolutionsSection
from opsbook.results import Form, FormField
from opsbook.results.solutions import OptionScore
from opsbook.stages.context import Context
from opsbook.stages.kick_off import as_it_is
from opsbook.text import MONEY, Quantity, say, term


def solution_form(context: Context, row: OptionScore) -> Form:
    """Fill form 2-3 for one option."""
    params = cast("SolutionsSection", context.project.solutions)
    option = next(option for option in params.options if option.id == row.id)
    money = MONEY + params.currency
    risks = "; ".join(
        f"{risk.title} ({risk.plan})" if risk.plan else risk.title for risk in option.risks
    )
    unit, effect = context.project.metric.change_unit, None
    if option.effect is not None:
        effect = say(
            "{low} / {mode} / {high}",
            low=Quantity(value=option.effect.low, unit=unit, signed=True),
            mode=Quantity(value=option.effect.mode, unit=unit, signed=True),
            high=Quantity(value=option.effect.high, unit=unit, signed=True),
        )
    words = {"chosen": term("chosen"), "reserve": term("reserve"), "rejected": term("rejected")}
    score = None
    if row.score is not None and row.rank is not None:
        score = say(
            "{score} points, rank {rank}",
            score=Quantity(value=row.score, digits=0),
            rank=Quantity(value=row.rank, unit="count"),
        )
    return Form(
        id="2-3",
        title=term("Feasibility of a solution"),
        fields=(
            FormField(label=term("Option"), value=as_it_is(option.title)),
            FormField(label=term("Root cause addressed"), value=as_it_is(option.cause or "")),
            FormField(
                label=term("Knock-out gates failed"),
                value=as_it_is(", ".join(row.failed_gates)) or say("none"),
            ),
            FormField(
                label=term("People"),
                value=say("{weeks} person-weeks", weeks=Quantity(value=option.person_weeks)),
            ),
            FormField(
                label=term("Cost"),
                value=say("{cost}", cost=Quantity(value=option.cost, unit=money)),
            ),
            FormField(
                label=term("Time"), value=say("{weeks} weeks", weeks=Quantity(value=option.weeks))
            ),
            FormField(label=term("Risks"), value=as_it_is(risks)),
            FormField(label=term("Expected effect (low / likely / high)"), value=effect),
            FormField(label=term("Score"), value=score),
            FormField(
                label=term("Decision"), value=say("{decision}", decision=words[row.decision])
            ),
        ),
    )
