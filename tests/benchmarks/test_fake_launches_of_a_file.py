"""The benchmark of fake launches takes any file and names what it cannot use."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import fake_launches, placebo_panels

DRAW = np.random.default_rng(4)


def rows(name: str, periods: list[str], values: list[Any]) -> list[str]:
    return [f"{name},{period},{value}" for period, value in zip(periods, values, strict=True)]


def written(folder: Path, *series: list[str]) -> Path:
    file = folder / "series.csv"
    lines = [line for one in series for line in one]
    file.write_text("\n".join(["series,period,value", *lines]) + "\n", encoding="utf-8")
    return file


def figures(capsys: pytest.CaptureFixture[str], monkeypatch: Any, module: Any, *words: str) -> Any:
    monkeypatch.setattr(sys, "argv", ["benchmark", *words, "--json"])
    module.main()
    return json.loads(capsys.readouterr().out)


DAYS = [f"2024-{1 + i // 28:02}-{1 + i % 28:02}" for i in range(56)]
MONTHS = [f"{2019 + i // 12}-{1 + i % 12}" for i in range(40)]
WEEKS = [f"2024-W{1 + i:02}" for i in range(30)]
QUARTERS = [f"{2010 + i // 4} Q{1 + i % 4}" for i in range(30)]


def test_periods_of_every_grain_gaps_zeros_and_negative_values_are_taken(
    tmp_path, capsys, monkeypatch
):
    with_gaps = ["" if i % 7 == 6 else DRAW.normal() for i in range(56)]
    file = written(
        tmp_path,
        rows("days", DAYS, with_gaps),
        rows("instants", [f"{day}T00:00:00" for day in DAYS], list(DRAW.normal(size=56))),
        rows("months", MONTHS, list(-DRAW.random(40))),
        rows("weeks", WEEKS, list(DRAW.poisson(0.4, 30))),
        rows("quarters", QUARTERS, list(DRAW.normal(5, 1, 30))),
        rows("numbers", [str(i) for i in reversed(range(30))], list(DRAW.normal(size=30))),
    )
    found = figures(capsys, monkeypatch, fake_launches, "--data", str(file), "--dates", "3")
    assert (found["series"], found["refused"]) == (6, [])
    assert 0 <= found["false_alarms"] <= 1
    assert 0 <= found["power"] <= 1


def test_what_cannot_be_used_is_named_with_the_reason(tmp_path, capsys, monkeypatch):
    numbers = [str(i) for i in range(30)]
    file = written(
        tmp_path,
        rows("good", numbers, list(DRAW.normal(size=30))),
        rows("constant", numbers, [5] * 30),
        rows("short", numbers[:9], list(range(9))),
        rows("twice", [str(i // 2) for i in range(30)], list(DRAW.normal(size=30))),
        rows("hours", [f"2024-01-01 {i % 24:02}:30" for i in range(24)], list(DRAW.random(24))),
        rows("words", ["spring"] * 15 + ["autumn"] * 15, list(DRAW.random(30))),
    )
    found = figures(capsys, monkeypatch, fake_launches, "--data", str(file), "--dates", "3")
    assert found["series"] == 1
    told = "\n".join(found["refused"])
    for words in ("constant: All values are 5", "short: 9 values", "twice: The period 0 occurs"):
        assert words in told
    assert "has a time of day" in told
    assert "words: The period" in told


def test_panels_are_read_in_the_order_of_time(tmp_path, capsys, monkeypatch):
    units = [
        rows(f"u{unit}", [str(i) for i in range(26)], list(DRAW.normal(size=26)))
        for unit in range(5)
    ]
    file = written(tmp_path, *units, rows("gap", ["3"], ["n/a"]))
    found = figures(capsys, monkeypatch, placebo_panels, "--data", str(file))
    assert found["launches"] == 5
    assert placebo_panels.wide({("a", "10"): 2.0, ("a", "9"): 1.0}).tolist() == [[1.0, 2.0]]
