"""A stage's notebook is executed whole or kept up to where it stopped, with the reason."""

import ast
import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from opsbook.run import bounded
from opsbook.run.bounded import MOST_OUTPUTS, MOST_TEXT
from opsbook.run.execute import execute
from opsbook.run.jupyter import import_jupyter
from opsbook.run.kernels.private_folder import COLD, kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job, plan
from opsbook.run.project_run import run_project
from opsbook.run.record import Failure
from opsbook.run.workspace import init_workspace

nbformat = import_jupyter("nbformat")
PARAMETERS = 'params_file = ""\noverrides = {}\nrun_dir = ""'


@pytest.fixture(scope="module")
def kernels():
    with kernel_folder() as folder:
        yield folder


@pytest.fixture
def job(tmp_path):
    """A sample whose templates a test may write anew."""
    workspace = init_workspace(tmp_path)
    (made,) = plan(workspace, [workspace.params / "clinic_deaths.yaml"])
    own = tmp_path / "own"
    own.mkdir()
    return dataclasses.replace(made, templates=own)


def failed(job: Job, kernels: Path) -> Failure:
    failure = execute(job, "intake", kernels).failure
    assert failure is not None
    return failure


def write_template(job: Job, *cells: str) -> None:
    book = nbformat.v4.new_notebook()
    book.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    book.cells = [nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})]
    book.cells += [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(book, job.templates / "0_intake.ipynb")


def kept(job: Job) -> list[Any]:
    """The cells' outputs in the notebook that is kept, after the two of the parameters."""
    book = nbformat.read(job.folder / "0_intake.ipynb", as_version=4)
    return [cell.outputs for cell in book.cells if cell.cell_type == "code"][2:]


def test_a_result_and_an_executed_notebook_that_jupyterlab_opens(job, kernels):
    write_template(job, "from pathlib import Path; Path('0_intake.json').write_text('{}')")
    run = execute(job, "intake", kernels)
    assert (run.status, run.notebook, run.result) == ("done", "0_intake.ipynb", "0_intake.json")
    book = nbformat.read(job.folder / "0_intake.ipynb", as_version=4)
    assert book.metadata.kernelspec.name == "python3"
    assert sorted(file.name for file in job.folder.iterdir()) == ["0_intake.ipynb", "0_intake.json"]


def test_a_cell_that_fails_is_named_and_what_ran_before_is_kept(job, kernels):
    write_template(job, "1 + 1", "1 / 0", "3")
    failure = failed(job, kernels)
    assert (failure.cell, failure.source, failure.error) == (4, "1 / 0", "ZeroDivisionError")
    assert failure.retry == "opsbook run params/clinic_deaths.yaml"
    assert kept(job)[0][0].data["text/plain"] == "2"


def test_the_command_to_retry_names_a_file_in_a_folder_of_its_own(job, kernels):
    write_template(job, "1 / 0")
    deeper = job.params_file.parent / "north" / "leeds.yaml"
    failure = failed(dataclasses.replace(job, params_file=deeper), kernels)
    assert failure.retry == "opsbook run params/north/leeds.yaml"


def test_a_kernel_that_dies_is_told_with_its_cell_and_what_ran_before_is_kept(job, kernels):
    write_template(job, "1 + 1", "import os; os.kill(os.getpid(), 9)", "3")
    failure = failed(job, kernels)
    assert (failure.cell, failure.error) == (4, "DeadKernelError")
    assert "out of memory" in failure.message
    assert kept(job)[0][0].data["text/plain"] == "2"


def test_leaving_early_is_no_success(job, kernels):
    write_template(job, "import sys; sys.exit(0)")
    assert failed(job, kernels).error == "SystemExit"


def test_an_error_that_a_cell_cannot_show_is_told_by_what_it_printed(job, kernels):
    breaks = "get_ipython().showtraceback = lambda *_, **__: print('so\\nit goes')"
    write_template(job, breaks, "1 / 0")
    failure = failed(job, kernels)
    assert (failure.cell, failure.source, failure.message) == (4, "1 / 0", "it goes")


def test_a_kernel_that_ends_as_if_all_were_well_is_no_success_either(job, kernels):
    write_template(job, "import os; os._exit(0)", SAVES)
    failure = failed(job, kernels)
    assert (failure.error, failure.cell) == ("DeadKernelError", 3)
    assert "ended with exit status 0 before its notebook did" in failure.message


def test_a_notebook_that_removes_its_folder_is_kept_with_the_reason(job, kernels):
    write_template(job, "import os, shutil; shutil.rmtree(os.getcwd())", "os.getcwd()")
    assert failed(job, kernels).error == "FileNotFoundError"
    assert [file.name for file in job.folder.iterdir()] == ["0_intake.ipynb"]


STATE = """
import decimal, locale, os, sys, time, warnings
import matplotlib as mpl, numpy as np, pandas as pd, seaborn as sns
(os.getcwd(), sorted(os.environ.items()), time.tzname, locale.setlocale(locale.LC_ALL), sys.path,
 mpl.rcParams["figure.dpi"], sns.color_palette()[0], pd.get_option("display.precision"),
 np.get_printoptions()["precision"], decimal.getcontext().prec, warnings.filters)
"""
CHANGES = """
os.environ["TZ"] = "Asia/Tokyo"; time.tzset(); locale.setlocale(locale.LC_ALL, "C")
sns.set_theme(palette="dark"); mpl.rcParams["figure.dpi"] = 7; pd.set_option("display.precision", 1)
np.set_printoptions(precision=2); warnings.simplefilter("ignore"); decimal.getcontext().prec = 3
sys.path.insert(0, "/"); os.chdir("/")
"""


def test_what_a_notebook_changes_of_its_process_reaches_no_other_one(job, kernels):
    shown = []
    for cells in ([STATE], [STATE, CHANGES, STATE], [STATE]):
        write_template(job, *cells)
        execute(job, "intake", kernels)
        shown += [outputs[0].data["text/plain"] for outputs in kept(job) if outputs]
    one, before, changed, other = shown
    assert one == before == other != changed


def test_a_notebook_that_saves_no_result_has_failed(job, kernels):
    write_template(job, "1 + 1")
    assert failed(job, kernels).error == "NoResult"


def test_a_notebook_that_fills_the_memory_ends_with_a_clear_error(job, kernels):
    write_template(job, "1 + 1", "blocks = [bytearray(2**26) for _ in range(100)]")
    run = execute(job, "intake", kernels, options=RunOptions(memory_mb=1500))
    assert run.failure is not None
    assert (run.failure.error, run.failure.cell) == ("MemoryError", 4)
    assert "It may hold 1500 MB (--memory)" in run.failure.message
    assert kept(job)[0][0].data["text/plain"] == "2"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (RunOptions(cell_seconds=2), "The cell took longer than 2 s"),
        (RunOptions(stage_seconds=4), "out of time after 4 s"),
    ],
)
def test_a_cell_that_sleeps_for_ever_ends_at_its_deadline(job, kernels, options, words):
    write_template(job, "1 + 1", "import time; time.sleep(1000)")
    run = execute(job, "intake", kernels, options=options)
    assert run.failure is not None
    assert words in run.failure.message
    assert "time.sleep(1000)" in run.failure.source


