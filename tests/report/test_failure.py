from tests.report.samples import error, notebook

from opsbook.report.failure import failure_in


def test_finds_the_cell_the_exception_and_its_message_without_terminal_colours():
    failure = failure_in(notebook("trigger", error()), "trigger")
    assert failure is not None
    assert (failure.cell, failure.error) == (2, "DataError")
    assert failure.message == "kpi has no column 'late'."
    assert failure.source == "show.it(result)"


def test_a_notebook_that_ran_to_its_end_has_no_failure():
    assert failure_in(notebook("trigger"), "trigger") is None
