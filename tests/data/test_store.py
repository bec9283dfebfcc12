"""Sums are kept by content: the same again, never those of other data, never half."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.data.test_intake import ROWS, project, table

from opsbook.data import intake, load_tables, store
from opsbook.data.cube import COUNT, GAPS, PERIOD


def no_reading(*_: object) -> None:
    raise AssertionError("the table was read again")


def test_the_kept_sums_are_the_same_and_the_table_is_not_read_again(tmp_path, monkeypatch):
    table(tmp_path, [*ROWS, "2024-01-05,C,,10"])
    first = load_tables(project(), tmp_path, cache=tmp_path / "cache")
    monkeypatch.setattr(intake, "_measured", no_reading)
    again = load_tables(project(), tmp_path, cache=tmp_path / "cache")
    assert again.kpi.frame.equals(first.kpi.frame)
    assert (again.kpi.frame.dtypes == first.kpi.frame.dtypes).all()
    assert (again.ledger, again.coverage, again.kpi.periods) == (
        first.ledger,
        first.coverage,
        first.kpi.periods,
    )


def test_other_content_or_other_params_are_read_anew(tmp_path):
    table(tmp_path, ROWS)
    load_tables(project(), tmp_path, cache=tmp_path / "cache")
    load_tables(project(filter={"store": "A"}), tmp_path, cache=tmp_path / "cache")
    old = (tmp_path / "table.csv").stat()
    table(tmp_path, [ROWS[0], *(row.replace(",10", ",11") for row in ROWS[1:])])
    os.utime(tmp_path / "table.csv", ns=(old.st_atime_ns, old.st_mtime_ns))
    changed = load_tables(project(), tmp_path, cache=tmp_path / "cache")
    assert changed.kpi.frame["visits"].sum() == 93
    assert len(list((tmp_path / "cache").glob("*.npz"))) == 3


@pytest.mark.parametrize("damage", [b"", b"PAR1 but no more", None])
def test_damaged_sums_are_made_again(damage, tmp_path):
    table(tmp_path, ROWS)
    first = load_tables(project(), tmp_path, cache=tmp_path / "cache")
    (kept,) = (tmp_path / "cache").glob("*.npz")
    kept.write_bytes(kept.read_bytes()[:-9] if damage is None else damage)
    again = load_tables(project(), tmp_path, cache=tmp_path / "cache")
    assert again.kpi.frame.equals(first.kpi.frame)


def test_nothing_but_whole_files_is_left_in_the_folder(tmp_path):
    table(tmp_path, ROWS)
    load_tables(project(), tmp_path, cache=tmp_path / "cache")
    assert [file.suffix for file in (tmp_path / "cache").iterdir()] == [".npz"]


def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path):
    table(tmp_path, ROWS)
    blocked: Path = tmp_path / "cache"
    blocked.write_text("a file", encoding="utf-8")
    assert load_tables(project(), tmp_path, cache=blocked).ledger.rows_used == 6


@pytest.mark.parametrize("rows", [0, 1, 300])
def test_every_kind_of_column_comes_back_as_it_was(rows, tmp_path):
    table(tmp_path, ROWS)
    ledger = load_tables(project(), tmp_path).ledger
    i = np.arange(rows)
    frame = pd.DataFrame(
        {
            PERIOD: (np.datetime64("1969-12-30") + i).astype("datetime64[us]"),
            "店铺": pd.array([f"{n % 200} “号”\n" for n in i], dtype="str"),
            "empty": pd.array([""] * rows, dtype="str"),
            "whole": i * 1e9 - 2.0,
            "parts": i / 7.0,
            "huge": np.where(i == 0, 2.0**53 + 2.0, i * 1e300),
            "gone": np.where(i % 2 == 0, np.nan, np.inf),
            GAPS: i % 4,
            COUNT: i * 2**40,
        }
    )
    store.write(tmp_path, "key", store.Kept(daily=frame, by_period=frame[::2], ledger=ledger))
    again = store.read(tmp_path, "key")
    assert again is not None
    pd.testing.assert_frame_equal(again.daily, frame, check_exact=True)
    halved = frame[::2].reset_index(drop=True)
    pd.testing.assert_frame_equal(again.by_period, halved, check_exact=True)
    assert again.ledger == ledger
