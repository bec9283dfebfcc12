"""Secrets are taken out of what a run writes down."""

import html
import json
import os

from opsbook.run.jupyter import import_jupyter
from opsbook.run.redact import redact_files, redact_notebook, redactor

ENVIRONMENT = {"DB": "postgresql://me:s3cret%40@host/ops", "SHORT": "ab"}


def test_the_address_and_its_password_are_replaced_by_the_name():
    clean = redactor({"data": {"kpi": {"connection": "env:DB"}}}, ENVIRONMENT)
    assert clean("at postgresql://me:s3cret%40@host/ops") == "at env:DB"
    assert clean("password s3cret@ refused") == "password env:DB refused"


def test_variables_that_the_params_do_not_name_and_short_ones_are_left():
    clean = redactor({"a": ["env:SHORT"]}, ENVIRONMENT)
    assert clean("cab s3cret@") == "cab s3cret@"


def test_every_output_of_a_notebook_is_cleaned():
    v4 = import_jupyter("nbformat").v4
    cell = v4.new_code_cell("1")
    cell.outputs = [
        v4.new_output("stream", text="s3cret@"),
        v4.new_output("display_data", data={"text/html": "<b>s3cret@</b>"}),
        v4.new_output("error", ename="E", evalue="s3cret@", traceback=["no s3cret@"]),
    ]
    book = v4.new_notebook(cells=[v4.new_markdown_cell("text"), cell])
    redact_notebook(book, redactor({"a": "env:DB"}, ENVIRONMENT))
    assert "s3cret" not in str(book)
    assert str(book).count("env:DB") == 4


def test_a_secret_is_known_as_json_and_html_write_it():
    clean = redactor({"a": "env:TOKEN"}, {"TOKEN": 'p"a<ss密'})
    for written in (json.dumps('p"a<ss密'), html.escape('p"a<ss密'), 'p"a<ss密'):
        assert "env:TOKEN" in clean(written)
        assert "ss" not in clean(written)


def test_files_are_cleaned_and_what_is_no_file_is_left(tmp_path):
    (tmp_path / "a.json").write_text('{"a": "s3cret@"}')
    (tmp_path / "b.csv").mkdir()
    os.mkfifo(tmp_path / "c.txt")  # to read it would take for ever
    redact_files(tmp_path, redactor({"a": "env:DB"}, ENVIRONMENT))
    assert (tmp_path / "a.json").read_text() == '{"a": "env:DB"}'
