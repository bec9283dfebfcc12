"""Additive causes: the story of New York's JFK recomputed, the laws of the sum, the errors."""

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.additive_causes import AdditiveCauses, additive_causes

ROOT = Path(__file__).parents[3]
NAME = "us_airport_delays_monthly.csv.gz"
PLACES = [ROOT / "params" / "data" / NAME, ROOT.parent / "shared" / "data" / NAME]
CAUSES = ["n_carrier", "n_late_aircraft", "n_nas", "n_security", "n_weather"]
CAPPED = {"JFK", "LGA", "EWR"}

amounts = st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=10)
bases = st.floats(1, 1e6)


@pytest.fixture(scope="module")
def months():
    """Read every month of every airport: US Bureau of Transportation Statistics, public domain."""
    found = [place for place in PLACES if place.exists()]
    if not found:
        pytest.skip(f"{NAME} is in none of {[str(p) for p in PLACES]}")
    with gzip.open(found[0], "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def pooled(rows: list[dict[str, str]]) -> dict[str, int]:
    """Sums of a calendar year: late flights are divided by flights once, not month by month."""
    sums: dict[str, int] = defaultdict(int)
    for row in rows:
        for column in ("flights", "delayed", *CAUSES):
            sums[column] += int(row[column])
    return sums


def change(rows: list[dict[str, str]]) -> tuple[AdditiveCauses, float]:
    """Change from 2004 to 2007 by cause, and the growth of the flights."""
    before = pooled([r for r in rows if r["month"].startswith("2004")])
    after = pooled([r for r in rows if r["month"].startswith("2007")])
    return additive_causes(
        [before[c] for c in CAUSES],
        before["flights"],
        [after[c] for c in CAUSES],
        after["flights"],
        names=CAUSES,
        numerator_before=before["delayed"],
        numerator_after=after["delayed"],
    ), after["flights"] / before["flights"] - 1


def test_jfk_rose_eleven_points_of_which_eight_and_a_half_by_air_traffic(months):
    result, growth = change([r for r in months if r["airport"] == "JFK"])
    by_cause = {c.cause: 100 * c.change for c in result.causes}
    assert 100 * result.total == pytest.approx(11.08, abs=0.005)
    assert by_cause["n_nas"] == pytest.approx(8.54, abs=0.005)
    assert growth == pytest.approx(0.38, abs=0.005)
    assert max(by_cause, key=by_cause.__getitem__) == "n_nas"
    # The causes are published rounded: 9 flights too many in 2004, 4 in 2007.
    assert 100 * result.unattributed == pytest.approx(0.0067, abs=0.0001)


def test_airports_without_caps_fell_in_air_traffic_delay(months):
    others = [r for r in months if r["airport"] not in CAPPED]
    assert len({r["airport"] for r in others}) == 26
    result, _ = change(others)
    by_cause = {c.cause: 100 * c.change for c in result.causes}
    assert by_cause["n_nas"] == pytest.approx(-0.44, abs=0.005)


def test_jfk_was_worse_than_the_year_before_in_twelve_months_running(months):
    share = {
        r["month"]: int(r["delayed"]) / int(r["flights"]) for r in months if r["airport"] == "JFK"
    }
    worse = {
        m: share[m] > share[f"{int(m[:4]) - 1}{m[4:]}"]
        for m in share
        if f"{int(m[:4]) - 1}{m[4:]}" in share
    }
    run = [*(f"2006-{m:02}" for m in range(9, 13)), *(f"2007-{m:02}" for m in range(1, 9))]
    assert len(run) == 12
    assert all(worse[m] for m in run)
    assert not worse["2006-08"]
    assert not worse["2007-09"]


def test_a_cause_can_explain_more_than_all_of_the_change():
    result = additive_causes([10, 10], 100, [5, 20], 100)
    assert [c.share_of_change for c in result.causes] == pytest.approx([-1, 2])


def test_no_share_is_given_where_the_total_stood_still():
    result = additive_causes([1, 2], 10, [2, 1], 10)
    assert result.total == 0
    assert [c.share_of_change for c in result.causes] == [None, None]


@given(amounts, bases, bases)
def test_the_causes_add_up_to_the_total(pairs, base0, base1):
    before, after = zip(*pairs, strict=True)
    result = additive_causes(before, base0, after, base1)
    size = max(1e-300, result.before, result.after)
    assert abs(result.unattributed) <= 1e-12 * size
    assert sum(c.change for c in result.causes) == pytest.approx(result.total, abs=1e-12 * size)


@given(amounts, bases, bases)
def test_reversed_in_time_every_change_is_its_negative(pairs, base0, base1):
    before, after = zip(*pairs, strict=True)
    there = additive_causes(before, base0, after, base1)
    back = additive_causes(after, base1, before, base0)
    assert back.total == -there.total
    assert [c.change for c in back.causes] == [-c.change for c in there.causes]


@given(amounts, bases, bases, st.randoms(use_true_random=False))
def test_the_order_of_the_causes_does_not_matter(pairs, base0, base1, random):
    names = [f"c{i}" for i in range(len(pairs))]
    order = list(range(len(pairs)))
    random.shuffle(order)
    before, after = zip(*pairs, strict=True)
    straight = additive_causes(before, base0, after, base1, names=names)
    shuffled = additive_causes(
        [before[i] for i in order],
        base0,
        [after[i] for i in order],
        base1,
        names=[names[i] for i in order],
    )
    assert shuffled.total == straight.total
    assert set(shuffled.causes) == set(straight.causes)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 2], 10, [1], 10), "equally many before and after"),
        (([1], 0, [1], 10), "denominator of period 'before' is 0; it must be above 0"),
        (([1], 10, [float("inf")], 10), "Cause '0' is not a finite number in period 'after'"),
    ],
)
def test_bad_tables_are_refused_by_name(arguments, words):
    with pytest.raises(DataError, match=words):
        additive_causes(*arguments)


def test_one_numerator_alone_is_refused():
    with pytest.raises(DataError, match="Only one of numerator_before and numerator_after"):
        additive_causes([1], 10, [1], 10, numerator_before=3)


def test_names_must_match_the_causes():
    with pytest.raises(DataError, match="2 names for 1 causes"):
        additive_causes([1], 10, [1], 10, names=["a", "b"])
