import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opsbook.methods.effect.covariance_grid import covariance_grid
from opsbook.methods.effect.error_whitening import error_whitening


@settings(max_examples=20, deadline=None)
@given(positions=st.sets(st.integers(0, 40), min_size=3, max_size=12))
def test_whitening_twice_is_the_inverse_of_each_covariance(positions):
    time = np.array(sorted(positions))
    grid = covariance_grid(0.5)
    whitened, log_determinant = error_whitening(np.eye(time.size), time, grid)
    for member in range(grid.prior.size):
        apart = np.abs(time[:, None] - time)
        tied = np.where(apart == 0, 1.0, grid.correlation[member] ** np.maximum(apart, 1))
        elapsed = 1 + np.minimum(time[:, None], time) - time[0]
        covariance = tied + grid.walk[member] * elapsed
        assert whitened[member] @ covariance @ whitened[member].T == pytest.approx(
            np.eye(time.size), abs=1e-7
        )
        assert log_determinant[member] == pytest.approx(np.linalg.slogdet(covariance)[1])
