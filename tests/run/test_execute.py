"""A stage's notebook is executed whole or kept up to where it stopped, with the reason."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from opsbook.run.execute import execute
from opsbook.run.jupyter import import_jupyter
from opsbook.run.kernels.private_folder import kernel_folder
from opsbook.run.options import RunOptions
from opsbook.run.plan import Job, plan
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
    assert kept(job)[0][0].data["text/plain"] == "2"


def test_a_kernel_that_dies_is_told_with_its_cell_and_what_ran_before_is_kept(job, kernels):
    write_template(job, "1 + 1", "import os; os.kill(os.getpid(), 9)", "3")
    failure = failed(job, kernels)
    assert (failure.cell, failure.error) == (4, "DeadKernelError")
    assert "out of memory" in failure.message
    assert kept(job)[0][0].data["text/plain"] == "2"


def test_leaving_early_is_no_success(job, kernels):
    write_template(job, "import sys; sys.exit(0)")
    assert failed(job, kernels).error == "SystemExit"


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
        (RunOptions(cell_seconds=0.5), "The cell took longer than 0.5 s"),
        (RunOptions(stage_seconds=1), "out of time after 1 s"),
    ],
)
def test_a_cell_that_sleeps_for_ever_ends_at_its_deadline(job, kernels, options, words):
    write_template(job, "1 + 1", "import time; time.sleep(1000)")
    run = execute(job, "intake", kernels, options=options)
    assert run.failure is not None
    assert words in run.failure.message
    assert "time.sleep(1000)" in run.failure.source


UNRULY = {
    "forks": "import os\nif os.fork() == 0:\n    import time; time.sleep(1000)",
    "closes stdin": "import os; os.close(0)",
    "replaces stdout": "import io, sys; sys.stdout = io.StringIO()",
    "prints 20 MB": "for _ in range(200): print('x' * 10**5)",
    "shows 300 figures": "from IPython.display import display\n"
    "for _ in range(300): display({'image/png': 'iVBORw0KGgo='}, raw=True)",
}


@pytest.mark.parametrize("source", UNRULY.values(), ids=UNRULY)
def test_an_unruly_notebook_ends_as_the_others_do(job, kernels, source):
    saves = "from pathlib import Path; _ = Path('0_intake.json').write_text('{}')"
    write_template(job, source, saves)
    run = execute(job, "intake", kernels, options=RunOptions(cell_seconds=60))
    assert run.status == "done", run.reason
    assert sorted(file.name for file in job.folder.iterdir()) == ["0_intake.ipynb", "0_intake.json"]


def test_secrets_are_taken_out_of_the_notebook_and_the_failure(job, kernels):
    write_template(job, "print('s3cret')", "raise ValueError('s3cret')")
    run = execute(job, "intake", kernels, redact=lambda text: text.replace("s3cret", "env:DB"))
    assert run.failure is not None
    assert run.failure.message == "env:DB"
    assert "s3cret" not in str(kept(job))
