from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from opsbook.errors import DataError
from opsbook.methods.solutions.random_weights import random_weights
from opsbook.methods.solutions.rank_order_centroid import rank_order_centroid

NAMES = ["a", "b", "c", "d"]


def draw(
    order: list[tuple[str, str]], draws: int = 20_000, names: Sequence[str] = NAMES
) -> NDArray[np.float64]:
    return random_weights(names, order=order, draws=draws, rng=np.random.default_rng(7))


# Barron & Barrett (1996): the centroid of all weights in a full order has a closed form.
def test_a_full_order_has_the_rank_order_centroid_as_its_mean():
    mean = draw([("a", "b"), ("b", "c"), ("c", "d")]).mean(axis=0)
    assert mean == pytest.approx(rank_order_centroid(NAMES).shares, abs=0.005)


def test_a_partial_order_gives_what_throwing_the_others_away_would_give():
    order = [("a", "c"), ("b", "c"), ("b", "d")]
    free = draw([], draws=100_000)
    a, b, c, d = free.T
    kept = free[(a >= c) & (b >= c) & (b >= d)]
    drawn = draw(order)
    assert drawn.mean(axis=0) == pytest.approx(kept.mean(axis=0), abs=0.006)
    assert drawn.std(axis=0) == pytest.approx(kept.std(axis=0), abs=0.006)
    assert (drawn[:, 0] > drawn[:, 1]).mean() == pytest.approx(
        (kept[:, 0] > kept[:, 1]).mean(), abs=0.015
    )


pairs = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=8)


@given(pairs)
def test_every_draw_adds_up_and_keeps_every_statement(statements):
    names = [str(i) for i in range(6)]
    order = [(str(min(p)), str(max(p))) for p in statements if p[0] != p[1]]
    drawn = draw(order, draws=50, names=names)
    assert drawn.sum(axis=1) == pytest.approx(np.ones(50))
    for heavy, light in order:
        assert (drawn[:, int(heavy)] >= drawn[:, int(light)]).all()


def test_names_the_circle_in_a_contradictory_order():
    with pytest.raises(DataError, match="in a circle: a over b over c over a"):
        draw([("a", "b"), ("b", "c"), ("c", "a")])


def test_names_an_unknown_criterion_and_refuses_too_long_an_order():
    with pytest.raises(DataError, match="Unknown criterion in the order: 'x'"):
        draw([("a", "x")])
    names = [str(i) for i in range(17)]
    with pytest.raises(DataError, match="ties 17 criteria together"):
        draw([("0", name) for name in names[1:]], names=names)
