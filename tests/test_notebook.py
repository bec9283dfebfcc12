"""A template's first and last call, outside a notebook."""

from __future__ import annotations

import pytest
from tests.conftest import ROOT

from opsbook.errors import ParamsError
from opsbook.notebook import NotDue, open_stage, save
from opsbook.results import read_result
from opsbook.stages import intake, trigger
from opsbook.stages.context import Context

CLINIC = ROOT / "params" / "clinic_deaths.yaml"


def test_a_stage_is_opened_computed_and_saved(tmp_path):
    context = open_stage("intake", CLINIC, tmp_path)
    save(context, intake.run(context))
    saved = read_result(tmp_path, "intake")
    assert saved is not None
    assert saved.provenance is not None
    assert saved.provenance.versions["opsbook"]


def test_a_later_stage_reads_what_the_earlier_ones_saved(tmp_path):
    first = open_stage("intake", CLINIC, tmp_path)
    save(first, intake.run(first))
    context = open_stage("trigger", CLINIC, tmp_path)
    assert set(context.upstream) == {"intake"}
    result = trigger.run(context)
    assert result.provenance is not None
    assert set(result.provenance.upstream) == {"intake"}


def test_a_stage_that_is_not_due_says_what_it_waits_for(tmp_path):
    with pytest.raises(NotDue, match="no section 'diagnosis'"):
        open_stage("diagnosis", CLINIC, tmp_path)
    saved = read_result(tmp_path, "diagnosis")
    assert saved is not None
    assert saved.status == "not_due"


def test_an_override_replaces_a_field(tmp_path):
    context = open_stage("trigger", CLINIC, tmp_path, {"metric": {"target": 0.02}})
    assert context.project.metric.target == pytest.approx(0.02)


def test_paths_are_found_from_the_workspace_too(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    context = open_stage("intake", "../params/clinic_deaths.yaml", tmp_path)
    assert context.project.project.id == "clinic_deaths"


def test_a_context_without_a_folder_cannot_be_saved(clinic):
    context = Context(project=None, tables=None)  # type: ignore[arg-type] # only the folder counts
    with pytest.raises(ParamsError, match="not opened from a notebook"):
        save(context, clinic["intake"])
