"""What a table cannot tell is asked of the person at the terminal; Enter leaves a blank."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import TypeAdapter, ValidationError

from opsbook.project.base import Amount, When
from opsbook.run.draft import Answers
from opsbook.run.guess import Guess

BETTER = {"higher": "higher", "lower": "lower", "h": "higher", "l": "lower"}


def questions(
    read: Callable[[str], str], tell: Callable[[str], None]
) -> Callable[[Guess], Answers]:
    """Asks for direction, target and launch, each until the answer can be read.

    Args:
        read: Shows a question and gives the answer.
        tell: Says something.
    """

    def ask(guess: Guess) -> Answers:
        figure = " / ".join(guess.ratio) if guess.ratio else str(guess.value)
        tell(f"The table has {figure} by {guess.grain} ({guess.date}).")

        def answer(question: str, test: Callable[[str], str]) -> str:
            while text := read(f"{question} (Enter: later)").strip():
                try:
                    return test(text)
                except (ValidationError, KeyError):
                    tell(f"'{text}' cannot be read.")
                except ValueError as error:
                    tell(f"'{text}': {error}.")
            return ""

        example = "20%" if guess.ratio or guess.is_rate else "1200"
        return Answers(
            better=answer("Which is better, higher or lower?", lambda text: BETTER[text.lower()]),
            target=answer(f"Target, such as {example}?", lambda text: _target(text, guess)),
            launched=answer("Since when is a change live, such as 2025-03-01?", _when),
        )

    return ask


def _target(text: str, guess: Guess) -> str:
    value = TypeAdapter(Amount).validate_python(text)
    if guess.ratio and not 0 <= value <= 1:
        raise ValueError("a share lies between 0% and 100%")
    if not guess.ratio and not guess.is_rate and text.endswith("%"):
        raise ValueError(f"the target of {guess.value} is no percentage")
    return text


def _when(text: str) -> str:
    return When.model_validate(text).root
