"""Warm kernels behave as ordinary ones do, are told apart when they die, and leave nothing."""

import asyncio
import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from opsbook.errors import RunError
from opsbook.run.engine import DeadKernelError, DeadlineError, papermill, run_papermill
from opsbook.run.jupyter import import_jupyter
from opsbook.run.kernels import private_folder
from opsbook.run.kernels.private_folder import COLD, KERNEL, kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import plan
from opsbook.run.project_run import run_project
from opsbook.run.workspace import init_workspace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
nbformat = import_jupyter("nbformat")
PYTHON = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
PATIENCE = 240  #: Seconds in which a kernel answers on a machine that has much else to do.
CHANGING = re.compile(r"0x[0-9a-f]+|(ipykernel_|opsbook-)\w+")

# One cell per way in which a kernel could differ from an ordinary one, and what it has to show.
BEHAVIOURS = {
    "import os, sys, signal, threading; import matplotlib.pyplot as plt; import numpy as np": "",
    "import pandas as pd; pd.DataFrame(np.arange(60).reshape(2, 30))": r"\.\.\.",  # 20 columns
    "plt.get_fignums(), plt.rcParams['backend'], plt.isinteractive()": "inline",
    "plt.plot([1, 3, 2]);": "image/png",
    "os.getcwd(), sys.argv[1:2], sys.path, sys.stdin.read()": "at",
    "'OPENBLAS_NUM_THREADS' in os.environ, sorted(os.environ)": "True",
    "os.environ['JPY_PARENT_PID'] == str(os.getppid())": "True",
    "[signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]": "SIG_DFL",
    "sorted(type(thread).__name__ for thread in threading.enumerate())": "Heartbeat",
    "os.getsid(0) == os.getpid(), __name__, In[1][:9]": "True, '__main__', 'import os'",
    "1 / 0": "ZeroDivisionError",
    "np.linalg.solve(np.eye(300) * 2, np.ones(300)).sum()": "150.0",
    "import duckdb; duckdb.sql('select sum(range) from range(1000000)').fetchall()": "499999500000",
    "duckdb.sql(\"copy (select 7 as a) to 'a.parquet'\")": "",
    "duckdb.sql(\"from 'a.parquet'\").df()": "7",
    "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool:\n"
    "    numbers = pool.map(abs, [-1, 2])\nnumbers": r"\[1, 2\]",
    "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(2) as pool:\n"
    "    numbers = list(pool.map(abs, [-3, 4]))\nnumbers": r"\[3, 4\]",
    "import asyncio; await asyncio.sleep(0.01, 'awaited')": "awaited",
    "!echo from a shell": "from a shell",
    "input('name? ')": "StdinNotImplementedError",
    "handle = display('first', display_id='one'); handle.update('second')": "second",
    "import warnings; warnings.warn('beware'); print('to stderr', file=sys.stderr)": "beware",
    "import logging; logging.warning('logged')": "logged",
    "undefined_name": "NameError",
    "sys.exit(0)": "SystemExit",
}


@pytest.fixture(scope="module")
def warm():
    with kernel_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def cold():
    made = kernel_folder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(COLD, "1")
        patch.setattr(private_folder, "PROMPT", ())  # as ipykernel has it
        folder = made.__enter__()
    yield folder
    made.__exit__(None, None, None)


def notebook(folder: Path, cells: Iterable[str]) -> Path:
    """A notebook that goes on after a cell's error."""
    book = nbformat.v4.new_notebook(metadata=PYTHON)
    tags = {"tags": ["raises-exception"]}
    book.cells = [nbformat.v4.new_code_cell(source, metadata=tags) for source in cells]
    draft = folder / "draft.ipynb"
    nbformat.write(book, draft)
    return draft


def run(folder: Path, kernels: Path, *cells: str, cell_seconds: int | None = None) -> Any:
    """Run cells; the executed ones."""
    folder.mkdir(exist_ok=True)
    with contextlib.suppress(papermill.PapermillExecutionError):  # where an error is meant
        run_papermill(
            notebook(folder, cells),
            ended=lambda book: nbformat.write(book, folder / "executed.ipynb"),
            parameters={},
            cwd=folder,
            kernels=kernels,
            options=RunOptions(cell_seconds=cell_seconds),
        )
    return nbformat.read(folder / "executed.ipynb", as_version=4)


def code(book: Any) -> list[Any]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def value(cell: Any) -> str:
    return str(cell.outputs[0].data["text/plain"])


def settled(outputs: Any) -> str:
    """Outputs without what differs between two runs of the same kernel."""
    return CHANGING.sub("", json.dumps(outputs, indent=1, sort_keys=True))


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped or not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def wait_until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_warm_kernel_does_cell_by_cell_what_an_ordinary_one_does(warm, cold, tmp_path):
    pairs = [code(run(tmp_path / "at", kernels, *BEHAVIOURS)) for kernels in (warm, cold)]
    for ours, ordinary, expected in zip(*pairs, BEHAVIOURS.values(), strict=True):
        assert settled(ours.outputs) == settled(ordinary.outputs), ours.source
        assert re.search(expected, settled(ours.outputs)), ours.source
        assert ours.execution_count == ordinary.execution_count


