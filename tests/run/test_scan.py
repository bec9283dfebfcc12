"""The scan: the notebook's verdicts without notebooks, many at once."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.run.workspaces import ROOT, opsbook, workspace

from opsbook.data import load_tables
from opsbook.results.scan import ScanRow
from opsbook.run.plan import plan
from opsbook.run.scan import _kpis, scan
from opsbook.run.scan_check import _blocks
from opsbook.run.scan_table import scan_table
from opsbook.run.workspace import find_workspace
from opsbook.stages import trigger
from opsbook.stages.context import Context

PARAMS = [ROOT / "params" / name for name in ("airports.yaml", "clinic_deaths.yaml")]


@pytest.fixture(scope="module")
def jobs():
    return plan(find_workspace(ROOT), PARAMS)


@pytest.fixture(scope="module")
def found(jobs):
    return scan(jobs)


def test_it_gives_the_verdicts_of_the_notebooks(jobs, found):
    verdicts = {row.project: row for row in found.rows}
    tables = load_tables(jobs[0].project, ROOT / "params")
    for job in jobs[:29:4]:
        result = trigger.run(Context(project=job.project, tables=tables))
        row = verdicts[job.project.project.id]
        assert result.guard is not None
        assert (row.verdict, row.guard) == (result.verdict, result.guard.verdict)
        since = None if result.guard.since is None else result.guard.since
        assert row.since == since


def test_who_needs_attention_comes_first(found):
    needs = [row.verdict for row in found.rows]
    order = ["failed", "start", "watch", "insufficient", "no_reason"]
    assert needs == sorted(needs, key=order.index)
    assert found.rows[0].discovery


def test_it_tells_how_many_alarms_chance_would_make(found):
    assert 0 < found.expected < len(found.rows) * 0.1
    text = scan_table(found)
    assert "by chance alone about" in text
    assert len(scan_table(found, everything=True).splitlines()) >= len(text.splitlines())


def test_small_stores_are_drawn_towards_the_others(found):
    row = next(row for row in found.rows if row.project == "airport_jfk")
    assert row.estimate == pytest.approx(row.value, abs=0.01)
    assert row.funnel is not None
    clinic = next(row for row in found.rows if row.project == "clinic_deaths")
    assert clinic.estimate is None


def test_the_command_prints_a_table_or_json_and_goes_on_past_a_broken_project(tmp_path: Path):
    folder = workspace(tmp_path, "clinic_deaths", "jfk_delays")
    told = opsbook(folder, "scan", "--json")
    assert told.returncode == 0, told.stderr
    assert [row["project"] for row in json.loads(told.stdout)["rows"]] == [
        "jfk_delays",
        "clinic_deaths",
    ]
    table = folder / "params" / "data" / "semmelweis_clinic1_monthly.csv"
    table.write_text(table.read_text(encoding="utf-8") + "never,1,2\n", encoding="utf-8")
    told = opsbook(folder, "scan", "-j", "2")
    assert told.returncode == 1
    assert "never" in told.stdout
    assert "jfk_delays" in told.stdout
    assert not (folder / "outputs").exists()


def test_the_command_writes_a_page_and_a_table_in_the_reader_s_language(tmp_path: Path):
    folder = workspace(tmp_path, "clinic_deaths", "airports")
    told = opsbook(folder, "scan", "--lang", "zh", "--html", "o/scan.html", "--csv", "o/scan.csv")
    assert told.returncode == 0, told.stderr
    assert "应启动优化  airport_" in told.stdout
    page = (folder / "o" / "scan.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in page
    assert "按规模看门店" in page
    assert page.count("<svg role=") == 1  # one funnel: the airports share a metric
    text = (folder / "o" / "scan.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 30
    assert rows[0]["verdict"] == "start"
    assert float(rows[0]["value"]) > float(rows[0]["target"])


def test_like_kpis_share_a_block_and_unlike_ones_do_not_wait_for_ever(jobs):
    failed: dict[str, ScanRow] = {}
    kpis = list(_kpis(jobs, failed))
    few = [(f"{name}_{i}", kpi) for i in range(9) for name, kpi in kpis]
    blocks = list(_blocks(iter(few)))
    assert sorted(name for block in blocks for name, _ in block) == sorted(n for n, _ in few)
    assert sorted(len(block) for block in blocks) == [9, 11, 250]


def test_columns_of_a_terminal_line_up_in_chinese(found):
    lines = scan_table(found, language="zh").splitlines()[4:]
    assert lines[0].startswith("状态        项目")
    assert lines[1].startswith("应启动优化  airport_")
