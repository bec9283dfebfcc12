#!/usr/bin/env python3
"""Make the tables of the four examples: made-up figures of businesses that do not exist.

Every constant below is a fact that a report may be held against. In short:

* shop_conversion: in Leeds the payment page breaks for phones on 2024-11-04; 4.0 more of every
  hundred visitors with a phone leave there. On 2025-03-03 it is mended, in Leeds only. The other
  21 shops keep their rates; all shops share holidays and moods.
* order_fulfilment: from 2025-02-17 one of two people at the quality check is away: orders wait
  there three times as long, and more of them are late. Every tenth order is packed twice.
* complaint_topics: from 2025-04-28 a new carrier brings three times as many complaints about late
  delivery. Every other topic stays as it was.
* repair_times: from 2025-09-08 every other tablet at the north site waits for a part, five times
  as long as before. Every other repair takes as long as it did.

Running this file writes the tables beside it, the same bytes each time.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
SEED = 20250303
Rows = list[Sequence[object]]

SHOPS = (
    "Leeds", "Bath", "Bristol", "Cardiff", "Carlisle", "Chester", "Coventry", "Derby", "Dundee",
    "Durham", "Exeter", "Glasgow", "Hull", "Leicester", "Lincoln", "Norwich", "Oxford", "Perth",
    "Preston", "Stirling", "Truro", "York",
)  # fmt: skip
FIRST_WEEK, WEEKS = date(2024, 1, 1), 78
BROKEN, MENDED = date(2024, 11, 4), date(2025, 3, 3)
PAYMENT_LOSS = 0.04  # of all visitors with a phone, in Leeds
BUYS = {"phone": 0.085, "computer": 0.125}
LEAVES_AT_PAYMENT = {"phone": 0.025, "computer": 0.020}
FILLS_CART = 0.12
RETURNED = 0.08

STEPS = (("check stock", 0.2, 0.1), ("pick", 2.0, 0.3), ("pack", 2.5, 0.25))
QUALITY, SHIP = ("quality check", 4.0, 0.2), ("ship", 2.0, 0.1)
LOG_FROM, LOG_DAYS, ORDERS_A_DAY = date(2025, 1, 6), 84, 16
ONE_AWAY = date(2025, 2, 17)
LONGER = 3.0
PACKED_TWICE = 0.1

#: Topic → complaints per 1,000 orders.
TOPICS = {"late delivery": 1.6, "damaged": 1.1, "wrong item": 0.9, "refund": 0.7, "website": 0.5}
TALK_FROM, TALK_WEEKS, WEEKLY_ORDERS = date(2025, 1, 6), 24, 6000
NEW_CARRIER = date(2025, 4, 28)
MORE = 3.0
WORDS = {
    "late delivery": ("My parcel came five days late.", "Still waiting, and nobody answers."),
    "damaged": ("The box was open and a glass was broken.", "Scratched all over."),
    "wrong item": ("I ordered blue and got green.", "Somebody else's order was in my parcel."),
    "refund": ("My money is not back after three weeks.", "The refund is too small."),
    "website": ("The page froze at the payment.", "I cannot log in any more."),
}

REPAIRS_FROM, REPAIR_WEEKS, REPAIRS_A_WEEK = date(2024, 12, 30), 48, 60
PARTS_SCARCE = date(2025, 9, 8)
HOURS, SPREAD = 10.0, 0.55
WAITS, TIMES_AS_LONG = 0.5, 5.0


def shop_conversion(rng: np.random.Generator) -> Rows:
    """A row for each week, shop and device."""
    rows: Rows = [("week", "shop", "device", "visitors", "carts", "paying", "orders", "returned")]
    own = dict(zip(SHOPS, rng.normal(0, 0.006, len(SHOPS)), strict=True))
    for number in range(WEEKS):
        week = FIRST_WEEK + timedelta(weeks=number)
        season = 1.5 if week.month == 12 else 1.0
        mood = rng.normal(0, 0.002)
        for shop in SHOPS:
            for device, buys in BUYS.items():
                broken = shop == "Leeds" and device == "phone" and BROKEN <= week < MENDED
                loss = PAYMENT_LOSS if broken else 0.0
                visitors = rng.poisson(season * (1500 if shop == "Leeds" else 700))
                buying = buys + own[shop] + mood + rng.normal(0, 0.003) - loss
                leaving = LEAVES_AT_PAYMENT[device] + loss
                chances = (buying, leaving, FILLS_CART, 1 - buying - leaving - FILLS_CART)
                orders, left, carts_left, _ = rng.multinomial(visitors, chances)
                paying, carts = orders + left, orders + left + carts_left
                returned = rng.binomial(orders, RETURNED)
                rows.append((week, shop, device, visitors, carts, paying, orders, returned))
    return rows


def order_fulfilment(rng: np.random.Generator) -> tuple[Rows, Rows]:
    """The log of every step, and the orders of each day with those that took over 24 hours."""
    log: Rows = [("order", "step", "begun", "ended", "who")]
    days: Rows = [("day", "orders", "late")]
    number = 10000
    for offset in range(LOG_DAYS):
        day = LOG_FROM + timedelta(days=offset)
        orders, late = int(rng.poisson(ORDERS_A_DAY)), 0
        for _ in range(orders):
            number += 1
            came = datetime.combine(day, time()) + timedelta(hours=rng.uniform(0, 24))
            now = came
            again = [STEPS[-1]] if rng.random() < PACKED_TWICE else []
            for step, wait, work in (*STEPS, QUALITY, *again, SHIP):
                slow = LONGER if step == QUALITY[0] and day >= ONE_AWAY else 1.0
                first = step == STEPS[0][0]
                begun = now if first else now + timedelta(hours=rng.gamma(2, wait * slow / 2))
                now = begun + timedelta(hours=rng.gamma(4, work / 4))
                people = 1 if slow > 1 else 2
                who = f"{step} {rng.integers(1, people + 1)}"
                log.append(
                    (f"A{number}", step, *(f"{t:%Y-%m-%d %H:%M}" for t in (begun, now)), who)
                )
            late += now - came > timedelta(hours=24)
        days.append((day, orders, late))
    return log, days


def complaint_topics(rng: np.random.Generator) -> tuple[Rows, Rows]:
    """A row for each complaint, and the orders and complaints of each week."""
    said: Rows = [("date", "topic", "channel", "words", "severity", "score")]
    weeks: Rows = [("week", "orders", "complaints")]
    for number in range(TALK_WEEKS):
        week = TALK_FROM + timedelta(weeks=number)
        orders, complaints = int(rng.poisson(WEEKLY_ORDERS)), 0
        for topic, rate in TOPICS.items():
            more = MORE if topic == "late delivery" and week >= NEW_CARRIER else 1.0
            for _ in range(rng.poisson(orders / 1000 * rate * more)):
                complaints += 1
                day = week + timedelta(days=int(rng.integers(0, 7)))
                channel = ("app", "hotline", "shop")[rng.choice(3, p=(0.5, 0.35, 0.15))]
                words = WORDS[topic][rng.integers(0, 2)]
                severity = ("low", "middle", "high")[rng.choice(3, p=(0.5, 0.35, 0.15))]
                score = int(rng.integers(0, 7))
                said.append((day, topic, channel, f"{words} (no. {len(said)})", severity, score))
        weeks.append((week, orders, complaints))
    return said, weeks


def repair_times(rng: np.random.Generator) -> Rows:
    """A row for each repair."""
    rows: Rows = [("done", "site", "device", "hours")]
    for number in range(REPAIR_WEEKS):
        week = REPAIRS_FROM + timedelta(weeks=number)
        for _ in range(rng.poisson(REPAIRS_A_WEEK)):
            site = ("north", "south")[rng.integers(0, 2)]
            device = ("phone", "tablet", "laptop")[rng.choice(3, p=(0.4, 0.4, 0.2))]
            scarce = site == "north" and device == "tablet" and week >= PARTS_SCARCE
            longer = TIMES_AS_LONG if scarce and rng.random() < WAITS else 1.0
            hours = longer * HOURS * np.exp(rng.normal(0, SPREAD))
            day = week + timedelta(days=int(rng.integers(0, 6)))
            rows.append((day, site, device, f"{hours:.1f}"))
    return rows


def tables() -> dict[str, Rows]:
    """File → its rows, each from a stream of random numbers of its own."""
    shop, orders, complaints, repairs = np.random.default_rng(SEED).spawn(4)
    log, days = order_fulfilment(orders)
    said, weeks = complaint_topics(complaints)
    return {
        "shop_conversion.csv.gz": shop_conversion(shop),
        "order_steps.csv.gz": log,
        "order_days.csv": days,
        "complaints.csv": said,
        "complaint_weeks.csv": weeks,
        "repairs.csv.gz": repair_times(repairs),
    }


def as_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as the text of a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def main() -> None:
    """Write the tables, the packed ones without a time stamp."""
    for name, rows in tables().items():
        content = as_csv(rows)
        if name.endswith(".gz"):
            content = gzip.compress(content, 9, mtime=0)
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