def test_the_templates_give_what_they_give_in_an_ordinary_kernel(outputs, cold, tmp_path):
    workspace = init_workspace(tmp_path)
    (job,) = plan(workspace, [workspace.params / "clinic_deaths.yaml"])
    assert not run_project(job, lambda job, _runs: job.folder, cold).failed
    ours, ordinary = (
        {book.name: nbformat.read(book, as_version=4) for book in sorted(folder.glob("*.ipynb"))}
        for folder in (outputs / "clinic_deaths", job.folder)
    )
    assert len(ours) >= 4
    assert ours.keys() == ordinary.keys()
    for name, book in ours.items():
        assert book.metadata.kernelspec == ordinary[name].metadata.kernelspec
        for one, other in zip(code(book), code(ordinary[name]), strict=True):
            assert settled(one.outputs) == settled(other.outputs), one.source


def test_every_kernel_has_random_numbers_of_its_own(warm, tmp_path):
    source = "import random, numpy as np; random.random(), np.random.rand()"
    first, second = (value(code(run(tmp_path, warm, source))[0]) for _ in range(2))
    assert not set(first.strip("()").split(", ")) & set(second.strip("()").split(", "))


def test_the_executed_notebook_names_the_kernel_that_jupyterlab_has(warm, tmp_path):
    assert run(tmp_path, warm, "1").metadata.kernelspec.name == "python3"


def test_nothing_is_said_on_the_terminal_and_no_file_is_left(warm, tmp_path, capfd):
    run(tmp_path, warm, "print('shown')")
    assert capfd.readouterr() == ("", "")
    assert sorted(file.name for file in warm.iterdir()) == ["kernels", "server", "tmp"]


@pytest.mark.parametrize("kind", ["warm", "cold"])
def test_what_its_processes_write_is_in_the_notebook_and_not_on_the_terminal(
    request, kind, tmp_path, capfd, monkeypatch
):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")  # with it ipykernel lets its processes' words go
    source = "!echo said\nimport os, subprocess; subprocess.run(['sh', '-c', 'echo warned >&2'])"
    (cell,) = code(run(tmp_path, request.getfixturevalue(kind), source))
    assert "said" in str(cell.outputs)
    assert "warned" in str(cell.outputs)
    assert capfd.readouterr() == ("", "")


def test_what_a_killed_kernel_leaves_in_its_temporary_folder_goes_with_the_run(tmp_path):
    source = "import os, tempfile; left = tempfile.mkdtemp(); open('left', 'w').write(left); "
    with kernel_folder() as folder:
        with pytest.raises(DeadKernelError):
            run(tmp_path / "at", folder, f"{source}os.kill(os.getpid(), 9)")
        left = Path((tmp_path / "at" / "left").read_text())
        assert left.is_dir()
    assert not left.exists()


def test_the_folder_is_private(warm):
    assert warm.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("import os; os._exit(3)", "ended with exit status 3"),
        ("import ctypes; ctypes.string_at(0)", r"crashed \(SIGSEGV\)"),
        ("import os; os.kill(os.getpid(), 9)", r"killed \(SIGKILL\), .* out of memory"),
    ],
)
def test_a_death_is_told_with_its_cause_and_what_ran_is_kept(warm, tmp_path, ending, told):
    with pytest.raises(DeadKernelError, match=told):
        run(tmp_path, warm, "'before'", ending, "'after'")
    before, last, after = code(nbformat.read(tmp_path / "executed.ipynb", as_version=4))
    assert value(before) == "'before'"
    assert last.metadata.papermill.start_time
    assert not after.metadata.papermill.start_time


def test_a_kernel_without_memory_says_so(warm, tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30))"
    cells = code(run(tmp_path, warm, limit, "import numpy; numpy.ones(2**30)"))
    assert cells[1].outputs[0].ename == "MemoryError"


def test_a_cell_that_takes_too_long_is_stopped_with_its_processes(warm, tmp_path):
    start = "import os, subprocess; os.getpid(), subprocess.Popen(['sleep', '9999']).pid"
    with pytest.raises(DeadlineError, match="The cell took longer than 2 s"):
        run(tmp_path, warm, start, "while True: pass", cell_seconds=2)
    first = code(nbformat.read(tmp_path / "executed.ipynb", as_version=4))[0]
    assert all(gone(int(pid)) for pid in value(first).strip("()").split(", "))


