"""A template's first and last call, outside a notebook."""

from __future__ import annotations

import pytest
from tests.conftest import ROOT
from tests.run.workspaces import workspace

from opsbook.errors import ParamsError
from opsbook.notebook import NotDue, open_stage, save
from opsbook.results.by_stage import read_result
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
    with pytest.raises(NotDue, match="section 'diagnosis' of the params"):
        open_stage("diagnosis", CLINIC, tmp_path)
    saved = read_result(tmp_path, "diagnosis")
    assert saved is not None
    assert saved.status == "not_due"


def test_an_override_replaces_a_field(tmp_path):
    context = open_stage("trigger", CLINIC, tmp_path, {"metric": {"target": 0.02}})
    assert context.project.metric.target == pytest.approx(0.02)


def test_a_field_set_otherwise_than_in_the_file_is_saved_as_an_override(tmp_path):
    context = open_stage("intake", CLINIC, tmp_path, {"metric": {"target": "2%"}})
    save(context, intake.run(context))
    first = read_result(tmp_path, "intake")
    assert first is not None
    (one,) = first.overrides
    assert (one.name, one.value, one.instead_of, one.who) == ("metric.target", "2%", "4%", None)
    assert [caution.id for caution in first.cautions][-1] == "changed-metric.target"


def test_an_override_is_told_once_and_by_the_stage_that_reads_it(tmp_path):
    overrides = {"metric": {"target": "2%"}, "trigger": {"as_of": "1848-12"}}
    intakes = open_stage("intake", CLINIC, tmp_path, overrides)
    assert [one.name for one in intakes.overrides] == ["metric.target"]
    save(intakes, intake.run(intakes))
    context = open_stage("trigger", CLINIC, tmp_path, overrides)
    assert [one.name for one in context.overrides] == ["trigger.as_of"]


def test_what_the_file_says_already_and_the_choice_of_a_row_are_no_override(tmp_path):
    rows = ROOT / "params" / "airports.yaml"
    chosen = {"project": {"id": "airport_atl", "language": "zh"}, "metric": {"better": "lower"}}
    assert open_stage("intake", rows, tmp_path, chosen).overrides == ()


PLACES = {
    "the notebook": ("templates", "../params/clinic_deaths.yaml", "../outputs/clinic_deaths"),
    "the notebook as it stands": ("templates", "../params/clinic_deaths.yaml", ""),
    "the workspace": (".", "params/clinic_deaths.yaml", "outputs/clinic_deaths"),
    "the workspace, the params alone": (".", "params/clinic_deaths.yaml", ""),
    "the workspace, as the notebook says it": (
        ".",
        "../params/clinic_deaths.yaml",
        "../outputs/clinic_deaths",
    ),
}


@pytest.mark.parametrize(("here", "params", "run_dir"), PLACES.values(), ids=PLACES)
def test_results_lie_beside_the_params_wherever_it_is_called(
    tmp_path, monkeypatch, here, params, run_dir
):
    folder = workspace(tmp_path / "ops", "clinic_deaths")
    monkeypatch.chdir(folder / here)
    context = open_stage("intake", params, run_dir)
    save(context, intake.run(context))
    assert (folder / "outputs" / "clinic_deaths" / "0_intake.json").is_file()
    assert not (folder / "templates" / "outputs").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ops"]


def test_a_context_without_a_folder_cannot_be_saved(clinic):
    context = Context(project=None, tables=None)  # type: ignore[arg-type] # only the folder counts
    with pytest.raises(ParamsError, match="not opened from a notebook"):
        save(context, clinic["intake"])
