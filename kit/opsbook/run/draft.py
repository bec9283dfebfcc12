"""A params file drafted from a table: what can be seen is filled in, what cannot is a blank."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from opsbook.data.dates import AmbiguousDay, day
from opsbook.data.numbers import BLANK, number
from opsbook.data.rewrite import LINE, is_total
from opsbook.data.sources import Location, kind_of, open_source
from opsbook.data.sql import quoted, trimmed
from opsbook.errors import DataError, ParamsError
from opsbook.project.data import KpiTable, PeriodColumn
from opsbook.text import Grain

SAMPLE = 5_000
BLANK_MARK = "<<<"
#: So many of a column's cells must be dates, or numbers, for it to be one of dates or numbers.
MOSTLY = 0.9
#: A column with more different values than this is no dimension.
MOST_VALUES = 60
GRAINS: tuple[tuple[int, Grain], ...] = ((80, "quarter"), (27, "month"), (6, "week"), (0, "day"))
DATE_NAME = re.compile(r"date|day|week|month|time|period|日|周|月|期|时间", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a table's columns look like.

    Attributes:
        date: Column of the dates, and how long a period is.
        grain: How long a period is.
        ratio: Numerator and denominator, where one column never exceeds another.
        value: Column to add up, where there is no ratio.
        dimensions: Columns with few different words.
    """

    date: str
    grain: Grain
    ratio: tuple[str, str] | None
    value: str | None
    dimensions: tuple[str, ...]


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
    identifier: str, table: Path, folder: Path, ask: Callable[[Guess], Answers] | None = None
) -> Path:
    """Write a draft of a params file for a table.

    Args:
        identifier: The project's id; also the name of the file.
        table: The table.
        folder: The folder of the params files.
        ask: Asks a person for what the table cannot tell; blanks without it.

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
    guess = look_at(table)
    answers = ask(guess) if ask else Answers()
    where = os.path.relpath(table.resolve(), folder.resolve())
    text = _written(identifier, where, guess, answers)
    with contextlib.suppress(FileExistsError), file.open("x", encoding="utf-8") as made:
        made.write(text)
    return file


def look_at(table: Path) -> Guess:
    """Guess from a table's first rows which columns are dates, figures and dimensions.

    Raises:
        DataError: If the table cannot be read, or has no dates or no figures.
    """
    if not table.is_file():
        raise DataError(f"There is no table {table}.", "Check the name.")
    location = Location(name=table.name, kind=kind_of(table), files=(table,))
    options = KpiTable(path=table, period=PeriodColumn(column="date", grain="day"))
    with open_source(location, options, (), "rewritten") as source:
        names = [name for name in source.types if name != LINE]
        cells = ", ".join(trimmed(quoted(name)) for name in names)
        rows = source.connection.execute(f"SELECT {cells} FROM source LIMIT {SAMPLE}").fetchall()  # noqa: S608 - quoted
    rows = [row for row in rows if not any(cell and is_total(cell) for cell in row)]
    columns = {name: [row[i] or "" for row in rows] for i, name in enumerate(names)}
    dates = [name for name, texts in columns.items() if _is_mostly(texts, _dated(name))]
    if not dates:
        raise DataError(
            f"{table.name} has no column of dates.", "Bring a table with a date column."
        )
    figures = [
        name
        for name, texts in columns.items()
        if name not in dates and _is_mostly(texts, lambda text: number(text) is not None)
    ]
    if not figures:
        raise DataError(f"{table.name} has no column of figures.", "Bring a table with figures.")
    dimensions = tuple(
        name
        for name, texts in columns.items()
        if name not in {*dates, *figures} and 1 < len(set(texts)) <= min(MOST_VALUES, len(rows) / 2)
    )
    ratio = _ratio({name: columns[name] for name in figures})
    return Guess(
        date=dates[0],
        grain=_grain(columns[dates[0]]),
        ratio=ratio,
        value=None if ratio else figures[0],
        dimensions=dimensions,
    )


def _is_mostly(texts: Sequence[str], test: Callable[[str], bool]) -> bool:
    filled = [text for text in texts if text.lower() not in BLANK]
    return bool(filled) and sum(map(test, filled)) >= MOSTLY * len(filled)


def _dated(name: str) -> Callable[[str], bool]:
    """A test for dates; bare numbers are dates only in a column that is called so."""
    named = DATE_NAME.search(name) is not None

    def is_date(text: str) -> bool:
        try:
            found = day(text, "month") or day(text, "week")
        except AmbiguousDay:
            return True
        return found is not None and (named or found.how not in {"serial", "compact"})

    return is_date


def _grain(texts: Sequence[str]) -> Grain:
    """The length of a period: the usual distance of one day from the next."""
    days = set()
    for text in texts:
        with contextlib.suppress(AmbiguousDay):
            found = day(text, "month") or day(text, "week")
            if found is not None:
                days.add(found.day)
    ordered = sorted(days)
    steps = sorted((b - a).days for a, b in pairwise(ordered))
    usual = steps[len(steps) // 2] if steps else 1
    return next(grain for least, grain in GRAINS if usual >= least)


def _ratio(figures: dict[str, list[str]]) -> tuple[str, str] | None:
    """Two columns of whole numbers of which one is never larger than the other."""
    values = {}
    for name, texts in figures.items():
        read = [None if (found := number(text)) is None else found.value for text in texts]
        known = [value for value in read if value is not None]
        if all(value >= 0 and value.is_integer() for value in known) and max(known) > 1:
            values[name] = read
    for below, larger in sorted(values.items(), key=lambda item: -sum(v or 0 for v in item[1])):
        for above, smaller in values.items():
            pairs = zip(smaller, larger, strict=True)
            fit = [a <= b for a, b in pairs if a is not None and b is not None]
            if above != below and fit and all(fit):
                return above, below
    return None


def _written(identifier: str, path: str, guess: Guess, answers: Answers) -> str:
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
        measured = f"  kind: sum\n  value: {text(name)}\n"
    asked = (
        f"{_line('better', answers.better, 'higher or lower', must=True)}"
        f"{_line('target', answers.target, 'the figure to reach, such as 20%')}"
        "\n# A stage runs when its section is there; params/README.md has every field.\n"
        "trigger: {}\n"
        f"{'' if answers.launched else '# '}effect:\n"
        f"{_line('launched', answers.launched, 'the day on which the change went live')}"
    )
    fill = f", and fill the blanks marked with {BLANK_MARK}" if BLANK_MARK in asked else ""
    return (
        "# yaml-language-server: $schema=project.schema.json\n"
        f"# A draft: look at every guess{fill}.\n"
        f"project:\n  id: {identifier}\n  title: {text(identifier)}\n\n"
        f"data:\n  kpi:\n    path: {text(path)}\n"
        f"    period: {{ column: {text(guess.date)}, grain: {guess.grain} }}\n"
        f"    dimensions: [{dimensions}]\n\n"
        f"metric:\n  name: {text(name)}\n{measured}"
        f"{asked}"
    )


def _line(field: str, value: str, what: str, *, must: bool = False) -> str:
    """A line of a section: filled, or a blank that a person has to fill, or may."""
    if value:
        return f"  {field}: {value}\n"
    return f"{'' if must else '# '}  {field}:  # {BLANK_MARK} {what}\n"
