"""The result that a notebook saves is the one that the stage's own run() gives."""

from __future__ import annotations

import pytest
from tests.conftest import MODULES
from tests.run.workspaces import opsbook, workspace

from opsbook.data import load_tables
from opsbook.project import load_project
from opsbook.results import STAGES, Stage, StageResult, read_result
from opsbook.stages.context import Context

pytestmark = pytest.mark.xdist_group("same_result")
SAMPLES = ("jfk_delays", "shop_signup")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = workspace(tmp_path_factory.mktemp("same"), *SAMPLES)
    told = opsbook(folder, "run", "-j", "2")
    assert told.returncode == 0, told.stderr
    return folder


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_saved_result_equals_the_stages_own(ran, sample):
    project = load_project(ran / "params" / f"{sample}.yaml")
    tables = load_tables(project, ran / "params")
    upstream: dict[Stage, StageResult] = {}
    for stage in STAGES:
        saved = read_result(ran / "outputs" / sample, stage)
        assert saved is not None
        context = Context(
            project=project, tables=tables, upstream=dict(upstream), provenance=saved.provenance
        )
        assert saved == MODULES[stage].run(context), stage
        upstream[stage] = saved


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_saved_result_reads_back_equal(ran, sample):
    for stage in STAGES:
        saved = read_result(ran / "outputs" / sample, stage)
        assert saved is not None
        assert type(saved).model_validate_json(saved.model_dump_json()) == saved
