"""The sum of money that a project's results are about, and what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from opsbook.results import Stage, StageResult
from opsbook.results.solutions import SolutionsResult
from opsbook.text import MONEY, Quantity, Statement, Term, term

#: Where to look first: what was gained is more than what is planned to be spent.
ORDER: tuple[Stage, ...] = ("effect", "control", "trigger", "diagnosis", "solutions")


@dataclass(frozen=True, kw_only=True)
class Money:
    """A sum and what it stands for."""

    amount: Quantity
    label: Term


def money(results: Mapping[Stage, StageResult]) -> Money | None:
    """Find the first sum of money in the results, or None.

    Args:
        results: What the project's stages saved.
    """
    return next(
        (found for stage in ORDER if stage in results for found in _in(results[stage])), None
    )


def _in(result: StageResult) -> Iterator[Money]:
    for form in result.forms:
        for field in form.fields:
            for amount in _amounts(field.value):
                yield Money(amount=amount, label=field.label)
    if isinstance(result, SolutionsResult) and result.choice is not None:
        yield Money(amount=result.choice.cost, label=term("cost"))


def _amounts(statement: Statement | None) -> Iterator[Quantity]:
    for value in statement.values.values() if statement else ():
        if isinstance(value, Quantity) and value.unit.startswith(MONEY):
            yield value
