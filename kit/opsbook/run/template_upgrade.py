"""The kit's newer notebooks are brought into a workspace; what a user changed is merged, kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opsbook.errors import RunError
from opsbook.results import STAGES
from opsbook.results.saved import file_name, write_whole
from opsbook.run.by_hand import copy_of
from opsbook.run.jupyter import import_jupyter
from opsbook.run.template_drift import newer_in_kit
from opsbook.run.template_text import stripped, written
from opsbook.run.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Upgraded:
    """One notebook that was brought up to date.

    Attributes:
        template: The notebook's file.
        conflicts: Cells that both sides changed; both stand in the cell, between marks.
        kept: The user's own notebook as it was; None if the user had changed nothing.
    """

    template: str
    conflicts: int = 0
    kept: Path | None = None

    def __str__(self) -> str:
        if self.kept is None:
            return f"templates/{self.template}: replaced by the kit's"
        told = f"templates/{self.template}: merged with your changes; yours is kept as {self.kept}"
        if self.conflicts:
            told += f"; {self.conflicts} conflicts, marked <<<<<<< and >>>>>>>, are for you"
        return told


def upgrade(workspace: Workspace) -> Iterator[Upgraded]:
    """Bring every notebook of the kit that is newer into the workspace.

    Raises:
        RunError: If the workspace was not made by `init`, or nbdime is needed and missing.
    """
    if not workspace.templates_as_shipped.is_dir():
        raise RunError(
            f"{workspace.root} does not know which notebooks it began with.",
            "Only a workspace made by 'opsbook init' can be upgraded.",
        )
    for stage in STAGES:
        name = file_name(stage, ".ipynb")
        newer = newer_in_kit(workspace, name)
        if newer is not None:
            yield _brought(workspace, name, newer)


def _brought(workspace: Workspace, name: str, newer: str) -> Upgraded:
    own, brought = workspace.templates / name, workspace.templates_as_shipped / name
    before = brought.read_text(encoding="utf-8")
    mine = own.read_text(encoding="utf-8") if own.is_file() else before
    if stripped(mine) == stripped(before):
        write_whole(own, newer)
        write_whole(brought, newer)
        return Upgraded(template=name)
    merged, conflicts = merge(before, stripped(mine), newer)
    kept = copy_of(own, workspace.templates_before)
    write_whole(own, merged)
    write_whole(brought, newer)
    return Upgraded(template=name, conflicts=conflicts, kept=kept.relative_to(workspace.root))


def merge(before: str, mine: str, newer: str) -> tuple[str, int]:
    """Merge two versions of a notebook that come from one, cell by cell.

    Args:
        before: The notebook that both come from.
        mine: The user's.
        newer: The kit's.

    Returns:
        The merged notebook, and how many conflicts it holds.

    Raises:
        RunError: If nbdime is not installed.
    """
    try:
        notebooks = import_jupyter("nbdime.merging.notebooks")
    except ImportError:
        raise RunError(
            "You have changed notebooks of which the kit's are newer; to merge them takes nbdime.",
            "pip install 'opsbook[merge]'",
        ) from None
    sides: list[Any] = [_read(text) for text in (before, mine, newer)]
    merged, decisions = notebooks.merge_notebooks(*sides)
    merged.metadata.pop("nbdime-conflicts", None)
    return written(json.loads(import_jupyter("nbformat").writes(merged))), sum(
        bool(decision.conflict) for decision in decisions
    )


def _read(text: str) -> Any:
    return import_jupyter("nbformat").reads(text, as_version=4)
