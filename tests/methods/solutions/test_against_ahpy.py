"""ahpy as oracle for the analytic hierarchy process; a test-only dependency."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.methods.solutions.analytic_hierarchy_process import (
    RANDOM_INDEX,
    analytic_hierarchy_process,
)

ahpy = pytest.importorskip("ahpy", reason="ahpy is a test-only oracle")

# ahpy takes Saaty's random indices of 2005, we those of 1980, which his house of 1980 needs.
SAATY_2005 = {3: 0.52, 4: 0.89, 5: 1.11, 6: 1.25, 7: 1.35, 8: 1.40, 9: 1.45}
scale = st.sampled_from([1 / 9, 1 / 7, 1 / 5, 1 / 3, 1, 3, 5, 7, 9])


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 8), st.data())
def test_weights_and_consistency_agree_with_ahpy(n, data):
    names = [f"c{i}" for i in range(n)]
    pairs = {pair: data.draw(scale) for pair in combinations(names, 2)}
    table = np.ones((n, n))
    for (first, second), value in pairs.items():
        i, j = names.index(first), names.index(second)
        table[i, j], table[j, i] = value, 1 / value
    theirs = ahpy.Compare("oracle", pairs, precision=6, random_index="saaty", iterations=500)
    ours = analytic_hierarchy_process(table, names)
    share = dict(zip(names, ours.weights.shares, strict=True))
    assert share == pytest.approx(theirs.local_weights, abs=1e-5)
    ratio = ours.consistency_ratio * RANDOM_INDEX[n - 1] / SAATY_2005[n]
    assert ratio == pytest.approx(theirs.consistency_ratio, abs=1e-4)
