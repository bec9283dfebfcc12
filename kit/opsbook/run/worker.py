"""A process of a batch: what it has imported before its first project, and when it ends."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Mapping

#: Imported once, in the process that the others are forked from.
PRELOADED = ("opsbook.run.engine", "nbconvert.exporters.html")


def begin(environment: Mapping[str, str]) -> None:
    """Take the run's environment, and end when the run does, even if that is killed."""
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        os._exit(1)
