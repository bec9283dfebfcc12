"""A project's outputs go to the store; a store that fails costs no result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from opsbook.errors import OpsbookError
from opsbook.results.saved import write_whole
from opsbook.run.cache import RUN, saved_run
from opsbook.run.record import ProjectRun
from opsbook.run.store import Store


def sent(
    store: Store, folder: Path, run: ProjectRun, redact: Callable[[str], str] = str
) -> ProjectRun:
    """Send a project's outputs, while its lock is held.

    Args:
        store: Where to.
        folder: The project's output folder.
        run: What was done.
        redact: Takes secrets out of a text.

    Returns:
        What was done, and what kept the outputs from the store: run.json says so too, and the
        next run sends them.
    """
    _record(folder, None)  # so that what is sent does not say that it could not be
    try:
        store.send(folder)
    except OpsbookError as error:
        fault = redact(str(error))
        _record(folder, fault)
        return run.model_copy(update={"store_failure": fault})
    return run.model_copy(update={"store_failure": None})


def not_in_step(folder: Path, run: ProjectRun, fault: str) -> ProjectRun:
    """What was done, where nothing could be brought from the store: then nothing is sent."""
    _record(folder, fault)
    return run.model_copy(update={"store_failure": fault})


def _record(folder: Path, fault: str | None) -> None:
    saved = saved_run(folder)
    if saved is not None and saved.store_failure != fault:
        kept = saved.model_copy(update={"store_failure": fault})
        write_whole(folder / RUN, kept.model_dump_json(indent=1) + "\n")
