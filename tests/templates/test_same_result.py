"""The result that a notebook saves is the one that the stage's own run() gives."""

from __future__ import annotations

import pytest
from tests.conftest import MODULES, ROOT

from opsbook.data import load_tables
from opsbook.project import load_project
from opsbook.results import STAGES, Stage, StageResult
from opsbook.results.by_stage import read_result
from opsbook.stages.context import Context

SAMPLES = ("jfk_delays", "shop_signup")


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_saved_result_equals_the_stages_own(outputs, sample):
    project = load_project(ROOT / "params" / f"{sample}.yaml")
    tables = load_tables(project, ROOT / "params")
    upstream: dict[Stage, StageResult] = {}
    for stage in STAGES:
        saved = read_result(outputs / sample, stage)
        assert saved is not None
        context = Context(
            project=project, tables=tables, upstream=dict(upstream), provenance=saved.provenance
        )
        assert saved == MODULES[stage].run(context), stage
        upstream[stage] = saved


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_saved_result_reads_back_equal(outputs, sample):
    for stage in STAGES:
        saved = read_result(outputs / sample, stage)
        assert saved is not None
        assert type(saved).model_validate_json(saved.model_dump_json()) == saved
