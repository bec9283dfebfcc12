"""Six executed notebooks become one: the stages in order, their plumbing at the end."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opsbook.errors import RunError
from opsbook.report.calls import shown_calls
from opsbook.report.folded import empty_sections
from opsbook.results import STAGES, Stage
from opsbook.results.saved import file_name
from opsbook.run.jupyter import import_jupyter

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: Where a merged cell's own facts stand in its metadata.
OURS = "opsbook"
PARAMETERS = frozenset(("parameters", "injected-parameters"))
PAPERMILL_ERRORS = frozenset(("papermill-error-cell-tag",))
PLUMBING = "parameters"
UNREADABLE = (AttributeError, KeyError, TypeError, UnicodeDecodeError)
TITLE = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|\Z)")
FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
SUBTITLE = re.compile(r"^##[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
MARKS = re.compile(r"[*`]|(?<!\w)_|_(?!\w)|\[([^\]]*)\]\([^)]*\)")


def read_notebooks(folder: Path) -> dict[Stage, dict[str, Any]]:
    """Read the executed notebooks of a project; the stages that have none are left out.

    Raises:
        RunError: If a file is there and is no notebook.
    """
    nbformat = import_jupyter("nbformat")
    found: dict[Stage, dict[str, Any]] = {}
    for stage in STAGES:
        path = folder / file_name(stage, ".ipynb")
        if not path.is_file():
            continue
        try:
            found[stage] = nbformat.read(path, as_version=4)
        except (nbformat.reader.NotJSONError, nbformat.ValidationError, *UNREADABLE) as error:
            raise RunError(
                f"{path} is no notebook ({type(error).__name__}).", "Run the project again."
            ) from None
    return found


def merge(notebooks: Mapping[Stage, Mapping[str, Any]], stages: Iterable[Stage]) -> NotebookNode:
    """Merge notebooks into one, a section per stage and their parameters last.

    Every cell's id gets its stage as prefix. Its metadata say, under `OURS`, which section it
    is in, which functions of `opsbook.show` it shows, whether it opens or closes its section,
    whether it stands in a fold of empty sections, and its number, which is short enough to
    stand before every id of its output. A stage without notebook is one empty cell. A
    notebook's title (its first H1) moves into the metadata of the cell that opens its section.

    Args:
        notebooks: Executed notebooks by stage.
        stages: Sections of the report, in order.
    """
    v4 = import_jupyter("nbformat.v4")
    merged: NotebookNode = v4.new_notebook()
    plumbing: list[NotebookNode] = []
    metadata: dict[str, Any] = {}
    for stage in stages:
        notebook = notebooks.get(stage)
        section: list[NotebookNode] = []
        if notebook is not None:
            metadata = metadata or dict(notebook.get("metadata", {}))
            for cell in _cells(notebook, stage):
                (plumbing if _tags(cell) & PARAMETERS else section).append(cell)
            _fold(section)
        merged.cells += _framed(section or [_blank(stage)], stage, _title(notebook))
    merged.cells += _framed(plumbing or [_blank(PLUMBING)], PLUMBING, "")
    for number, cell in enumerate(merged.cells):
        cell["metadata"][OURS]["number"] = number
    merged.metadata["language_info"] = metadata.get("language_info", {"name": "python"})
    return merged


def _fold(cells: list[NotebookNode]) -> None:
    """Mark the cells of empty sections; the first of a stretch tells the titles of all."""
    for stretch in empty_sections(cells):
        folded = [cells[position] for position in stretch]
        titles = [title for cell in folded for title in subtitles(cell)]
        for cell in folded:
            cell["metadata"][OURS] |= {"folded": True}
        folded[0]["metadata"][OURS] |= {"fold_opens": titles}
        folded[-1]["metadata"][OURS] |= {"fold_closes": True}


def subtitles(cell: Mapping[str, Any]) -> list[str]:
    """The second-level headings of a Markdown cell, without their marks.

    Examples:
        >>> subtitles({"cell_type": "markdown", "source": "## Did it *work*?"})
        ['Did it work?']
    """
    if not _is_prose(cell):
        return []
    source = FENCED.sub("", cell["source"])
    return [_plain(title) for title in SUBTITLE.findall(source)]


def _is_prose(cell: Mapping[str, Any]) -> bool:
    return cell["cell_type"] == "markdown" and not _tags(cell) & PAPERMILL_ERRORS


def _plain(title: str) -> str:
    return MARKS.sub(lambda mark: mark[1] or "", title)


def _cells(notebook: Mapping[str, Any], stage: Stage) -> list[NotebookNode]:
    """Copies of a notebook's cells, without its title and without papermill's own remarks."""
    kept, titled = [], False
    for position, original in enumerate(notebook["cells"]):
        if _tags(original) & PAPERMILL_ERRORS:
            continue
        cell = copy.deepcopy(original)
        cell["id"] = f"{stage}-{cell.get('id', position)}"
        if not titled and cell["cell_type"] == "markdown":
            cell["source"], found = TITLE.subn("", cell["source"], count=1)
            titled = bool(found)
            if not cell["source"].strip():
                continue
        calls = shown_calls(cell["source"]) if cell["cell_type"] == "code" else []
        cell["metadata"][OURS] = {
            **cell["metadata"].get(OURS, {}),
            "stage": stage,
            "calls": calls,
        }
        kept.append(cell)
    return kept


def _title(notebook: Mapping[str, Any] | None) -> str:
    """The first H1 of a notebook, without its marks."""
    sources = (c["source"] for c in (notebook or {"cells": ()})["cells"] if _is_prose(c))
    found = next(filter(None, map(TITLE.match, sources)), None)
    return _plain(found[1]) if found else ""


def _framed(cells: list[NotebookNode], section: str, title: str) -> list[NotebookNode]:
    for position, cell in enumerate(cells):
        cell["metadata"][OURS] = {
            **cell["metadata"].get(OURS, {}),
            "section": section,
            "title": title,
            "opens": position == 0,
            "closes": position == len(cells) - 1,
        }
    return cells


def _blank(section: str) -> NotebookNode:
    cell: NotebookNode = import_jupyter("nbformat.v4").new_markdown_cell("", id=section)
    return cell


def _tags(cell: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(cell.get("metadata", {}).get("tags", ()))
