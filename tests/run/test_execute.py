"""A stage's notebook is executed whole or kept up to where it stopped, with the reason."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from opsbook.run.execute import execute
from opsbook.run.jupyter import import_jupyter
from opsbook.run.kernels.private_folder import kernel_folder
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
