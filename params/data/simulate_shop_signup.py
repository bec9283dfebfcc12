#!/usr/bin/env python3
"""Make the table of the sample project shop_signup: made-up days of a made-up web shop.

No shop stands behind these figures. The table is simulated so that its truth is known: every
constant below is a fact that an analysis of the table may be held against. In short:

* Hangzhou gets a second verification step in August 2024; registration falls by 2.1 points.
* Its share of paid visitors, who register less, grows meanwhile: a change of the mix.
* On 2025-02-17 the two steps are merged into one, in Hangzhou only: 3.2 more of every hundred
  visitors register, whatever their channel and group; more registrations are fraudulent.
* What happens to all cities alike (weekdays, holidays, campaigns, the mood of the day) adds the
  same points everywhere. A nationwide campaign begins a week after the launch, so that the
  naive before/after overstates the lift by more than a point, and the other cities reveal it.

Running this file writes shop_signup.csv.gz beside it.
"""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TABLE = Path(__file__).with_name("shop_signup.csv.gz")
SEED = 20250217
FIRST_DAY = np.datetime64("2024-04-08")  # a Monday
DAYS = 61 * 7

TREATED = "杭州"
#: City → visitors on an average day. The first is treated, the others are controls: 20 of them
#: are the fewest that let the p-value of a placebo test fall below 5 %.
CITIES = {
    TREATED: 2400,
    "上海": 3000,
    "北京": 2900,
    "深圳": 2500,
    "广州": 2300,
    "成都": 2100,
    "重庆": 2000,
    "武汉": 1700,
    "南京": 1600,
    "苏州": 1500,
    "西安": 1400,
    "长沙": 1300,
    "天津": 1200,
    "郑州": 1200,
    "青岛": 1100,
    "宁波": 1000,
    "合肥": 1000,
    "济南": 1000,
    "厦门": 900,
    "福州": 900,
    "大连": 900,
}
#: Standard deviation of the cities' own levels of registration (points); Hangzhou's is 0.
CITY_SPREAD = 0.010

#: Channel and group of visitors. Paid advertising is aimed at new visitors only, so there are
#: three segments and not four.
SEGMENTS = (("付费", "新访客"), ("自然", "新访客"), ("自然", "老访客"))
#: Their share of the visitors before anything happens, and what becomes of a visitor; whoever is
#: left has never begun to fill in the form.
SHARE = np.array([0.45, 0.33, 0.22])
SIGNS_UP = np.array([0.146, 0.184, 0.232])
LEAVES_AT_VERIFICATION = np.array([0.053, 0.050, 0.047])
FAILS = np.array([0.010, 0.010, 0.009])
LEAVES_THE_FORM = np.array([0.190, 0.170, 0.140])

#: The second verification step, Hangzhou only, rolled out in four weekly quarters: this share of
#: all visitors leaves at the verification instead of registering.
SECOND_STEP = np.datetime64("2024-08-12")
STEP_LOSS = 0.021
#: Meanwhile the paid share of Hangzhou's visitors grows by this much, and stays.
PAID_GROWTH = 0.06

#: One-step verification, Hangzhou only: this share of all visitors registers instead of leaving
#: at the verification. THE TRUE EFFECT: +3.2 percentage points.
LAUNCH = np.datetime64("2025-02-17")
LIFT = 0.032

#: Fraudulent among the registrations: before the second step, under it, and after the launch
#: (THE TRUE HARM: +1.1 percentage points). The other cities keep theirs.
FRAUD = (0.034, 0.020, 0.031)
FRAUD_ELSEWHERE = 0.026
#: Registrations that order within seven days; nothing changes it.
FIRST_ORDER = 0.30

#: What comes to all cities alike: first day, last day, factor on visitors, points of registration.
COMMON_EVENTS = (
    ("2024-05-01", "2024-05-05", 0.90, -0.008),  # 五一
    ("2024-06-10", "2024-06-20", 1.45, +0.006),  # 618
    ("2024-10-01", "2024-10-07", 0.85, -0.010),  # 国庆
    ("2024-11-01", "2024-11-11", 1.55, +0.006),  # 双11
    ("2025-01-26", "2025-02-08", 0.65, -0.022),  # 春节
    ("2025-02-24", "2025-06-30", 1.08, +0.011),  # 全国新人礼, a week after the launch
    ("2025-05-01", "2025-05-05", 0.90, -0.008),  # 五一
)
#: Monday to Sunday, for all cities: factor on visitors, points of registration.
WEEKDAY_VISITS = np.array([0.96, 0.94, 0.94, 0.96, 1.02, 1.12, 1.06])
WEEKDAY_SIGNUP = np.array([0.003, 0.003, 0.002, 0.002, -0.001, -0.005, -0.004])

#: Noise: standard deviation and day-to-day correlation of the registration rate (points), of all
#: cities together and of each; of the log of the visitors; and how far the cells scatter beyond
#: counting (the smaller, the wilder).
COMMON_NOISE = (0.003, 0.6)
CITY_NOISE = (0.005, 0.4)
VISIT_NOISE = (0.06, 0.5)
CONCENTRATION = 1500.0

DIMENSIONS = ("日期", "城市", "渠道", "访客类型")
#: What became of a visitor: the last four add up to 未注册数.
OUTCOMES = ("注册数", "验证环节离开", "提交失败", "填写中离开", "未开始填写")
LOST = "未注册数"
MEASURES = ("访客数", "注册数", LOST, *OUTCOMES[1:], "疑似欺诈注册数", "七日下单数")


