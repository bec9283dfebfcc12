"""Stage 2 on tables whose truth is known: where a change sits, and what is proven."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from tests.stages.diagnosis_case import EFFECT, FORMULA, LOST, log, why, words

from opsbook import show
from opsbook.data import load_tables
from opsbook.errors import DataError, OpsbookError
from opsbook.project import load_project
from opsbook.stages import diagnosis
from opsbook.stages.context import Context
from opsbook.text import Language

DATA = Path(__file__).parents[1] / "data"


def test_the_tree_leaves_nothing_over_and_blames_the_step_that_changed(shop):
    (tree,) = shop({"formula": FORMULA}).trees
    assert abs(tree.residual) <= 1e-12 * abs(tree.total)
    assert tree.unexplained == pytest.approx(0, abs=1e-12)
    share = {node.label: node.share for node in tree.nodes if len(node.path) == 1}
    assert share["orders / cart"] > 0.9
    assert abs(share["cart / visits"]) < 0.1


@pytest.mark.parametrize("split", ["lmdi", "shapley"])
def test_each_part_of_the_tree_is_cut_by_segments_that_add_up_to_it(shop, split):
    (tree,) = shop({"formula": FORMULA, "split": split, "cut_by": "channel"}).trees
    assert (tree.split, tree.cut_by) == (split, "channel")
    cut = [node for node in tree.nodes if node.cuts]
    assert {len(node.path) for node in cut} == {1, 2}
    for node in cut:
        assert sum(part.contribution for part in node.cuts) == pytest.approx(node.contribution)
    paid = next(node for node in cut if node.label == "orders / cart")
    assert paid.cuts[0].label == "app"
    assert paid.cuts[0].contribution / paid.contribution > 0.9


def test_the_volume_is_compared_per_period_where_windows_differ_in_length(shop):
    change = shop({"before": {"from": "2024-W06", "to": "2024-W40"}}).change
    assert change.before.n > change.after.n
    assert change.volume_change.value == pytest.approx(0, abs=0.01)


def test_a_benchmark_is_another_side_of_the_tree(shop):
    other = {"name": "Industry", "columns": {"visits": 1000, "cart": 500, "orders": 250}}
    (tree,) = shop({"formula": FORMULA, "against": ["benchmark"], "benchmark": other}).trees
    assert tree.before == pytest.approx(0.25)
    assert tree.name == "Industry"
    assert sum(n.contribution for n in tree.nodes if n.leaf) == pytest.approx(
        tree.total - tree.unexplained
    )


def test_of_a_benchmark_of_proportions_only_the_proportions_count(shop):
    parts = []
    for size in (1, 1000):
        other = {"name": "Industry", "columns": {"visits": 10 * size, "orders": 3 * size}}
        section = {"formula": "orders / visits", "against": ["benchmark"], "benchmark": other}
        (tree,) = shop(section).trees
        parts.append([node.contribution for node in tree.nodes])
    assert parts[0] == pytest.approx(parts[1])
    assert parts[0][2] == pytest.approx(0)  # as many visits: all of it is the orders

    amount = {"formula": "orders", "against": ["benchmark"]}
    (tree,) = shop({**amount, "benchmark": {"name": "Plan", "columns": {"orders": 1}}}).trees
    assert tree.nodes[0].before == 1


def test_a_year_without_data_is_told_and_does_not_fail(shop):
    (tree,) = shop(
        {
            "formula": FORMULA,
            "against": ["last_year"],
            "after": {"from": "2024-W30", "to": "2024-W39"},
            "before": {"from": "2024-W10", "to": "2024-W20"},
        }
    ).trees
    assert tree.nodes == ()
    assert "not computed" in Language("en").say(tree.reason)


def test_causes_of_the_loss_add_up_to_the_metrics_own_change(shop):
    result = shop(LOST)
    change = result.change.change.value
    assert change < 0
    assert result.causes.total == pytest.approx(change)
    assert sum(row.change for row in result.causes.rows) == pytest.approx(change)
    assert result.causes.unexplained == pytest.approx(0, abs=1e-12)


def test_the_slice_that_changed_is_found_beside_its_remainder(shop):
    search = next(s for s in shop({}).slices if s.of == "metric")
    assert [found.conditions for found in search.slices] == [(("channel", "app"),)]
    (found,) = search.slices
    assert found.before - found.after > 0.04
    assert found.rest_before == pytest.approx(found.rest_after, abs=0.01)


def test_a_change_of_the_mix_alone_is_not_said_to_be_everywhere(shop, tmp_path):
    shop({})
    rows = [
        (week, channel, visits, orders)
        for week in pd.date_range("2024-01-01", periods=60, freq="7D")
        for channel, visits, orders in (
            [("app", 1000, 800), ("web", 1000, 200)]
            if week < pd.Timestamp("2024-10-07")
            else [("app", 200, 180), ("web", 1800, 540)]
        )
    ]
    table = pd.DataFrame(rows, columns=["week", "channel", "visits", "orders"])
    table.to_csv(tmp_path / "mix.csv", index=False)
    kpi = {
        "path": "mix.csv",
        "period": {"column": "week", "grain": "week"},
        "dimensions": ["channel"],
    }
    result = shop({"formula": "orders / visits", "cut_by": "channel"}, kpi=kpi)
    assert result.trees[0].reversals == ("Orders per visit",)
    assert "reversal_before" in {caution.id for caution in result.cautions}
    result = shop({"segments": ["channel"]}, kpi=kpi)
    assert "reversal_channel" in {caution.id for caution in result.cautions}
    search = next(s for s in result.slices if s.of == "metric")
    assert not search.everywhere
    assert search.own_change == pytest.approx(0.1)
    assert search.after - search.before == pytest.approx(-0.14)
    told = " ".join(Language("en").say(f.statement) for f in result.findings)
    assert "The shares of channel moved it, from 50.0% to 36.0%" in told
    assert "their own figures moved it by +10.00 percentage points" in told
    assert "their shares moved it" in show.slices(result.slices).html
    volume = next(s for s in result.slices if s.of == "volume")
    assert (volume.few, volume.slices) == (True, ())
    assert "among only 2, even a large move" in show.slices(result.slices).html


# The blizzard of 8 and 9 February 2013 closed all three airports.
def test_the_blizzard_over_new_york_reads_everywhere_and_not_three_airports(tmp_path):
    params = {
        "project": {"id": "nyc", "title": "New York"},
        "data": {
            "kpi": {
                "path": str(DATA / "nyc_flights_daily_2013.csv.gz"),
                "period": {"column": "date", "grain": "day"},
                "dimensions": ["origin", "carrier"],
            }
        },
        "metric": {
            "name": "Cancelled",
            "better": "lower",
            "numerator": "cancelled",
            "denominator": "flights",
        },
        "diagnosis": {
            "before": {"from": "2013-02-01", "to": "2013-02-07"},
            "after": {"from": "2013-02-08", "to": "2013-02-09"},
        },
    }
    path = tmp_path / "nyc.yaml"
    path.write_text(yaml.safe_dump(params), encoding="utf-8")
    loaded = load_project(path)
    result = diagnosis.run(Context(project=loaded, tables=load_tables(loaded, tmp_path)))
    search = next(s for s in result.slices if s.of == "metric")
    assert search.everywhere
    assert search.slices == ()
    told = {f.id: Language("en").say(f.statement) for f in result.findings}
    assert told["slices"].startswith("It moved everywhere, from 1.")


FUNNEL = {
    "steps": [
        {"name": "visit", "people": "visits", "touchpoint": "first_conversion"},
        {"name": "cart", "people": "visits - no_cart", "pain": "slow"},
        {"name": "order", "people": "orders", "touchpoint": "churn_risk"},
    ],
    "value_per_person": 20,
    "by": ["channel"],
}


def test_the_funnel_counts_everybody_and_each_group(shop):
    journey = shop({"funnel": FUNNEL}).journey
    everybody, *groups = journey.views
    people = [step.people for step in everybody.steps]
    assert people == sorted(people, reverse=True)
    assert {group.value for group in groups} == {"app", "web"}
    assert sum(group.steps[2].people for group in groups) == people[2]
    last = everybody.steps[2]
    assert last.lower < last.conversion < last.upper < last.conversion_before
    assert everybody.steps[1].pain == "slow"


def test_a_small_group_shows_its_interval_and_no_bare_share(shop):
    steps = [{"name": "come", "people": "visits"}, {"name": "buy", "people": "orders"}]
    journey = shop({"funnel": {"steps": steps, "by": ["channel"]}}).journey
    html = show.journey_table(journey).html
    groups = html[html.index("Share that goes on") :]
    cell = r"\d\d\.\d% \(<span class=\"whole\">\d\d\.\d%–\d\d\.\d%</span>\); before \d\d\.\d%"
    assert len(re.findall(cell, groups)) == 2


def test_steps_in_the_wrong_order_are_told_and_do_not_fail(shop):
    steps = [{"name": "order", "people": "orders"}, {"name": "visit", "people": "visits"}]
    journey = shop({"funnel": {"steps": steps}}).journey
    assert journey.views == ()
    assert "more than" in Language("en").say(journey.reason)


def test_a_dimension_of_a_hundred_thousand_values_still_gives_the_slice_that_fell(shop, tmp_path):
    rng, n = np.random.default_rng(5), 100_000
    weeks: list[dict[str, Any]] = []
    for week, fell in (("2024-09-02", False), ("2024-11-04", True)):
        channel = np.where(np.arange(n) % 2, "app", "web")
        visits = rng.poisson(20, n)
        paid = np.where((channel == "app") & fell, 0.2, 0.4)
        orders = rng.binomial(visits, paid)
        weeks.append({"week": week, "channel": channel, "visits": visits, "orders": orders})
    table = pd.concat([pd.DataFrame(part).assign(city=np.arange(n)) for part in weeks])
    table.to_csv(tmp_path / "shop.csv", index=False)
    steps = [{"name": "come", "people": "visits"}, {"name": "buy", "people": "orders"}]
    result = shop(
        {
            "segments": ["city"],
            "funnel": {"steps": steps, "by": ["city"]},
            "formula": "orders / visits",
            "cut_by": "city",
        }
    )
    everybody, largest, *_ = result.journey.views
    assert everybody.steps[0].people == weeks[1]["visits"].sum()
    assert largest.steps[0].people == weeks[1]["visits"].max()
    cuts = result.trees[0].nodes[1].cuts
    assert sum(c.contribution for c in cuts) == pytest.approx(result.trees[0].nodes[1].contribution)
    rate, visits = result.slices
    assert [(s.conditions, s.direction) for s in rate.slices] == [((("channel", "app"),), "fell")]
    assert not rate.everywhere
    assert visits.slices == ()
    assert len(result.model_dump_json()) < 200_000


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        ({"ecrs": {"pcik": "combine"}}, r"diagnosis\.flow\.ecrs .* 'pcik'.* did you mean 'pick'"),
        ({"value_added": {"x": True}}, r"flow\.value_added .* 'x'.* it has: pack, pick, ship"),
    ],
)
def test_a_step_that_the_event_log_does_not_have_is_refused(shop, tmp_path, flow, words):
    with pytest.raises(DataError, match=words):
        shop({"flow": flow}, process=log(tmp_path))


def test_the_flow_names_the_bottleneck_the_rework_and_the_value(shop, tmp_path):
    section = {"flow": {"value_added": {"pack": True}, "ecrs": {"pick": "combine"}}}
    flow = shop(section, process=log(tmp_path)).flow
    assert flow.most_waiting == "pack"
    assert flow.rework_share == pytest.approx(0.25)
    assert [step.step for step in flow.steps] == ["pick", "pack", "ship"]
    assert 0 < flow.value_added_share < 1
    assert flow.paths[0].steps == ("pick", "pack", "ship")


def test_an_event_that_ends_before_it_starts_is_told_and_does_not_fail(shop, tmp_path):
    columns = log(tmp_path)
    table = pd.read_csv(tmp_path / "log.csv")
    table.loc[0, "end"] = "2024-01-01 00:00:00"
    table.to_csv(tmp_path / "log.csv", index=False)
    flow = shop({}, process=columns).flow
    assert flow.steps == ()
    assert "end before they start" in Language("en").say(flow.reason)


def test_the_open_hours_leave_the_nights_out(shop, tmp_path):
    columns = log(tmp_path)
    always = shop({}, process=columns).flow
    office = shop({"flow": {"open_hours": {"days": [1, 2, 3, 4, 5]}}}, process=columns).flow
    assert office.lead_p50 < always.lead_p50


def test_hours_past_midnight_and_a_week_of_holidays_are_open_hours_too(shop, tmp_path):
    rows = [
        ("1", "pick", "2024-11-04 23:00", "2024-11-05 01:00"),
        ("1", "pack", "2024-11-05 03:00", "2024-11-05 12:00"),
        ("2", "pick", "2024-11-11 23:00", "2024-11-12 05:00"),
    ]
    pd.DataFrame(rows, columns=["c", "s", "a", "b"]).to_csv(tmp_path / "night.csv", index=False)
    process = {"path": "night.csv", "case": "c", "step": "s", "start": "a", "end": "b"}
    open_hours = {"opens": 22, "closes": 6, "holidays": ["2024-W46"]}
    flow = shop({"flow": {"open_hours": open_hours}}, process=process).flow
    times = {step.step: (step.wait_hours, step.touch_hours) for step in flow.steps}
    assert times == {"pick": (0, pytest.approx(2)), "pack": (pytest.approx(2), pytest.approx(3))}


def test_feedback_is_counted_by_topic_and_quoted_without_names(shop, tmp_path):
    voices = shop({}, feedback=words(tmp_path)).voices
    assert [(t.topic, t.mentions) for t in voices.topics] == [("payment", 30), ("price", 10)]
    assert voices.topics[0].lower < 0.75 < voices.topics[0].upper
    assert voices.quotes[0].text == "Paying failed 0, call [name]"
    assert voices.quotes[0].id == "F1"
    assert "Smith" not in voices.model_dump_json()


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"formula": "orders / vists"}, "has no column 'vists'"),
        ({"formula": "exec(visits)"}, "calls 'exec'"),
        ({"formula": "visits ** 99 ** 99"}, "has a power"),
        ({"against": ["benchmark"], "formula": FORMULA}, "benchmark is left out"),
        ({"slices": ["shop"]}, "which is not in data.kpi.dimensions"),
        (
            {"whys": [why({**EFFECT, "beyond_peers": True})]},
            "diagnosis.peers is left out",
        ),
        (
            {"whys": [why({**EFFECT, "measure": "orders", "beyond_peers": True})]},
            "'orders' is an amount",
        ),
        ({"cut_by": "channel"}, "cut_by: needs a formula"),
        ({"cut_by": "shop", "formula": FORMULA}, "which is not in data.kpi.dimensions"),
        (
            {
                "whys": [
                    {"id": "a", "claim": "A.", "because_of": "b"},
                    {"id": "b", "claim": "B.", "because_of": "a"},
                ]
            },
            "a circle",
        ),
        ({"before": {"from": "2024-W16", "to": "2024-W45"}}, "overlap"),
        (
            {
                "whys": [
                    why(
                        {
                            "kind": "slice_rate_differs",
                            "shows": "effect",
                            "cases": "orders / cart",
                            "out_of": "cart",
                            "slice": {"channel": "app"},
                            "direction": "lower",
                        }
                    )
                ]
            },
            "'orders / cart' does not count cases",
        ),
    ],
)
def test_faults_are_told_with_the_value(shop, section, told):
    with pytest.raises(OpsbookError, match=told):
        shop(section)


def test_a_dimension_that_cannot_be_split_is_told_and_does_not_fail(shop, tmp_path):
    shop({})
    table = pd.read_csv(tmp_path / "shop.csv")
    table.loc[table["city"] == "B", "visits"] = 0
    table.to_csv(tmp_path / "empty.csv", index=False)
    kpi = {
        "path": "empty.csv",
        "period": {"column": "week", "grain": "week"},
        "dimensions": ["channel", "city"],
    }
    by_city, by_channel = shop({"segments": ["city", "channel"]}, kpi=kpi).segments
    assert by_city.rows == ()
    assert "denominator_before is 0" in Language("en").say(by_city.reason)
    assert by_channel.reason is None


def test_a_dimension_of_many_values_is_told_by_its_largest_and_the_others(shop, tmp_path):
    shop({})
    table = pd.read_csv(tmp_path / "shop.csv")
    table["customer"] = [f"c{i % 97}" for i in range(len(table))]
    table.to_csv(tmp_path / "wide.csv", index=False)
    kpi = {
        "path": "wide.csv",
        "period": {"column": "week", "grain": "week"},
        "dimensions": ["channel", "city", "customer"],
    }
    (split,) = shop({"segments": ["customer"]}, kpi=kpi).segments
    assert len(split.rows) == 31
    assert split.rows[-1].label == ""
    assert sum(row.rate + row.mix for row in split.rows) == pytest.approx(split.total)
    assert sum(row.n_after for row in split.rows) == pytest.approx(
        table.loc[table["week"].between("2024-10-14", "2025-02-02"), "visits"].sum()
    )


def test_the_samples_findings_can_be_said_in_both_languages(jfk):
    result = jfk["diagnosis"]
    for code in ("en", "zh"):
        for finding in result.findings:
            assert "{" not in Language(code).say(finding.statement)
    assert len(result.model_dump_json()) < 200_000
