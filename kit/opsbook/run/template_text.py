"""A template's text: its prose in a language, without anything that running it leaves behind."""

from __future__ import annotations

import json
from typing import Any

from opsbook.text import LANGUAGES, Language

Notebook = dict[str, Any]


def in_language(text: str, language: str) -> str:
    """A notebook file with the kit's own prose in a language; other prose stays as it is.

    Args:
        text: The file, its prose in any of the languages.
        language: ``en`` or ``zh``.
    """
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = lines(prose(source(cell), language))
    return written(notebook)


def language_of(notebook: Notebook) -> str:
    """The language of a template's prose, told by its first cell; English if it is nobody's."""
    first = next((source(c) for c in notebook["cells"] if c["cell_type"] == "markdown"), "")
    known = (code for code in LANGUAGES if Language(code).message(first) != first)
    return next(known, "en")


def prose(text: str, language: str) -> str:
    """A prose cell of the kit's own in a language; any other text as it is."""
    for code in LANGUAGES:
        text = Language(code).message(text)
    return Language(language).text(text)


def stripped(text: str) -> str:
    """A notebook file as it is stored: no outputs, no counts, nothing of the last kernel.

    Cells, their order and their tags stay. A file that is no notebook stays as it is.
    """
    try:
        notebook = json.loads(text)
        for cell in notebook["cells"]:
            strip_cell(cell)
    except (ValueError, KeyError, TypeError):
        return text
    strip_metadata(notebook)
    return written(notebook)


def strip_cell(cell: Any) -> None:
    """Take out of a cell what running it leaves behind."""
    if cell["cell_type"] == "code":
        cell["outputs"] = []
        cell["execution_count"] = None
    for name in ("execution", "collapsed", "jupyter", "trusted", "papermill"):
        cell["metadata"].pop(name, None)


def strip_metadata(notebook: Any) -> None:
    """Take out of a notebook what the last kernel and other tools wrote into its metadata."""
    metadata = notebook.setdefault("metadata", {})
    for name in ("widgets", "papermill", "signature"):
        metadata.pop(name, None)
    if "language_info" in metadata:
        metadata["language_info"] = {"name": metadata["language_info"].get("name", "python")}


def source(cell: Notebook) -> str:
    """A cell's text; a file may hold it as a list of lines."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def lines(text: str) -> list[str]:
    """A cell's text as a file holds it."""
    return text.splitlines(keepends=True)


def written(notebook: Notebook) -> str:
    """A notebook as Jupyter writes it."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
