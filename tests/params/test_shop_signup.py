"""The simulated web shop: its table is the generator's, and its built-in truth can be found."""

import datetime as dt
import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from params.data import simulate_shop_signup as shop

from opsbook.project import Project, read_params
from opsbook.project.base import Window

PARAMS = Path(__file__).parents[2] / "params" / "shop_signup.yaml"
BEFORE = slice(shop.LAUNCH - np.timedelta64(12, "W"), shop.LAUNCH)
AFTER = slice(shop.LAUNCH, shop.LAUNCH + np.timedelta64(12, "W"))
CONTROLS = tuple(city for city in shop.CITIES if city != shop.TREATED)

Table = dict[str, NDArray[Any]]


@pytest.fixture(scope="module")
def table() -> Table:
    return shop.simulate()


@pytest.fixture(scope="module")
def project() -> Project:
    (only,) = read_params(PARAMS).projects()
    return only


def share(
    table: Table, above: str, below: str, span: slice, cities: tuple[str, ...] = (shop.TREATED,)
) -> float:
    """Pooled ratio of two columns over the days of a span, its end left out."""
    rows = (table["日期"] >= span.start) & (table["日期"] < span.stop)
    rows &= np.isin(table["城市"], list(cities))
    return float(table[above][rows].sum() / table[below][rows].sum())


def change(
    table: Table, above: str, below: str, cities: tuple[str, ...] = (shop.TREATED,)
) -> float:
    return share(table, above, below, AFTER, cities) - share(table, above, below, BEFORE, cities)


def weeks_until(project: Project, table: Table) -> shop.Floats:
    """Loss share of each week in focus until the trigger check's `as_of`."""
    assert project.trigger is not None
    assert project.trigger.as_of is not None
    end = np.datetime64(project.trigger.as_of.last) + 1
    starts = np.arange(shop.FIRST_DAY, end, 7)
    return np.array([share(table, shop.LOST, "访客数", slice(day, day + 7)) for day in starts])


def window(stretch: Window) -> slice:
    return slice(
        np.datetime64(stretch.start.first), np.datetime64(stretch.end.last + dt.timedelta(days=1))
    )


def test_the_shipped_table_is_what_the_generator_makes(table):
    with gzip.open(shop.TABLE, "rt", encoding="utf-8", newline="") as shipped:
        assert shipped.read() == shop.as_csv(table)


def test_the_packed_table_carries_no_time_and_no_name():
    head = shop.TABLE.read_bytes()[:8]
    assert head[3] == 0
    assert head[4:8] == bytes(4)


def test_the_params_say_that_the_data_are_simulated(project):
    assert project.data.kpi.simulated
    assert "模拟数据" in project.data.kpi.source
    assert "模拟数据" in project.project.title
    assert project.solutions.illustrative


def test_every_column_that_the_params_name_is_in_the_table(project, table):
    assert set(project.columns.values()) <= set(table)


def test_the_params_launch_on_the_day_that_the_generator_launches(project):
    assert project.effect.launched.first == shop.LAUNCH.item()
    assert project.data.kpi.focus == {"城市": shop.TREATED}


def test_the_outcomes_add_up_to_the_visitors(project, table):
    causes = sum(table[cause] for cause in project.diagnosis.causes)
    assert np.array_equal(causes, table[shop.LOST])
    assert np.array_equal(table[shop.LOST] + table["注册数"], table["访客数"])
    assert (table["疑似欺诈注册数"] <= table["注册数"]).all()
    assert (table["七日下单数"] <= table["注册数"]).all()


def test_the_weeks_are_whole_and_the_days_without_a_gap(table):
    days = np.unique(table["日期"])
    assert days[0].item().isoweekday() == 1
    assert np.array_equal(days, shop.FIRST_DAY + np.arange(shop.DAYS))
    assert len(days) % 7 == 0


def test_every_week_until_the_kick_off_misses_the_target(project, table):
    assert (weeks_until(project, table) > 1 - project.watched.target).all()


def test_the_loss_share_slides_away_from_its_own_past(project, table):
    weeks = weeks_until(project, table)
    calm = (window(project.trigger.baseline).stop - shop.FIRST_DAY).astype(int) // 7
    past, last = weeks[:calm], weeks[-8:]
    assert (last > past.mean() + 3 * past.std(ddof=1)).all()


def test_most_of_the_slide_happens_at_the_verification(project, table):
    before, after = window(project.diagnosis.before), window(project.diagnosis.after)

    def slide(column: str) -> float:
        return share(table, column, "访客数", after) - share(table, column, "访客数", before)

    parts = {cause: slide(cause) / slide(shop.LOST) for cause in project.diagnosis.causes}
    assert parts.pop("验证环节离开") > 0.75
    assert max(parts.values()) < 0.25


def test_the_kick_off_finds_the_handbooks_figures(table):
    conversion = share(table, "注册数", "访客数", BEFORE)
    left = share(table, "验证环节离开", "访客数", BEFORE)
    assert conversion == pytest.approx(0.15, abs=0.003)
    assert left / (left + conversion) == pytest.approx(0.32, abs=0.01)


def test_before_and_after_overstates_the_lift_by_more_than_a_point(table):
    assert change(table, "注册数", "访客数") > shop.LIFT + 0.01


def test_the_controls_reveal_the_lift(table):
    net = change(table, "注册数", "访客数") - change(table, "注册数", "访客数", CONTROLS)
    assert net == pytest.approx(shop.LIFT, abs=0.004)


def test_other_noise_leaves_the_same_truth():
    tables = [shop.simulate(seed) for seed in range(5)]
    naive = np.mean([change(one, "注册数", "访客数") for one in tables])
    common = np.mean([change(one, "注册数", "访客数", CONTROLS) for one in tables])
    assert naive - common == pytest.approx(shop.LIFT, abs=0.002)
    assert common > 0.01


def test_no_control_moves_as_far_as_the_treated_city(table):
    lift = change(table, "注册数", "访客数")
    assert all(change(table, "注册数", "访客数", (city,)) < lift - 0.01 for city in CONTROLS)


def test_the_target_is_missed_even_so(project, table):
    assert share(table, "注册数", "访客数", AFTER) < project.metric.target


def test_fraud_worsens_beyond_its_margin_and_first_orders_hold(project, table):
    fraud, orders = project.metric.guardrails
    worse = change(table, fraud.numerator, fraud.denominator)
    assert worse > fraud.margin
    assert worse == pytest.approx(shop.FRAUD[2] - shop.FRAUD[1], abs=0.003)
    assert abs(change(table, orders.numerator, orders.denominator)) < orders.margin


def test_the_option_with_the_most_points_is_knocked_out_by_the_law(project):
    gates = {option.id: option.gates["legal"] for option in project.solutions.options}
    assert [option for option, passed in gates.items() if not passed] == ["third_party"]
    assert "third_party" not in project.solutions.decision.chosen
