"""The names of options, criteria, tasks and raters: each once, and each known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from opsbook.errors import DataError


def unique_names(kind: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return the names as given, or say which are blank or stand there twice.

    Args:
        kind: What the names name, for the error: ``option``, ``criterion``, ``task``.
        names: The names, in the order to keep.

    Returns:
        The same names.

    Raises:
        DataError: If there is no name, a blank one, or one twice.

    Examples:
        >>> unique_names("option", ["Chatbot", "Self-service"])
        ('Chatbot', 'Self-service')
    """
    kept = tuple(names)
    if not kept:
        raise DataError(f"There is no {kind}.", f"Give at least one {kind}.")
    if any(not name.strip() for name in kept):
        place = next(i for i, name in enumerate(kept, start=1) if not name.strip())
        raise DataError(f"The {kind} at place {place} has a blank name.", f"Name every {kind}.")
    twice = [f"'{name}' {count} times" for name, count in Counter(kept).items() if count > 1]
    if twice:
        raise DataError(
            f"A {kind} may be named once; found {', '.join(twice)}.",
            f"Rename or remove the second {kind}.",
        )
    return kept


def check_known(kind: str, names: Iterable[str], known: Sequence[str], where: str) -> None:
    """Refuse names that nobody declared, and list those that were.

    Args:
        kind: What the names name, for the error.
        names: The names to check.
        known: The declared names.
        where: Where the names were met, for the error: ``the weights``.

    Raises:
        DataError: If a name is not among the known ones.

    Examples:
        >>> check_known("criterion", ["cost"], ["cost", "risk"], "the weights")
    """
    unknown = [f"'{name}'" for name in names if name not in known]
    if unknown:
        raise DataError(
            f"Unknown {kind} in {where}: {', '.join(unknown)}.",
            f"Choose from: {', '.join(known)}; or declare it first.",
        )