def test_twelve_kernels_side_by_side_all_answer(warm, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(warm))
    manager = import_jupyter("jupyter_client.manager")

    async def ask(number: int) -> str:
        kernel, client = await manager.start_new_async_kernel(PATIENCE, KERNEL)
        try:
            heard: list[str] = []
            await client.execute_interactive(
                f"print({number} ** 2)",
                timeout=PATIENCE,
                output_hook=lambda message: heard.append(message["content"].get("text", "")),
            )
            return "".join(heard)
        finally:
            client.stop_channels()
            await kernel.shutdown_kernel(now=True)

    async def ask_all() -> list[str | BaseException]:
        # With what fails kept, so that every kernel is seen to its end whatever another one does.
        return await asyncio.gather(*map(ask, range(12)), return_exceptions=True)

    # A thread of its own: a browser test before this one may have left its loop in the main thread.
    with ThreadPoolExecutor(1) as thread:
        answers = thread.submit(lambda: asyncio.run(ask_all())).result()
    assert answers == [f"{number**2}\n" for number in range(12)]


def test_an_interrupt_reaches_the_cell_and_the_kernel_goes_on(warm, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(warm))
    kernel, client = import_jupyter("jupyter_client.manager").start_new_kernel(kernel_name=KERNEL)
    try:
        # Without stop_on_error: a kernel turns away what arrives just after an error.
        sleep = "import time; print('asleep', flush=True); time.sleep(9999)"
        client.execute(sleep, stop_on_error=False)
        while client.get_iopub_msg(timeout=PATIENCE)["msg_type"] != "stream":
            pass
        kernel.interrupt_kernel()
        assert client.get_shell_msg(timeout=PATIENCE)["content"]["ename"] == "KeyboardInterrupt"
        assert client.execute_interactive("1", timeout=PATIENCE)["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        kernel.shutdown_kernel()  # the polite way ends as well
    assert not kernel.is_alive()


def test_without_its_server_a_run_goes_on_in_ordinary_kernels_and_says_so(tmp_path, caplog):
    with kernel_folder() as folder:
        (first,) = code(run(tmp_path, folder, "import os; os.getppid()"))
        server = int(value(first))
        assert server not in {os.getpid(), os.getppid()}
        os.kill(server, signal.SIGKILL)
        assert wait_until(lambda: gone(server))
        (second,) = code(run(tmp_path, folder, "import os; os.getppid()"))
    assert value(second) == str(os.getpid())
    assert "notebooks run in ordinary kernels" in caplog.text


def test_a_library_that_starts_threads_where_it_is_imported_stops_no_fork(tmp_path, monkeypatch):
    threads = "import threading, time\nthreading.Thread(target=time.sleep, args=(9999,)).start()\n"
    types = "class DataFrame: pass\nclass Series: pass\n"
    (tmp_path / "polars.py").write_text(threads + types)  # statsmodels imports it
    known = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), known]))
    with kernel_folder() as folder:
        cells = "import os; os.getppid()", "import polars, threading; threading.active_count()"
        parent, active = code(run(tmp_path / "at", folder, *cells))
    assert int(value(parent)) != os.getpid()
    assert int(value(active)) > 1


def test_refused_kernels_are_ordinary_ones_which_is_said_once(cold, tmp_path, caplog, monkeypatch):
    monkeypatch.setenv(COLD, "1")
    with caplog.at_level(logging.WARNING), kernel_folder() as folder:
        assert not (folder / "server").exists()
    assert [record.getMessage() for record in caplog.records] == [
        "Notebooks run in ordinary kernels, which start more slowly: OPSBOOK_COLD_KERNELS is set."
    ]
    assert not folder.exists()


def test_a_long_temporary_folder_does_not_break_the_sockets(tmp_path, monkeypatch):
    long = tmp_path / ("long" * 20)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    monkeypatch.setenv(COLD, "1")
    with kernel_folder() as folder:
        assert len(str(folder)) < 60


def test_a_temporary_folder_that_takes_nothing_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    with pytest.raises(RunError, match=r"cannot be written to: Not a dir.*TMPDIR"), kernel_folder():
        pass


def test_a_killed_run_leaves_no_process_and_no_socket(tmp_path):
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from opsbook.run.engine import run_papermill
        from opsbook.run.kernels.private_folder import kernel_folder
        with kernel_folder() as folder:
            work = Path(sys.argv[1])
            (work / "folder").write_text(str(folder))
            run_papermill(work / "draft.ipynb", ended=print, parameters={}, cwd=work,
                          kernels=folder)
    """)
    cell = """
        import os, pathlib, subprocess
        pids = [os.getpid(), os.getppid(), subprocess.Popen(["sleep", "9999"]).pid]
        pathlib.Path("pids.part").write_text(" ".join(map(str, pids)))
        os.rename("pids.part", "pids")
        while True: pass
    """
    notebook(tmp_path, [textwrap.dedent(cell)])
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) as command:
        try:
            assert wait_until((tmp_path / "pids").exists)
        finally:
            command.kill()
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    folder = Path((tmp_path / "folder").read_text())
    assert wait_until(lambda: all(map(gone, pids)) and not folder.exists())
