import numpy as np
import pytest
from numpy.typing import NDArray

from opsbook.methods.trigger.change_kind import change_kind

TIME: NDArray[np.int64] = np.arange(60)
NOISE: NDArray[np.float64] = np.random.default_rng(2).standard_normal(60) * 0.3


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (5.0 * (TIME >= 30), "level_shift"),
        (0.4 * TIME + 5.0 * (TIME >= 30), "level_shift"),
        (0.4 * np.maximum(0, TIME - 30), "trend_break"),
        (5.0 * (TIME >= 30) + 0.4 * np.maximum(0, TIME - 30), "level_and_trend"),
    ],
)
@pytest.mark.parametrize("autocorrelation", [0.0, 0.4])
def test_tells_a_jump_from_a_bend_from_both(change, kind, autocorrelation):
    found, place = change_kind(NOISE + change, TIME, 30, autocorrelation)
    assert found == kind
    assert place == pytest.approx(30, abs=2)


def test_moves_a_bend_to_where_it_is():
    bent = NOISE + np.maximum(0, TIME - 30).astype(np.float64)
    assert change_kind(bent, TIME, 33, 0.0) == ("trend_break", 30)


def test_an_exact_jump_is_no_division_by_zero():
    jump = (TIME >= 30).astype(np.float64)
    assert change_kind(jump, TIME, 30, 0.0) == ("level_shift", 30)
