"""Rate and mix: a published table, the laws of the split, and its errors."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.rate_mix import RateMix, rate_mix

# Admitted and applied by department A to F, Berkeley, autumn 1973: Bickel, Hammel & O'Connell
# (1975), Science 187, 398-404; R's datasets::UCBAdmissions.
MEN = ([512, 353, 120, 138, 53, 22], [825, 560, 325, 417, 191, 373])
WOMEN = ([89, 17, 202, 131, 94, 24], [108, 25, 593, 375, 393, 341])

cells = st.tuples(
    st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)
).map(lambda c: (min(c[0], c[1]), c[1], min(c[2], c[3]), c[3]))
tables = st.lists(cells, min_size=1, max_size=12).filter(
    lambda rows: any(r[1] for r in rows) and any(r[3] for r in rows)
)


def split(rows) -> RateMix:
    return rate_mix(*zip(*rows, strict=True))


def size(result: RateMix) -> float:
    return max(1e-300, result.before, result.after)


def test_agrees_with_the_berkeley_admissions():
    result = rate_mix(*MEN, *WOMEN, segments=list("ABCDEF"), minimum_n=20)
    assert result.before == pytest.approx(0.4451876625789669, rel=1e-14)
    assert result.after == pytest.approx(0.30354223433242505, rel=1e-14)
    assert result.total == pytest.approx(-0.1416454282465418, rel=1e-13)
    assert result.rate == pytest.approx(0.03602848290570063, rel=1e-13)
    assert result.mix == pytest.approx(-0.17767391115224251, rel=1e-13)
    assert result.rate_base_first == pytest.approx(0.07096917575817248, rel=1e-13)
    assert result.mix_base_first == pytest.approx(-0.14273321829977068, rel=1e-13)
    assert result.interaction == pytest.approx(-0.06988138570494366, rel=1e-13)


def test_berkeley_is_a_reversal_though_two_departments_went_along():
    result = rate_mix(*MEN, *WOMEN, segments=list("ABCDEF"), minimum_n=20)
    assert result.reversal
    assert not result.complete_reversal
    assert (result.rising, result.falling) == (4, 2)


def test_every_segment_rising_while_the_total_falls_is_a_complete_reversal():
    result = rate_mix([80, 20], [100, 100], [36, 108], [40, 360])
    assert result.reversal
    assert result.complete_reversal


def test_no_reversal_where_segments_and_total_go_the_same_way():
    result = rate_mix([10, 20], [100, 100], [20, 30], [100, 100])
    assert not result.reversal
    assert not result.complete_reversal
    assert result.mix == pytest.approx(0, abs=1e-15)


def test_a_segment_below_the_minimum_is_kept_in_the_sums_and_not_counted():
    result = rate_mix([50, 1], [100, 5], [60, 5], [100, 5])
    assert [s.enough for s in result.segments] == [True, False]
    assert (result.rising, result.falling) == (1, 0)
    assert result.rate == pytest.approx(result.total)


def test_a_segment_that_is_new_moves_the_mix_only():
    result = rate_mix([50, 0], [100, 0], [50, 90], [100, 100])
    new = result.segments[1]
    assert new.ratio_before is None
    assert new.ratio_after == pytest.approx(0.9)
    assert new.rate == 0
    assert result.mix == pytest.approx(result.total)


def test_the_mix_of_a_growing_segment_below_the_average_is_negative():
    result = rate_mix([80, 20], [100, 100], [80, 40], [100, 200])
    assert result.segments[1].mix < 0


@given(tables)
def test_the_parts_add_up_to_the_total(rows):
    result = split(rows)
    assert abs(result.residual) <= 1e-12 * size(result)
    three = result.rate_base_first + result.mix_base_first + result.interaction
    assert three == pytest.approx(result.total, abs=1e-12 * size(result))
    listed = sum(s.rate + s.mix for s in result.segments)
    assert listed == pytest.approx(result.total, abs=1e-12 * size(result))


# A segment's ratio leaps from 0.008 to 1024: its rate is far larger than the total.
def test_a_leaping_ratio_leaves_no_rest_in_the_contributions():
    result = rate_mix([1, 1, 1], [1, 0.75, 122], [1, 1, 16], [1, 585, 0.015625])
    assert max(abs(s.rate) for s in result.segments) > 1000 * abs(result.total)
    listed = math.fsum(s.contribution for s in result.segments)
    assert listed == pytest.approx(result.total, rel=1e-12)


@given(st.lists(st.tuples(*[st.floats(1e-3, 1e6)] * 4), min_size=1, max_size=8))
def test_contributions_add_up_whatever_the_ratios(rows):
    result = split(rows)
    limit = 1e-12 * max(result.before, result.after)
    assert abs(result.residual) <= limit
    for segment in result.segments:
        both = segment.rate + segment.mix
        size = max(limit, 1e-12 * abs(segment.rate), 1e-12 * abs(segment.mix))
        assert segment.contribution == pytest.approx(both, abs=size)


@given(tables)
def test_reversed_in_time_every_part_changes_its_sign(rows):
    there, back = split(rows), split([(c, d, a, b) for a, b, c, d in rows])
    limit = 1e-12 * size(there)
    assert back.total == pytest.approx(-there.total, abs=limit)
    assert back.rate == pytest.approx(-there.rate, abs=limit)
    assert back.mix == pytest.approx(-there.mix, abs=limit)
    for one, other in zip(there.segments, back.segments, strict=True):
        assert other.rate == pytest.approx(-one.rate, abs=limit)
        assert other.mix == pytest.approx(-one.mix, abs=limit)


@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_the_segments_does_not_matter(rows, random):
    order = list(range(len(rows)))
    random.shuffle(order)
    names = [f"s{i}" for i in range(len(rows))]
    straight = rate_mix(*zip(*rows, strict=True), segments=names)
    shuffled = rate_mix(
        *zip(*[rows[i] for i in order], strict=True), segments=[names[i] for i in order]
    )
    ordered = tuple(sorted(straight.segments, key=lambda s: s.segment))
    assert tuple(sorted(shuffled.segments, key=lambda s: s.segment)) == ordered
    assert replace(shuffled, segments=()) == replace(straight, segments=())


@given(tables)
def test_equal_ratios_everywhere_leave_nothing_to_mix(rows):
    flat = [(0.25 * b, b, 0.5 * d, d) for _, b, _, d in rows if b and d]
    if flat:
        result = split(flat)
        assert result.mix == pytest.approx(0, abs=1e-12)
        assert result.rate == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (([1], [2], [1, 2], [3, 4]), "one-dimensional and equally long"),
        (([1], [0], [1], [2]), "denominator_before is 0 under a numerator that is not in segm"),
        (([1], [2], [1], [-2]), "denominator_after is negative in segment '0'"),
        (([0], [0], [1], [2]), "denominator_before is 0 in all of 1 segments"),
        (([np.nan], [1], [1], [2]), "numerator_before is not a finite number in segment '0'"),
    ],
)
def test_bad_tables_are_refused_by_name(arrays, words):
    with pytest.raises(DataError, match=words):
        rate_mix(*arrays)


def test_names_must_match_the_segments():
    with pytest.raises(DataError, match="2 segment names for 1 segments"):
        rate_mix([1], [2], [1], [2], segments=["a", "b"])