def simulate(seed: int = SEED) -> dict[str, NDArray[Any]]:
    """Draw the table.

    Args:
        seed: Another seed draws other noise around the same truth.

    Returns:
        Column → values: a row for each day, city and segment, in this order.
    """
    rng = np.random.default_rng(seed)
    days = FIRST_DAY + np.arange(DAYS)
    visits = rng.poisson(_expected_visits(rng, days))
    chances = _chances(rng, days)
    # Cells scatter beyond counting: a Dirichlet draw of the chances, then the counts.
    scattered = rng.gamma(CONCENTRATION * chances)
    outcomes = rng.multinomial(visits, scattered / scattered.sum(axis=-1, keepdims=True))
    signups = outcomes[..., 0]
    fraud = rng.binomial(signups, _scattered(rng, _fraud(rng, days)))
    orders = rng.binomial(signups, _scattered(rng, np.full(signups.shape, FIRST_ORDER)))

    day, city, segment = np.indices(visits.shape)
    names = np.array(list(CITIES))
    channels, groups = np.array(SEGMENTS).T
    columns = {
        "日期": days[day],
        "城市": names[city],
        "渠道": channels[segment],
        "访客类型": groups[segment],
        "访客数": visits,
        LOST: visits - signups,
        **{name: outcomes[..., i] for i, name in enumerate(OUTCOMES)},
        "疑似欺诈注册数": fraud,
        "七日下单数": orders,
    }
    return {name: columns[name].ravel() for name in (*DIMENSIONS, *MEASURES)}


def as_csv(columns: dict[str, NDArray[Any]]) -> str:
    """Write the columns as CSV text."""
    text = [column.astype(str).tolist() for column in columns.values()]
    rows = [",".join(columns), *(",".join(row) for row in zip(*text, strict=True))]
    return "\n".join(rows) + "\n"


def main() -> None:
    """Write the table beside this file, without a time stamp: the same bytes each time."""
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        file.write(as_csv(simulate()).encode())
    TABLE.write_bytes(packed.getvalue())


def _expected_visits(rng: np.random.Generator, days: NDArray[np.datetime64]) -> Floats:
    """Visitors to expect, shape (days, cities, segments)."""
    common = WEEKDAY_VISITS[np.arange(DAYS) % 7].copy()
    for first, last, factor, _ in COMMON_EVENTS:
        common[_between(days, first, last)] *= factor
    level: Floats = np.array(list(CITIES.values())) * common[:, None]
    level *= np.exp(_noise(rng, VISIT_NOISE, len(CITIES)))
    shares = np.tile(SHARE, (DAYS, len(CITIES), 1))
    growth = PAID_GROWTH * _rollout(days)[:, None]
    shares[:, 0] += growth * np.append(1, -SHARE[1:] / SHARE[1:].sum())
    expected: Floats = level[:, :, None] * shares
    return expected


def _chances(rng: np.random.Generator, days: NDArray[np.datetime64]) -> Floats:
    """Chance of each outcome, shape (days, cities, segments, outcomes)."""
    own = rng.normal(0, CITY_SPREAD, len(CITIES))
    own[0] = 0
    common = WEEKDAY_SIGNUP[np.arange(DAYS) % 7] + _noise(rng, COMMON_NOISE, 1)[:, 0]
    for first, last, _, points in COMMON_EVENTS:
        common[_between(days, first, last)] += points
    drift = own + common[:, None] + _noise(rng, CITY_NOISE, len(CITIES))

    chances = np.empty((DAYS, len(CITIES), len(SEGMENTS), len(OUTCOMES)))
    chances[..., 0] = SIGNS_UP + drift[:, :, None]
    chances[..., 1] = LEAVES_AT_VERIFICATION
    chances[..., 2] = FAILS
    chances[..., 3] = LEAVES_THE_FORM
    moved = LIFT * (days >= LAUNCH) - STEP_LOSS * _rollout(days)
    chances[:, 0, :, 0] += moved[:, None]
    chances[:, 0, :, 1] -= moved[:, None]
    chances[..., 4] = 1 - chances[..., :4].sum(axis=-1)
    return chances


def _fraud(rng: np.random.Generator, days: NDArray[np.datetime64]) -> Floats:
    """Chance that a registration is fraudulent, shape (days, cities, segments)."""
    chance = np.full((DAYS, len(CITIES)), FRAUD_ELSEWHERE)
    chance += rng.normal(0, 0.003, len(CITIES))
    before, under, after = FRAUD
    chance[:, 0] = np.where(days >= LAUNCH, after, before + (under - before) * _rollout(days))
    return np.repeat(chance[:, :, None], len(SEGMENTS), axis=2)


def _rollout(days: NDArray[np.datetime64]) -> Floats:
    """Share of Hangzhou's visitors that meet the second step: four weekly quarters."""
    weeks = (days - SECOND_STEP).astype(int) // 7 + 1
    share: Floats = np.clip(weeks, 0, 4) / 4
    return share


def _between(days: NDArray[np.datetime64], first: str, last: str) -> NDArray[np.bool_]:
    return (days >= np.datetime64(first)) & (days <= np.datetime64(last))


def _noise(rng: np.random.Generator, noise: tuple[float, float], series: int) -> Floats:
    """Stationary first-order autoregressions, shape (days, series)."""
    deviation, correlation = noise
    shocks = rng.normal(0, deviation, (DAYS, series))
    values = shocks.copy()
    for day in range(1, DAYS):
        fresh = np.sqrt(1 - correlation**2) * shocks[day]
        values[day] = correlation * values[day - 1] + fresh
    return values


def _scattered(rng: np.random.Generator, chance: Floats) -> Floats:
    """Chances that scatter around the given ones beyond counting."""
    return rng.beta(CONCENTRATION * chance, CONCENTRATION * (1 - chance))


if __name__ == "__main__":
    main()
