from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.methods.effect.published import article, table

from opsbook.errors import DataError
from opsbook.methods.effect.predictor_synthetic_control import predictor_synthetic_control

SOUND = {"values": [[1, 2, 9], [1, 1, 1], [1, 3, 3]], "predictors": [[2.0], [1.0], [3.0]]}


def averages(periods: Mapping[str, Iterable[int]]) -> NDArray[np.float64]:
    """Means of each country's columns over the years given, one predictor each."""
    rows = article("sc_germany.csv.gz")
    columns = []
    for column, years in periods.items():
        _, calendar, values = table(rows, "country", "year", column)
        columns.append(values[:, [calendar.index(str(year)) for year in years]])
    return np.column_stack([np.nanmean(values, axis=1) for values in columns])


# Abadie, Diamond & Hainmueller (2015), AJPS 59, table 1: Austria .42, USA .22, Japan .16,
# Switzerland .11, Netherlands .09; West Germany loses about 1,600 dollars a head and year.
def test_agrees_with_abadie_on_west_germany():
    countries, years, gdp = table(article("sc_germany.csv.gz"), "country", "year", "gdp")
    seventies, eighties = range(1971, 1981), range(1981, 1991)
    early = dict.fromkeys(("gdp", "trade", "infrate", "industry"), seventies)
    late = dict.fromkeys(("gdp", "trade", "infrate", "industry"), eighties)
    year = np.array([int(y) for y in years])
    result = predictor_synthetic_control(
        gdp,
        averages(late | {"schooling": (1980, 1985), "invest80": (1980,)}),
        treated=countries.index("West Germany"),
        after=year > 1990,
        training=(
            averages(early | {"schooling": (1970, 1975), "invest70": (1980,)}),
            (year >= 1981) & (year <= 1990),
        ),
    )
    weights = {countries[c]: w for c, w in zip(result.controls, result.weights, strict=True)}
    published = {
        "Austria": 0.42,
        "USA": 0.22,
        "Japan": 0.16,
        "Switzerland": 0.11,
        "Netherlands": 0.09,
    }
    assert weights == pytest.approx(dict.fromkeys(weights, 0.0) | published, abs=0.01)
    assert np.mean(result.gaps[-14:]) == pytest.approx(-1600, abs=100)


def test_the_seed_does_not_change_the_answer():
    rng = np.random.default_rng(16)
    values, predictors = rng.normal(size=(8, 12)), rng.normal(size=(8, 3))
    after = np.arange(12) > 9
    first, second = (
        predictor_synthetic_control(values, predictors, treated=0, after=after, seed=seed)
        for seed in (0, 1)
    )
    assert second.weights == pytest.approx(first.weights, abs=0.01)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"predictors": [[1.0], [1.0], [1.0]]}, "Predictor 0 has the same value for all units"),
        ({"predictors": [[1.0], [2.0]]}, r"predictors have the shape \(2, 1\) for 3 units"),
        ({"treated": [0, 1]}, "one treated unit and no gap; here are 2 and 0 gaps"),
        ({"values": [[1, np.nan, 9], [1, 1, 1], [1, 3, 3]]}, "here are 1 and 1 gaps"),
        ({"training": ([[1.0], [2.0], [3.0]], [0, 0, 1])}, "do not fit the panel"),
    ],
)
def test_says_what_is_wrong(change, words):
    with pytest.raises(DataError, match=words):
        predictor_synthetic_control(**({"treated": 0, "after": [0, 0, 1]} | SOUND | change))
