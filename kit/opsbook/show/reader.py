"""The language of whoever reads what is shown; set once, when a notebook opens its stage."""

from __future__ import annotations

from contextvars import ContextVar

from opsbook.text import Language

_language: ContextVar[str] = ContextVar("language", default="en")


def speak(language: str) -> None:
    """Show everything from now on in this language.

    Raises:
        ValueError: If there is no such language.
    """
    _language.set(Language(language).code)


def reader() -> Language:
    """The language to show things in."""
    return Language(_language.get())