STUBBORN = {
    "lets no interrupt stop it": "while True:\n    try: time.sleep(1000)\n    except: pass",
    "ignores signals": "for n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(1000)",
    "is stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
}


@pytest.mark.parametrize("source", STUBBORN.values(), ids=STUBBORN)
def test_a_cell_that_will_not_end_ends_at_its_deadline(job, kernels, source):
    write_template(job, "import os, signal, time; open('pid', 'w').write(str(os.getpid()))", source)
    run = execute(job, "intake", kernels, options=RunOptions(cell_seconds=2))
    assert run.failure is not None
    assert run.failure.error == "DeadlineError"
    assert not Path("/proc", (job.folder / "pid").read_text()).exists()


def test_a_project_has_so_much_time_for_all_its_stages(job, kernels):
    write_template(job, "import time; time.sleep(1000)")
    options = RunOptions(project_seconds=1, stages=("intake",))
    (run,) = run_project(job, lambda job, _runs: job.folder, kernels, options).runs
    assert run.failure is not None
    assert "or its project, was out of time after" in run.failure.message


HOSTILE = {
    "title": '退货率 "in quotes" \\ {and} braces\nand lines',
    'a": 1}\nimport os; os._exit(3)\nx = {"b': {2008: [1.5, None, True, "é"]},
}


def test_parameters_are_readable_and_run_nothing_whatever_is_in_them(job, kernels):
    write_template(job, "import json", "overrides", SAVES)
    run = execute(dataclasses.replace(job, overrides=HOSTILE), "intake", kernels)
    assert run.status == "done", run.reason
    assert ast.literal_eval(kept(job)[1][0].data["text/plain"]) == HOSTILE
    assert "退货率" in (job.folder / "0_intake.ipynb").read_text("utf-8")
    book = nbformat.read(job.folder / "0_intake.ipynb", as_version=4)
    assert '"title": "退货率 ' in book.cells[1].source
    assert '{2008: [1.5, None, True, "é"]}' in book.cells[1].source


