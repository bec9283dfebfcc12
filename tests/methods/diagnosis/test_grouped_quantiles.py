"""Grouped quantiles agree with numpy's, group by group."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.methods.diagnosis.grouped_quantiles import grouped_quantiles

rows = st.lists(st.tuples(st.floats(-1e6, 1e6), st.integers(0, 4)), min_size=1, max_size=60)


@given(rows, st.floats(0, 1))
def test_agrees_with_numpy_in_every_group(rows, share):
    values, groups = (np.array(column) for column in zip(*rows, strict=True))
    result = grouped_quantiles(values, groups, 6, [share])[0]
    for group in range(6):
        own = values[groups == group]
        if own.size:
            assert result[group] == pytest.approx(np.quantile(own, share), abs=1e-9)
        else:
            assert np.isnan(result[group])
