import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.methods.effect.published import article, numbers, table

from opsbook.errors import DataError
from opsbook.methods.effect.difference_in_differences import difference_in_differences
from opsbook.methods.effect.staggered_adoption import (
    Comparison,
    StaggeredAdoption,
    staggered_adoption,
)

LAUNCHED = [2, 2, 4, 4, None, None, None, None]


def teen_employment(controls: Comparison, *, adjusted: bool = False) -> StaggeredAdoption:
    rows = article("did_mpdta.csv.gz")
    counties, years, jobs = table(rows, "countyreal", "year", "lemp")
    first = dict(zip((r["countyreal"] for r in rows), numbers(rows, "first.treat"), strict=True))
    launched = [years.index(str(int(first[c]))) if first[c] else None for c in counties]
    population = dict(zip((r["countyreal"] for r in rows), numbers(rows, "lpop"), strict=True))
    return staggered_adoption(
        jobs,
        launched=launched,
        controls=controls,
        covariates=[population[c] for c in counties] if adjusted else None,
    )


# Callaway & Sant'Anna (2021), teen employment and the minimum wage; the figures without
# covariates, as R's did prints them: att_gt(xformla = ~1) and aggte(type = ...).
def test_agrees_with_did_on_teen_employment():
    result = teen_employment("never")
    by_block = {(b.launched + 2003, b.period + 2003): b.estimate for b in result.group_periods}
    assert by_block[2004, 2006].effect == pytest.approx(-0.1373, abs=5e-5)
    assert by_block[2007, 2007].effect == pytest.approx(-0.0261, abs=5e-5)
    assert by_block[2007, 2004].effect == pytest.approx(0.0305, abs=5e-5)
    assert result.simple.effect == pytest.approx(-0.0400, abs=5e-5)
    assert result.dynamic.effect == pytest.approx(-0.0772, abs=5e-5)
    assert result.group.effect == pytest.approx(-0.0310, abs=5e-5)
    assert dict(result.by_exposure)[1].effect == pytest.approx(-0.0510, abs=5e-5)
    assert dict(result.by_launch)[1].effect == pytest.approx(-0.0797, abs=5e-5)


def test_the_interval_on_teen_employment_is_that_of_did():
    dynamic = teen_employment("never").dynamic  # R: (-.1164, -.0381)
    assert (dynamic.lower, dynamic.upper) == pytest.approx((-0.1164, -0.0381), abs=2e-3)


# The same with the counties' population, doubly robust; Stata's csdid (dripw) prints the simple
# average as -.0417518 with a standard error of .0115028.
def test_agrees_with_csdid_when_adjusted_for_population():
    result = teen_employment("never", adjusted=True)
    by_block = {(b.launched + 2003, b.period + 2003): b.estimate for b in result.group_periods}
    assert by_block[2004, 2004].effect == pytest.approx(-0.0145, abs=5e-5)
    assert by_block[2004, 2007].effect == pytest.approx(-0.1069, abs=5e-5)
    assert by_block[2007, 2007].effect == pytest.approx(-0.0288, abs=5e-5)
    simple = result.simple
    assert simple.effect == pytest.approx(-0.0417518, abs=5e-8)
    assert simple.upper is not None
    assert (simple.upper - simple.effect) / 1.9648 == pytest.approx(0.0115, abs=5e-5)


def test_later_launches_can_serve_as_controls():
    result = teen_employment("not_yet")
    by_block = {(b.launched + 2003, b.period + 2003): b.estimate for b in result.group_periods}
    assert by_block[2004, 2004].effect == pytest.approx(-0.0194, abs=5e-5)
    # In the last year every county has launched or never does: both comparisons agree.
    assert by_block[2004, 2007].effect == pytest.approx(-0.1008, abs=5e-5)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.floats(-5, 5), st.sampled_from(["never", "not_yet"]))
def test_levels_of_units_and_shocks_of_periods_do_not_matter(seed, effect, controls):
    rng = np.random.default_rng(seed)
    levels, shocks = rng.normal(size=(8, 1)), rng.normal(size=6)
    panel = levels + shocks
    for unit, first in enumerate(LAUNCHED):
        panel[unit, first or 6 :] += effect
    result = staggered_adoption(panel, launched=LAUNCHED, controls=controls)
    for estimate in (result.simple, result.dynamic, result.group):
        assert estimate.effect == pytest.approx(effect, abs=1e-9)
    assert all(abs(e.effect) < 1e-9 for since, e in result.by_exposure if since < 0)


def test_an_effect_that_grows_keeps_its_sign():
    # The two-way regression gets this one wrong: the early units' growth is a control's "trend".
    panel = np.zeros((40, 8)) + np.random.default_rng(12).normal(scale=0.1, size=(40, 8))
    launched = [1] * 18 + [5] * 18 + [None] * 4
    for unit, first in enumerate(launched):
        if first is not None:
            panel[unit, first:] += 0.5 * np.arange(1, 9 - first)
    result = staggered_adoption(panel, launched=launched)
    assert [round(e.effect, 1) for since, e in result.by_exposure if since >= 0][:3] == [
        0.5,
        1,
        1.5,
    ]
    assert result.simple.lower is not None
    assert result.simple.lower > 0


def test_a_single_launched_unit_is_one_against_many():
    panel = np.random.default_rng(13).normal(size=(20, 2))
    staggered = staggered_adoption(panel, launched=[1] + [None] * 19).simple
    plain = difference_in_differences(panel, treated=0, after=[False, True]).estimate
    assert staggered.effect == pytest.approx(plain.effect)
    assert staggered.lower == pytest.approx(plain.lower, rel=1e-6)


def test_few_launched_units_raise_false_alarms_at_the_nominal_rate():
    rng = np.random.default_rng(14)
    launched = [3, 3, 5] + [None] * 20
    noise = rng.normal(size=(300, 23, 8))
    false = [staggered_adoption(n, launched=launched).simple.excludes_zero for n in noise]
    assert np.mean(false) < 0.07


def test_a_unit_with_a_gap_or_launched_from_the_start_is_left_out():
    panel = np.random.default_rng(15).normal(size=(8, 6))
    panel[1, 3] = np.nan
    result = staggered_adoption(panel, launched=[0, 2, 2, 4, None, None, None, 9])
    assert result.dropped == (0, 1)
    assert result.n_units == 6


def test_as_many_launches_as_units_leave_no_interval():
    values = np.random.default_rng(3).normal(size=(3, 6))
    found = staggered_adoption(values, launched=[2, 5, None], controls="not_yet").simple
    assert (found.lower, found.upper, found.p_value) == (None, None, None)


def test_refuses_covariates_for_a_handful_of_units():
    panel = np.random.default_rng(19).normal(size=(8, 6))
    with pytest.raises(DataError, match="period 2 has 2 units; covariates need 10"):
        staggered_adoption(panel, launched=LAUNCHED, covariates=range(8))


@pytest.mark.parametrize(
    ("launched", "words"),
    [
        ([1, None], "there are 2 launches"),
        ([None] * 4, "No unit launches within the periods"),
        ([0, 0, None, None], "No unit launches within the periods"),
        ([1, 1, 1, None], "Fewer than two units have not launched"),
    ],
)
def test_says_what_is_missing(launched, words):
    with pytest.raises(DataError, match=words):
        staggered_adoption(np.arange(12.0).reshape(4, 3), launched=launched)
