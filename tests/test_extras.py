"""What an extra is needed for says so in one line, where it is not installed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from tests.run.workspaces import ROOT

from opsbook.data import load_tables
from opsbook.errors import OpsbookError
from opsbook.project import load_project
from opsbook.report import pdf
from opsbook.run.dask_cluster import _distributed


def needs_the_database(tmp_path: Path) -> None:
    text = (ROOT / "params" / "clinic_deaths.yaml").read_text(encoding="utf-8")
    connected = "connection: env:OPS_DB_URL\n    table: deaths"
    file = tmp_path / "p.yaml"
    file.write_text(
        text.replace("path: data/semmelweis_clinic1_monthly.csv", connected), encoding="utf-8"
    )
    load_tables(load_project(file), tmp_path)


def needs_the_cluster(_tmp_path):
    _distributed()


def needs_the_printer(tmp_path):
    report = tmp_path / "report.html"
    report.write_text("<html><head></head></html>", encoding="utf-8")
    pdf.write_pdf(report)


@pytest.mark.parametrize(
    ("extra", "module", "needs"),
    [
        ("sql", "sqlalchemy", needs_the_database),
        ("dask", "distributed", needs_the_cluster),
        ("pdf", "weasyprint", needs_the_printer),
    ],
)
def test_an_absent_extra_is_named_in_one_line(monkeypatch, tmp_path, extra, module, needs):
    found = importlib.util.find_spec
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == module else found(name)
    )
    monkeypatch.setattr(pdf, "BROWSERS", ())
    monkeypatch.delenv(pdf.BROWSER, raising=False)
    monkeypatch.setenv("OPS_DB_URL", "sqlite://")
    with pytest.raises(OpsbookError) as caught:
        needs(tmp_path)
    assert f"pip install 'opsbook[{extra}]'" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_database_whose_driver_is_absent_is_told_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "oracledb", None)
    monkeypatch.setenv("OPS_DB_URL", "oracle+oracledb://me:hidden@host/name")
    with pytest.raises(OpsbookError) as caught:
        needs_the_database(tmp_path)
    assert "names the driver oracledb, which is not installed" in str(caught.value)
    assert "Install oracledb; opsbook[sql] brings" in str(caught.value)
    assert "hidden" not in str(caught.value)
