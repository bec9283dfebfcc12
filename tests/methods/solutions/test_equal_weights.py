from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.equal_weights import equal_weights


def test_every_criterion_counts_the_same_and_no_order_is_stated():
    weights = equal_weights(["effect", "ease", "risk"])
    assert weights.method == "equal_weights"
    assert weights.shares == pytest.approx([1 / 3] * 3)
    assert weights.order == ()


def test_a_criterion_is_named_once():
    with pytest.raises(DataError, match="criterion may be named once"):
        equal_weights(["effect", "effect"])
    with pytest.raises(DataError, match="There is no criterion"):
        equal_weights([])
