"""Rates of topics."""

import numpy as np
import pytest

from opsbook.errors import DataError
from opsbook.methods.trigger.topic_rates import topic_rates

TABLE = [[1, 2, 1, 2, 1], [9, 8, 11, 30, 10], [4, 5, 3, 4, 5]]


def test_ranks_the_topics_and_adds_up_their_shares():
    topics = topic_rates(TABLE, [500] * 5)
    assert [t.topic for t in topics] == [1, 2, 0]
    assert [t.mentions for t in topics] == [68, 21, 7]
    assert [t.enough for t in topics] == [True, True, False]
    assert topics[0].rate == pytest.approx(27.2)
    assert [t.cumulative for t in topics] == pytest.approx([68 / 96, 89 / 96, 1.0])


# Garwood's exact 95 % limits of 7 events are 2.814 and 14.423 (Fay 2010, and any table).
def test_the_interval_is_garwoods():
    least = topic_rates(TABLE, [200] * 5)[-1]
    assert (least.lower, least.upper) == pytest.approx((2.814, 14.423), abs=5e-4)


def test_a_topic_never_mentioned_has_a_rate_of_zero_and_an_upper_limit():
    topic = topic_rates([[0, 0]], [500, 500])[0]
    assert (topic.rate, topic.lower, topic.share) == (0.0, 0.0, None)
    assert topic.upper == pytest.approx(3.689, abs=5e-4)


def test_without_volume_there_is_no_rate():
    topic = topic_rates([[3, 4]], [0, 0])[0]
    assert (topic.rate, topic.lower, topic.upper, topic.mentions) == (None, None, None, 0)


def test_each_topic_gets_the_chart_that_suits_it():
    rng = np.random.default_rng(1)
    calm = rng.poisson(20, 30)
    wild = rng.poisson(rng.gamma(4, 5, 30))
    topics = {t.topic: t for t in topic_rates([calm, wild], [1000] * 30)}
    assert topics[0].chart.method == "u_chart"
    assert topics[1].chart.method == "laney_u_chart"
    assert topics[1].choice.reason == "overdispersed"


def test_refuses_tables_that_do_not_fit():
    with pytest.raises(DataError, match="must have a row for each topic"):
        topic_rates([1, 2], [5, 5])
    with pytest.raises(DataError, match=r"'volume' has shape \(3,\) but there are 5 periods"):
        topic_rates(TABLE, [1, 2, 3])
