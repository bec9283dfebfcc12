"""LMDI: published figures, the laws of the index, its limits at zero, its errors."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.factor_split import FactorSplit
from opsbook.methods.diagnosis.lmdi import lmdi

# R package LMDIR (MIT), tests/testthat/test_lmdi.R: two sub-categories of three factors, by year.
LMDIR = {
    1971: [[1, 10, 2], [4, 5, 3]],
    1972: [[4, 5, 3], [5, 6, 4]],
    1973: [[8, 2, 4], [5, 7, 5]],
    1974: [[10, 1, 5], [6, 8, 6]],
}
ANSWERS = [
    (1971, [69.79006598, -9.455125793, 39.66505981], [1.761117821, 0.926191306, 1.379410116]),
    (1972, [42.96021467, -34.31902656, 50.3588119], [1.229284572, 0.847970248, 1.273773912]),
    (1973, [54.01064234, -9.021284671, 54.01064234], [1.208140223, 0.968911503, 1.208140223]),
]

sizes = st.floats(1e-6, 1e6)
pairs = st.lists(st.tuples(sizes, sizes), min_size=1, max_size=6)
with_zeros = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
zero_pairs = st.lists(st.tuples(with_zeros, with_zeros), min_size=1, max_size=5)


def parts(split: FactorSplit) -> list[float]:
    return [f.contribution for f in split.factors]


def scale(split: FactorSplit) -> float:
    return max(1e-300, split.before, split.after, *map(abs, parts(split)))


@pytest.mark.parametrize(("year", "additive", "multiplicative"), ANSWERS)
def test_agrees_with_the_r_package_lmdir(year, additive, multiplicative):
    split = lmdi(LMDIR[year], LMDIR[year + 1])
    assert parts(split) == pytest.approx(additive, rel=1e-9)
    assert [f.times for f in split.factors] == pytest.approx(multiplicative, rel=1e-9)


# Our own arithmetic: exposure * click rate * completion, total +10.
def test_splits_a_funnel():
    split = lmdi([100_000, 0.05, 0.02], [110_000, 0.04, 0.025])
    assert split.total == pytest.approx(10, rel=1e-13)
    expected = [10.000000000000016, -23.412352360716515, 23.412352360716504]
    assert parts(split) == pytest.approx(expected, rel=1e-12)


def test_a_dividing_factor_takes_the_opposite_sign():
    split = lmdi([20, 100], [20, 80], powers=[1, -1])
    assert parts(split) == pytest.approx([0, 0.05])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([0, 5], [4, 5], [20, 0]),  # from nothing: the new factor explains all
        ([4, 5], [0, 9], [-20, 0]),  # to nothing
        ([0, 0], [4, 5], [10, 10]),  # both from nothing: evenly
        ([0, 5], [4, 0], [0, 0]),  # the product stood at nothing
        ([0, 3], [0, 5], [0, 0]),
        ([0, 0, 3], [2, 0, 4], [0, 0, 0]),
    ],
)
def test_zeros_take_their_limits(before, after, expected):
    assert parts(lmdi(before, after)) == pytest.approx(expected)


def test_the_limits_at_zero_are_what_small_numbers_approach():
    tiny = 1e-300
    exact = parts(lmdi([0, 5, 2], [4, 6, 3]))
    near = parts(lmdi([tiny, 5, 2], [4, 6, 3]))
    assert near == pytest.approx(exact, abs=0.1)


def test_nothing_that_moved_has_no_share():
    split = lmdi([2, 3], [2, 3])
    assert [f.share_of_change for f in split.factors] == [None, None]
    assert [f.times for f in split.factors] == [1, 1]


def test_two_negative_factors_are_no_change_of_sign():
    split = lmdi([-2, 3], [-4, 3])
    assert parts(split) == pytest.approx([-6, 0])


@given(pairs)
def test_the_parts_add_up_to_the_total(rows):
    split = lmdi(*zip(*rows, strict=True))
    assert abs(split.residual) <= 1e-12 * scale(split)
    assert math.fsum(parts(split)) == pytest.approx(split.total, abs=1e-12 * scale(split))


@given(pairs)
def test_the_ratios_multiply_to_the_whole_ratio(rows):
    split = lmdi(*zip(*rows, strict=True))
    logs = [math.log(f.times or 0) for f in split.factors]
    limit = 1e-9 * (1 + sum(map(abs, logs)))
    assert sum(logs) == pytest.approx(math.log(split.after / split.before), abs=limit)


@given(zero_pairs)
def test_zeros_leave_no_rest(rows):
    split = lmdi(*zip(*rows, strict=True))
    assert abs(split.residual) <= 1e-12 * scale(split)


@given(zero_pairs)
def test_reversed_in_time_every_part_changes_its_sign(rows):
    before, after = zip(*rows, strict=True)
    there, back = lmdi(before, after), lmdi(after, before)
    assert parts(back) == pytest.approx([-p for p in parts(there)], abs=1e-12 * scale(there))


@given(zero_pairs, st.randoms(use_true_random=False))
def test_the_order_of_the_factors_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    straight = lmdi(*zip(*rows, strict=True))
    shuffled = lmdi(*zip(*[rows[i] for i in order], strict=True))
    expected = [parts(straight)[i] for i in order]
    assert parts(shuffled) == pytest.approx(expected, abs=1e-12 * scale(straight))


def test_a_change_of_sign_is_refused_by_name():
    with pytest.raises(DataError, match=r"Factor 'margin' changes its sign.*Use shapley"):
        lmdi([5, -1], [5, 2], names=["sales", "margin"])


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        (([1, 2], [1]), {}, "one shape in both periods"),
        (([1], [2]), {"names": ["a", "b"]}, "1 factors, 2 names and 1 powers"),
        (([1, 2], [1, 2]), {"powers": [1, 2]}, "Powers must be \\+1 or -1"),
        (([1, 0], [1, 2]), {"powers": [1, -1]}, "Factor '1' divides and is 0 in period 'before'"),
        (([1], [math.nan]), {}, "Factor '0' is not a finite number in period 'after'"),
    ],
)
def test_bad_factors_are_refused_by_name(arguments, options, words):
    with pytest.raises(DataError, match=words):
        lmdi(*arguments, **options)
