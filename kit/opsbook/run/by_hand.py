"""What somebody has changed in a project's outputs is kept when the stage has to run anew."""

from __future__ import annotations

import filecmp
import itertools
from collections.abc import Iterable
from pathlib import Path

from opsbook.results.saved import write_whole


def set_aside(folder: Path, names: Iterable[str]) -> list[str]:
    """Copy files that were changed by hand, so that a run may replace them.

    Args:
        folder: The project's output folder.
        names: The files.

    Returns:
        The names of the copies: ``1_trigger.by_hand.ipynb`` for ``1_trigger.ipynb``, then
        ``1_trigger.by_hand_2.ipynb``.
    """
    return [copy_of(folder / name, folder).name for name in names]


def copy_of(path: Path, folder: Path) -> Path:
    """Copy a file into a folder under a name that is free, unless the same is there already."""
    for number in itertools.count(1):
        suffix = "" if number == 1 else f"_{number}"
        copy = folder / f"{path.stem}.by_hand{suffix}{path.suffix}"
        if not copy.exists():
            write_whole(copy, path.read_bytes())
        elif not filecmp.cmp(path, copy, shallow=False):
            continue
        return copy
    raise AssertionError
