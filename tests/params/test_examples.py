"""The commented examples run, and find what their simulation has put into them."""

from __future__ import annotations

import gzip
import json
import runpy
from typing import Any

import jsonschema
import pytest
from tests.conftest import ROOT, run_stages

from opsbook.project.yaml_lines import read_yaml

EXAMPLES = ROOT / "params" / "examples"
TRUTH = runpy.run_path(str(EXAMPLES / "data" / "simulate_examples.py"))
FILES = sorted(EXAMPLES.glob("*.yaml"))


@pytest.fixture(scope="module")
def results():
    return {file.stem: run_stages(f"examples/{file.stem}") for file in FILES}


def test_the_tables_are_what_the_script_writes():
    for name, rows in TRUTH["tables"]().items():
        stored = (EXAMPLES / "data" / name).read_bytes()
        stored = gzip.decompress(stored) if name.endswith(".gz") else stored
        assert stored == TRUTH["as_csv"](rows), f"{name}: run simulate_examples.py"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_editor_helps_and_finds_no_fault(file):
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../project.schema.json\n")
    schema = json.loads((EXAMPLES.parent / "project.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(json.dumps(read_yaml(text)[0], default=str)), schema)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_is_explained_and_says_that_it_is_simulated(file):
    text = file.read_text(encoding="utf-8")
    values: Any = read_yaml(text)[0]
    assert text.count("#") >= 15
    assert "SIMULATED" in text
    assert "(simulated)" in values["project"]["title"]
    tables = [table for table in values["data"].values() if isinstance(table, dict)]
    assert all(table["simulated"] for table in tables)


def test_the_shop_finds_the_cause_and_the_true_effect(results):
    found = results["shop_conversion"]
    assert found["trigger"].tone == "bad"
    states = {why.id: why.status for why in found["diagnosis"].whys.rows}
    assert states["page"] == "confirmed"
    assert states["visitors"] == "refuted"
    estimate = found["effect"].findings[0].estimate
    true = TRUTH["PAYMENT_LOSS"] / 2  # half of the visitors have a phone
    assert estimate.lower < true < estimate.upper
    assert found["effect"].tone == "good"


def test_the_warehouse_finds_where_orders_wait(results):
    found = results["order_fulfilment"]
    assert found["trigger"].tone == "bad"
    bottleneck = [f.statement.values for f in found["diagnosis"].findings]
    assert any(TRUTH["QUALITY"][0] in values.values() for values in bottleneck)


def test_the_complaints_gather_on_the_topic_that_grew(results):
    found = results["complaint_topics"]
    assert found["trigger"].tone == "bad"
    assert any("late delivery" in str(f.statement.values) for f in found["trigger"].findings)
    assert {why.id: why.status for why in found["diagnosis"].whys.rows}["delivery"] == "confirmed"


def test_the_slow_repairs_start_an_optimisation_and_are_found_where_they_are(results):
    found = results["repair_times"]
    assert found["trigger"].verdict == "start"
    history = found["trigger"].history
    assert history.quantile == 0.9
    assert history.series.unit == "h"
    search = found["diagnosis"].slices[0]
    assert search.unit == "share"
    assert search.before == pytest.approx(0.1, abs=0.005)  # beyond the P90 lies a tenth
    assert search.slices[0].conditions == (("site", "north"), ("device", "tablet"))
