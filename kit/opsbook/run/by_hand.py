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
    return [_copy(folder / name) for name in names]


def _copy(path: Path) -> str:
    for number in itertools.count(1):
        suffix = "" if number == 1 else f"_{number}"
        copy = path.with_name(f"{path.stem}.by_hand{suffix}{path.suffix}")
        if not copy.exists():
            write_whole(copy, path.read_bytes())
        elif not filecmp.cmp(path, copy, shallow=False):
            continue
        return copy.name
    raise AssertionError
