"""What the tests of a stage share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.stages.diagnosis_case import diagnoses

from opsbook.results.diagnosis import DiagnosisResult


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., DiagnosisResult]:
    """A folder with the shop's table, as a function that diagnoses it."""
    return diagnoses(tmp_path)
