"""The second line for secrets: their values are taken out of what a run writes down."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from opsbook.run.contents import secrets_named

#: A shorter value would be found in words that are no secret.
SHORTEST = 4


def redactor(params: Any, environment: Mapping[str, str] = os.environ) -> Callable[[str], str]:
    """What takes the values of ``env:NAME`` out of a text, and the passwords in them.

    Args:
        params: The checked params, as a mapping.
        environment: Where the names have their values.

    Examples:
        >>> clean = redactor({"connection": "env:DB"}, {"DB": "postgresql://me:pa%21ss@host/db"})
        >>> clean("no route to postgresql://me:pa%21ss@host/db; wrong password pa!ss")
        'no route to env:DB; wrong password env:DB'
    """
    found: dict[str, str] = {}
    for name in secrets_named(params):
        value = environment.get(name, "")
        found |= dict.fromkeys((value, *_passwords(value)), f"env:{name}")
    values = sorted((v for v in found if len(v) >= SHORTEST), key=len, reverse=True)

    def clean(text: str) -> str:
        for value in values:
            text = text.replace(value, found[value])
        return text

    return clean


def redact_notebook(notebook: Any, clean: Callable[[str], str]) -> None:
    """Take secrets out of the outputs of a notebook's cells, in place."""
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = _cleaned(cell.outputs, clean)


def _passwords(value: str) -> tuple[str, ...]:
    try:
        password = urlsplit(value).password or ""
    except ValueError:
        return ()
    return (password, unquote(password))


def _cleaned(value: Any, clean: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        for name in value:
            value[name] = _cleaned(value[name], clean)
        return value
    if isinstance(value, list):
        return [_cleaned(part, clean) for part in value]
    return value
