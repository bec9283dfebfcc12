"""The second line for secrets: their values are taken out of what a run writes down."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from opsbook.results.saved import write_whole
from opsbook.run.contents import secrets_named

#: A shorter value would be found in words that are no secret.
SHORTEST = 4
#: Endings of the files that a notebook saves.
SAVED = {".json", ".csv", ".yaml", ".ipynb", ".txt", ".md"}


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
        for secret in (value, *_passwords(value)):
            if len(secret) >= SHORTEST:
                found |= dict.fromkeys(_spellings(secret), f"env:{name}")
    values = sorted(found, key=len, reverse=True)
    if not values:
        return str

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


def redact_files(folder: Path, clean: Callable[[str], str]) -> None:
    """Take secrets out of what a notebook has saved: results, tables, params for the next task."""
    if clean is str:
        return
    for path in folder.iterdir():
        if path.suffix in SAVED and path.is_file():  # a pipe would never end
            text = path.read_text(encoding="utf-8", errors="surrogateescape")
            if (cleaned := clean(text)) != text:
                write_whole(path, cleaned.encode(errors="surrogateescape"))


def _spellings(secret: str) -> set[str]:
    """A secret as it is, and as JSON and HTML write it."""
    quoted = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    return {secret, *quoted, html.escape(secret), html.escape(secret, quote=False)}


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
