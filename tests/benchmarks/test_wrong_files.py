"""A benchmark that is given a wrong file says in one line what is wrong and how to mend it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks import changepoints, fake_launches, placebo_panels, report, slices

SERIES = "a header row and the columns series, period, value"
MARKS = "annotations: {person: [indices]}"
CASES = "the columns case, dimensions"
LABELS = "with --truth"
LABELLED = "case,a,real,predict\nc,x,1,2\n"

Say = pytest.CaptureFixture[str]


def refused(monkeypatch: pytest.MonkeyPatch, capsys: Say, module: ModuleType, *words: str) -> str:
    """Run a benchmark that must end with exit code 2, and return the one line that it says."""
    monkeypatch.setattr(sys, "argv", ["benchmark", *words, "--json"])
    assert module.main() == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    return told.err


@pytest.mark.parametrize("module", [fake_launches, placebo_panels])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name,value\na,1\n", "has no column period, series; it has: name, value."),
        (b"series,period\na,1\n", "has no column value;"),
        (b"\xff\xfe\x00a", "cannot be read as CSV"),
        (b"", "CSV file with"),
        (b"series,period,value\na,1,2\nb,2,3\n", "Pass a longer table|No series could be used"),
    ],
)
def test_a_table_that_is_not_of_series_is_refused(
    tmp_path, monkeypatch, capsys, module, content, words
):
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    told = refused(monkeypatch, capsys, module, "--data", str(file))
    assert any(each in told for each in words.split("|"))


@pytest.mark.parametrize(
    ("module", "fix"),
    [
        (fake_launches, SERIES),
        (placebo_panels, SERIES),
        (changepoints, MARKS),
        (slices, CASES),
    ],
)
def test_a_file_that_is_not_there_is_named_with_what_is_asked_for(
    tmp_path, monkeypatch, capsys, module, fix
):
    labels = tmp_path / "labels.json"
    labels.write_text("{}", encoding="utf-8")
    more = ["--truth", str(labels)] if module is slices else []
    told = refused(monkeypatch, capsys, module, "--data", str(tmp_path / "lost.csv"), *more)
    assert "lost.csv" in told
    assert fix in told


def test_a_period_given_twice_is_named(tmp_path, monkeypatch, capsys):
    file = tmp_path / "twice.csv"
    file.write_text("series,period,value\na,2024-01,1\na,2024-01,2\n", encoding="utf-8")
    told = refused(monkeypatch, capsys, placebo_panels, "--data", str(file))
    assert "the period 2024-01 of the series a more than once" in told


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("no json", "cannot be read as JSON"),
        ("[1]", "holds a list, not an object"),
        ('{"a": {"values": [1]}}', "series 'a': no 'annotations'"),
        ('{"a": {"values": ["x"], "annotations": {"6": []}}}', "series 'a': could not convert"),
        ('{"a": {"values": [1], "annotations": [3]}}', "series 'a': 'list' object"),
        ("{}", "has no series that can be scored"),
    ],
)
def test_annotations_of_another_form_are_refused(tmp_path, monkeypatch, capsys, content, words):
    file = tmp_path / "annotated.json"
    file.write_text(content, encoding="utf-8")
    told = refused(monkeypatch, capsys, changepoints, "--data", str(file))
    assert words in told
    assert MARKS in told


@pytest.mark.parametrize(
    ("table", "labels", "words"),
    [
        ("a,b\n1,2\n", {}, "has no column case, predict, real; it has: a, b."),
        ("case,a,real,predict\nc,x,many,2\n", {"c": ""}, "column real: could not convert"),
        ("case,real,predict\nc,1,2\n", {"c": ""}, "case 'c': it has no dimension"),
        (LABELLED, [1], "holds a list, not an object"),
        (LABELLED, {"d": "a=x"}, "has no label for the case 'c'"),
        (LABELLED, {"c": 1}, "case 'c': 1 is no text"),
        (LABELLED, {"c": "a=x;b=y"}, "'b=y' is no value of a dimension; the table has: a."),
    ],
)
def test_cases_and_labels_that_do_not_fit_are_refused(
    tmp_path, monkeypatch, capsys, table, labels, words
):
    data, truth = (tmp_path / name for name in ("cases.csv", "truth.json"))
    data.write_text(table, encoding="utf-8")
    truth.write_text(json.dumps(labels), encoding="utf-8")
    told = refused(monkeypatch, capsys, slices, "--data", str(data), "--truth", str(truth))
    assert words in told
    assert told.rstrip().endswith(".")


def test_a_folder_without_a_run_is_refused(tmp_path, monkeypatch, capsys):
    told = refused(monkeypatch, capsys, report, str(Path(tmp_path)))
    assert "holds no run. First: opsbook run" in told
