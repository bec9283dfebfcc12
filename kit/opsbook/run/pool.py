"""Work side by side in processes of this machine; the death of one costs no other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import connection, forkserver
from typing import Any, TypeVar

from opsbook.errors import RunError
from opsbook.run.kernels.private_folder import refusal_to_fork

#: Imported once, in the process that the others are forked from.
PRELOADED = ("opsbook.run.engine", "nbconvert.exporters.html", "opsbook.data", "opsbook.report")
#: How often work is done again whose process was lost.
RETRIES = 1
#: A process that is asked to end does so within this many seconds, or is killed.
PATIENCE = 10.0
T = TypeVar("T")
R = TypeVar("R")


class LostError(RunError):
    """A process ended in the middle of its work."""


def side_by_side(
    work: Callable[[T], R], items: Sequence[T], number: int, *modules: str
) -> Generator[tuple[T, R | LostError]]:
    """Do some work for each item in processes, and give each outcome as it comes.

    Where a process is lost, another one does its work again, once. Where the generator is closed,
    or an interrupt reaches it, the processes are interrupted: each cleans up and ends.

    Args:
        work: What to do; it, the items and what it returns go from process to process.
        items: What to do it for.
        number: How many processes.
        modules: What the work is in, imported before.
    """
    context = prepared_processes(modules)
    left = [(item, 0) for item in reversed(items)]
    idle: list[_Worker] = []
    busy: dict[Any, tuple[_Worker, T, int]] = {}
    try:
        while left or busy:
            while left and len(busy) < number:
                worker = idle.pop() if idle else _Worker(context, work)
                item, losses = left.pop()
                busy[worker.connection] = (worker, item, losses)
                worker.give(item)
            for ready in connection.wait(list(busy)):
                worker, item, losses = busy.pop(ready)
                try:
                    outcome = worker.take()
                except (EOFError, OSError):
                    status = worker.end()
                    if losses < RETRIES:
                        left.append((item, losses + 1))
                        continue
                    yield item, _lost(status)
                else:
                    idle.append(worker)
                    yield item, outcome
    finally:
        for worker, _, _ in busy.values():
            worker.interrupt()
        for worker in (*idle, *(worker for worker, _, _ in busy.values())):
            worker.end()


def in_a_process(work: Callable[[T], R], item: T) -> R | LostError:
    """Do one piece of work in another process, so that this one stays small."""
    ((_, outcome),) = side_by_side(work, [item], 1)
    return outcome


class _Worker:
    """A process that does one piece of work after the other."""

    def __init__(self, context: Any, work: Callable[[Any], Any]) -> None:
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, work, dict(os.environ)))
        self._process.start()
        theirs.close()

    def give(self, item: object) -> None:
        try:
            self.connection.send(item)
        except OSError:
            return  # it is lost, which is told where its answer is waited for

    def take(self) -> Any:
        return self.connection.recv()

    def interrupt(self) -> None:
        self._process.terminate()

    def end(self) -> int | None:
        """See the process gone; its exit status."""
        self.connection.close()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        status: int | None = self._process.exitcode
        return status


def _serve(work_for: Any, work: Callable[[Any], Any], environment: Mapping[str, str]) -> None:
    """Work until nothing more comes; leave interrupts to the run, and end when it does."""
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    try:
        while True:
            work_for.send(work(work_for.recv()))
    except EOFError:
        return
    except (KeyboardInterrupt, BrokenPipeError):
        os._exit(1)  # quietly: what asyncio was in the middle of is of no interest any more


def _end_with_the_run() -> None:
    run = multiprocessing.parent_process()
    if run is not None:
        run.join()
        os._exit(1)


def prepared_processes(modules: Sequence[str]) -> Any:
    """How processes are started here: from one that has imported what the work needs."""
    # Never fork from here: this process has started threads, which a fork would leave half alive.
    context = multiprocessing.get_context("spawn" if refusal_to_fork() else "forkserver")
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([*PRELOADED, *modules])
        with _interrupts_ignored():  # which the process inherits
            forkserver.ensure_running()
    return context


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


def _lost(status: int | None) -> LostError:
    name = signal.Signals(-status).name if status is not None and status < 0 else f"{status}"
    return LostError(
        f"The process that ran it ended twice ({name}).",
        "Where the machine ran out of memory, run fewer projects side by side (-j).",
    )