UNRULY = {
    "closes stdin": "import os; os.close(0)",
    "closes all three": "import os; os.closerange(0, 3)",
    "replaces stdout": "import io, sys; sys.stdout = io.StringIO()",
    "ignores signals": "import signal; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]",
    "hangs at its end": "import atexit, time; _ = atexit.register(time.sleep, 1000)",
    "leaves threads": "import threading, time\n"
    "for _ in range(9): threading.Thread(target=time.sleep, args=(1000,)).start()",
}
SAVES = "from pathlib import Path; _ = Path('0_intake.json').write_text('{}')"


@pytest.mark.parametrize("source", UNRULY.values(), ids=UNRULY)
def test_an_unruly_notebook_ends_as_the_others_do(job, kernels, source):
    write_template(job, source, SAVES)
    run = execute(job, "intake", kernels, options=RunOptions(cell_seconds=120))
    assert run.status == "done", run.reason
    assert sorted(file.name for file in job.folder.iterdir()) == ["0_intake.ipynb", "0_intake.json"]


def test_processes_that_a_notebook_leaves_running_end_with_it(job, kernels):
    forks = "import os, time\nfor _ in range(3):\n    if os.fork() == 0:\n"
    forks += "        os.setsid(); open(f'child.{os.getpid()}', 'w').close(); time.sleep(1000)"
    wait = "import glob\nwhile len(glob.glob('child.*')) < 3: time.sleep(0.01)"
    write_template(job, forks, wait, SAVES)
    run = execute(job, "intake", kernels, options=RunOptions(cell_seconds=120))
    assert run.status == "done", run.reason
    children = [int(file.suffix[1:]) for file in job.folder.glob("child.*")]
    assert len(children) == 3
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]


def test_what_is_shown_beyond_measure_is_counted_and_let_go(job, kernels):
    prints = "for _ in range(200): print('x' * 10**5)"
    shows = "from IPython.display import display\n"
    shows += "for _ in range(3000): display({'image/png': 'iVBORw0KGgo='}, raw=True)"
    write_template(job, prints, shows, SAVES)
    run = execute(job, "intake", kernels, options=RunOptions(cell_seconds=120))
    assert run.status == "done", run.reason
    printed, shown, _ = kept(job)
    assert sum(len(output.text) for output in printed[:-1]) == MOST_TEXT
    assert re.fullmatch(r"18,951,624 characters of print left out: .*\n", printed[-1].text)
    assert sum(output.output_type == "display_data" for output in shown) == MOST_OUTPUTS
    told = re.match(r"([\d,]+) figures or tables left out", shown[-1].text)
    assert told is not None
    # On a busy machine ZeroMQ lets some go before they are counted.
    assert 0 < int(told[1].replace(",", "")) <= 3000 - MOST_OUTPUTS


def test_a_kernel_that_answers_no_more_is_told_long_before_its_deadline(job, kernels, monkeypatch):
    monkeypatch.setattr(bounded, "UNANSWERED", 1.0)
    write_template(job, "import sys; sys.stdout = None", "1 + 1")
    failure = failed(job, kernels)
    assert failure.error == "BrokenKernelError"
    assert "replaces sys.stdout" in failure.message


def test_its_peak_of_memory_is_recorded(job, kernels):
    write_template(job, "1", SAVES)
    small = execute(job, "intake", kernels).peak_mb
    write_template(job, "_ = bytearray(300 * 2**20)", SAVES)
    large = execute(job, "intake", kernels).peak_mb
    assert small is not None
    assert large is not None
    assert 20 < small < 1000
    assert 250 < large - small < 400


def test_an_ordinary_kernel_is_held_to_the_memory_too(job, monkeypatch):
    monkeypatch.setenv(COLD, "1")
    write_template(job, "blocks = [bytearray(2**26) for _ in range(100)]")
    with kernel_folder() as ordinary:
        run = execute(job, "intake", ordinary, options=RunOptions(memory_mb=1500))
    assert run.failure is not None
    assert run.failure.error == "MemoryError"
    assert run.peak_mb is not None


def test_secrets_are_taken_out_of_the_notebook_its_result_and_the_failure(job, kernels):
    saves = "from pathlib import Path; _ = Path('0_intake.json').write_text('{\"a\": \"s3cret\"}')"
    write_template(job, "print('s3cret')", saves, "raise ValueError('s3cret')")
    run = execute(job, "intake", kernels, redact=lambda text: text.replace("s3cret", "env:DB"))
    assert run.failure is not None
    assert run.failure.message == "env:DB"
    assert "s3cret" not in str(kept(job)[0])
    assert (job.folder / "0_intake.json").read_text() == '{"a": "env:DB"}'
