"""Jumps of a definition are found, and the business's own movement is not called one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from opsbook.data import Tables, jumps, load_tables
from opsbook.project import Project

PROJECT = Project.model_validate(
    {
        "project": {"id": "p", "title": "P"},
        "data": {
            "kpi": {
                "path": "t.csv",
                "period": {"column": "day", "grain": "month"},
                "dimensions": ["channel"],
            }
        },
        "metric": {
            "name": "Conversion",
            "numerator": "orders",
            "denominator": "visits",
            "better": "higher",
        },
    }
)


def tables(folder: Path, visits: dict[str, np.ndarray], *, first: int = 2020) -> Tables:
    lines = ["day,channel,orders,visits"]
    for channel, counts in visits.items():
        for i, count in enumerate(counts):
            if count > 0:
                lines.append(f"{first + i // 12}-{i % 12 + 1:02},{channel},1,{count:.0f}")
    (folder / "t.csv").write_text("\n".join(lines), encoding="utf-8")
    return load_tables(PROJECT, folder)


def noisy(level: np.ndarray, seed: int) -> np.ndarray:
    return level * np.random.default_rng(seed).normal(1, 0.04, len(level))


def test_a_denominator_that_is_halved_from_one_month_on_is_found(tmp_path):
    level = np.where(np.arange(48) < 30, 10_000.0, 5_000.0)
    (found,) = jumps(tables(tmp_path, {"web": noisy(level, 1)}).kpi, PROJECT)
    assert (found.kind, found.name, str(found.period.start)) == ("level", "visits", "2022-07-01")
    assert found.size == pytest.approx(0.5, rel=0.1)


@pytest.mark.parametrize("seed", range(10))
def test_a_trend_a_season_and_noise_are_no_jump(seed, tmp_path):
    months = np.arange(60)
    level = 10_000 * (1 + months / 100) * (1 + 0.2 * np.sin(months / 6 * np.pi))
    assert not jumps(tables(tmp_path, {"web": noisy(level, seed)}).kpi, PROJECT)


def test_a_category_that_is_suddenly_there_and_one_that_is_gone_are_found(tmp_path):
    months = np.arange(36)
    visits = {
        "web": np.full(36, 10_000.0),
        "app": np.where(months >= 20, 3_000.0, 0.0),
        "fax": np.where(months < 12, 2_000.0, 0.0),
        "tiny": np.where(months >= 20, 30.0, 0.0),
        "growing": np.maximum(months - 5.0, 0) * 40,
    }
    found = {
        (jump.kind, jump.name, str(jump.period.start))
        for jump in jumps(tables(tmp_path, visits).kpi, PROJECT)
        if jump.dimension
    }
    assert found == {("birth", "app", "2021-09-01"), ("death", "fax", "2021-01-01")}


def test_a_denominator_that_becomes_erratic_is_found(tmp_path):
    noise = np.random.default_rng(0).normal(1, np.where(np.arange(120) < 60, 0.02, 0.08))
    (found,) = jumps(tables(tmp_path, {"web": 10_000 * noise}, first=2012).kpi, PROJECT)
    assert (found.kind, found.name) == ("spread", "visits")
    assert abs(found.period.start.year - 2017) <= 1
    assert found.size > 3
