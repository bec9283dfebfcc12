"""Saved records read back equal, are written whole, and are refused when they are not ours."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from opsbook.errors import RunError
from opsbook.methods.estimate import Estimate
from opsbook.results import STAGES, Finding
from opsbook.results.by_stage import read_result, write_result
from opsbook.results.saved import file_name, write_whole
from opsbook.text import Quantity, say


@pytest.mark.parametrize("stage", STAGES)
def test_a_result_reads_back_equal(tmp_path, jfk, stage):
    write_result(tmp_path, jfk[stage])
    assert read_result(tmp_path, stage) == jfk[stage]


@pytest.mark.parametrize("stage", STAGES)
def test_the_same_result_gives_the_same_bytes(tmp_path, jfk, stage):
    first = write_result(tmp_path / "a", jfk[stage]).read_bytes()
    assert write_result(tmp_path / "b", jfk[stage]).read_bytes() == first


def test_a_stage_without_a_result_is_none(tmp_path):
    assert read_result(tmp_path, "trigger") is None


@pytest.mark.parametrize("text", ["", "{}", "[1, 2]", '{"stage": "effect"}', "not json"])
def test_a_file_that_is_not_ours_is_refused_by_name(tmp_path, text):
    (tmp_path / file_name("trigger", ".json")).write_text(text, encoding="utf-8")
    with pytest.raises(RunError, match=r"1_trigger\.json was not written by this version"):
        read_result(tmp_path, "trigger")


def test_no_record_takes_nan_or_an_unknown_field():
    with pytest.raises(ValidationError):
        Quantity(value=float("nan"))
    with pytest.raises(ValidationError):
        Quantity.model_validate({"value": 1, "colour": "red"})
    with pytest.raises(ValueError, match="not computed must be None"):
        Estimate(method="m", effect=float("nan"), lower=None, upper=None, p_value=None, n=1)


def test_a_finding_keeps_its_estimate(tmp_path):
    estimate = Estimate(method="welch", effect=-1, lower=-2, upper=0.5, p_value=0.2, n=8)
    finding = Finding(id="f", statement=say("{text}", text="x"), estimate=estimate, grade="D")
    assert Finding.model_validate_json(finding.model_dump_json()) == finding


def test_a_file_is_the_old_one_or_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    write_whole(path, "old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(RunError, match="No space left on device"):
        write_whole(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
