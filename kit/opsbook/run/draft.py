"""A params file drafted from a table: what can be seen is filled in, what cannot is a blank."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from opsbook.errors import DataError, ParamsError
from opsbook.run.guess import Guess, look_at

BLANK_MARK = "<<<"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What only a person knows; an empty answer stays a marked blank.

    Attributes:
        better: ``higher`` or ``lower``.
        target: The figure to reach, as it is to be written.
        launched: When what was decided went live.
    """

    better: str = ""
    target: str = ""
    launched: str = ""


def draft(
    identifier: str,
    table: Path,
    folder: Path,
    ask: Callable[[Guess], Answers] | None = None,
    *,
    language: str = "en",
) -> Path:
    """Write a draft of a params file for a table.

    Args:
        identifier: The project's id; also the name of the file.
        table: The table.
        folder: The folder of the params files.
        ask: Asks a person for what the table cannot tell; blanks without it.
        language: Language of the project's notebooks and report.

    Returns:
        The draft. Its blanks are marked; `opsbook check` names them until they are filled.

    Raises:
        ParamsError: If the id is no file name, or there is such a file already.
        DataError: If the table cannot be read, or has no dates or no figures.
    """
    if not re.fullmatch(r"\w[\w-]*", identifier):
        raise ParamsError(f"'{identifier}' is no id.", "Use letters, digits, '_' and '-'.")
    file = folder / f"{identifier}.yaml"
    if file.exists():
        raise ParamsError(f"{file} is there already; nothing was changed.", "Choose another id.")
    beside = table.resolve().parent.parent / table.name
    if not table.exists() and beside.is_file():
        raise DataError(f"There is no table {table}.", f"Did you mean {os.path.relpath(beside)}?")
    guess = look_at(table)
    answers = ask(guess) if ask else Answers()
    where = os.path.relpath(table.resolve(), folder.resolve())
    text = _written(identifier, where, guess, answers, language)
    with contextlib.suppress(FileExistsError), file.open("x", encoding="utf-8") as made:
        made.write(text)
    return file


def _written(identifier: str, path: str, guess: Guess, answers: Answers, language: str) -> str:
    def text(value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    dimensions = ", ".join(map(text, guess.dimensions))
    if guess.ratio:
        above, below = guess.ratio
        name, measured = (
            f"{above} / {below}",
            f"  kind: share\n  numerator: {text(above)}\n  denominator: {text(below)}\n",
        )
    else:
        name = guess.value or ""
        kind = "mean" if guess.is_rate else "sum"
        measured = f"  kind: {kind}\n  value: {text(name)}\n"
    asked = (
        f"{_line('better', answers.better, 'higher or lower', must=True)}"
        f"{_line('target', answers.target, 'the figure to reach, such as 20%')}"
        "\n# A stage runs when its section is there; params/README.md has every field.\n"
        "trigger: {}\n"
        f"{'' if answers.launched else '# '}effect:\n"
        f"{_line('launched', answers.launched, 'the day on which the change went live')}"
    )
    order = f"      order: {guess.order}\n" if guess.order else ""
    if guess.asks_order:
        order = f"      order:  # {BLANK_MARK} day_first or month_first\n"
    if guess.decimal:
        order += f"    decimal: {text(guess.decimal)}\n"
    elif guess.asks_decimal:
        order += f'    decimal:  # {BLANK_MARK} "," or ".": what stands before the decimals\n'
    key = f"    key: [{', '.join(map(text, guess.key))}]\n" if guess.key else ""
    spoken = "" if language == "en" else f"  language: {language}\n"
    fill = f", and fill the blanks marked with {BLANK_MARK}" if BLANK_MARK in asked else ""
    return (
        "# yaml-language-server: $schema=project.schema.json\n"
        f"# A draft: look at every guess{fill}.\n"
        f"project:\n  id: {identifier}\n  title: {text(identifier)}\n{spoken}\n"
        f"data:\n  kpi:\n    path: {text(path)}\n"
        f"    period:\n      column: {text(guess.date)}\n      grain: {guess.grain}\n{order}"
        f"    dimensions: [{dimensions}]\n{key}\n"
        f"metric:  # the table's figures: {', '.join(map(text, guess.figures))}\n"
        f"  name: {text(name)}\n{measured}"
        f"{asked}"
    )


def _line(field: str, value: str, what: str, *, must: bool = False) -> str:
    """A line of a section: filled, or a blank that a person has to fill, or may."""
    if value:
        return f"  {field}: {value}\n"
    return f"{'' if must else '# '}  {field}:  # {BLANK_MARK} {what}\n"
