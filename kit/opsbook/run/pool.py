"""The processes of a batch: what they have imported at their start, and when they end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver

from opsbook.run.kernels.private_folder import refusal_to_fork

#: Imported once, in the process that the others are forked from.
PRELOADED = ("opsbook.run.engine", "nbconvert.exporters.html", "opsbook.report")


@contextmanager
def processes(number: int, *modules: str) -> Iterator[ProcessPoolExecutor]:
    """Processes side by side; where the block is left by an error, they end at once.

    Args:
        number: How many.
        modules: What their work is in, imported before.
    """
    # Never fork from here: this process has started threads, which a fork would leave half alive.
    context = multiprocessing.get_context("spawn" if refusal_to_fork() else "forkserver")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([*PRELOADED, *modules])
        with _interrupts_ignored():  # which the process inherits
            forkserver.ensure_running()
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(number, context, _begin, (dict(os.environ),)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


def _begin(environment: Mapping[str, str]) -> None:
    """Take the run's environment; leave interrupts to the run, and end when it does."""
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, lambda *_: None)
    threading.Thread(target=_end_with_the_run, daemon=True).start()


def _end_with_the_run() -> None:
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        os._exit(1)
