"""Stage 2 on tables whose truth is known: where a change sits, and what is proven."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from opsbook.data import load_tables
from opsbook.errors import OpsbookError
from opsbook.project import load_project
from opsbook.results.diagnosis import DiagnosisResult
from opsbook.stages import diagnosis
from opsbook.stages.context import Context
from opsbook.text import Language

DATA = Path(__file__).parents[1] / "data"
WEEKS = 60
CHANGED = 40


def project(folder: Path, section: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Params over a weekly shop: from week 40 on, the app's payment loses ten points of ten."""
    return {
        "project": {"id": "shop", "title": "Shop"},
        "data": {
            "kpi": {
                "path": "shop.csv",
                "period": {"column": "week", "grain": "week"},
                "dimensions": ["channel", "city"],
            },
            "events": [{"title": "new payment page", "from": "2024-10-07"}],
            **more,
        },
        "metric": {
            "name": "Orders per visit",
            "numerator": "orders",
            "denominator": "visits",
            "better": "higher",
        },
        "diagnosis": {
            "before": {"from": "2024-W16", "to": "2024-W40"},
            "after": {"from": "2024-W42", "to": "2025-W05"},
            **section,
        },
    }


@pytest.fixture
def shop(tmp_path):
    """A folder with the shop's table; returns a function that diagnoses it."""
    rng = np.random.default_rng(7)
    rows = []
    for week in range(WEEKS):
        day = dt.date(2024, 1, 1) + dt.timedelta(weeks=week)
        for channel in ("app", "web"):
            for city in "ABCDEF":
                visits = 2000 + int(rng.integers(100))
                paid = 0.4 if week < CHANGED or channel == "web" else 0.3
                cart = rng.binomial(visits, 0.5)
                orders = rng.binomial(cart, paid)
                rows.append((day, channel, city, visits, cart, orders))
    names = ["week", "channel", "city", "visits", "cart", "orders"]
    table = pd.DataFrame(rows, columns=names)
    table["no_cart"] = table["visits"] - table["cart"]
    table["unpaid"] = table["cart"] - table["orders"]
    table.to_csv(tmp_path / "shop.csv", index=False)

    def diagnose(section: dict[str, Any], **more: Any) -> DiagnosisResult:
        params = tmp_path / "shop.yaml"
        params.write_text(yaml.safe_dump(project(tmp_path, section, **more)), encoding="utf-8")
        loaded = load_project(params)
        tables = load_tables(loaded, tmp_path)
        return diagnosis.run(Context(project=loaded, tables=tables))

    return diagnose


FORMULA = "rate = (cart / visits) * (orders / cart)"
LOST = {"causes": ["no_cart", "unpaid"], "causes_add_up_to": "loss"}


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


def test_steps_in_the_wrong_order_are_told_and_do_not_fail(shop):
    steps = [{"name": "order", "people": "orders"}, {"name": "visit", "people": "visits"}]
    journey = shop({"funnel": {"steps": steps}}).journey
    assert journey.views == ()
    assert "more than" in Language("en").say(journey.reason)


def log(tmp_path: Path) -> dict[str, Any]:
    """An event log of the changed weeks: packing is waited for, a quarter is picked again."""
    rng, rows = np.random.default_rng(3), []
    for case in range(200):
        moment = pd.Timestamp("2024-11-04 09:00") + dt.timedelta(hours=case)
        for step in (
            ("pick", "pack", "pick", "pack", "ship") if case % 4 == 0 else ("pick", "pack", "ship")
        ):
            moment += dt.timedelta(hours=float(rng.exponential(6 if step == "pack" else 0.5)))
            end = moment + dt.timedelta(minutes=20)
            rows.append((case, step, moment, end, f"{step} team"))
            moment = end
    table = pd.DataFrame(rows, columns=["case", "step", "start", "end", "who"])
    table.to_csv(tmp_path / "log.csv", index=False, date_format="%Y-%m-%d %H:%M:%S")
    columns = {"case": "case", "step": "step", "start": "start", "end": "end", "resource": "who"}
    return {"path": "log.csv", **columns}


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


def words(tmp_path: Path) -> dict[str, Any]:
    rows = [("2024-11-11", "payment", f"Paying failed {i}, call Mrs. Smith") for i in range(30)]
    rows += [("2024-11-12", "price", f"Too dear {i}") for i in range(10)]
    table = pd.DataFrame(rows, columns=["date", "topic", "words"])
    table.to_csv(tmp_path / "words.csv", index=False)
    return {"path": "words.csv", "date": "date", "topic": "topic", "text": "words"}


def test_feedback_is_counted_by_topic_and_quoted_without_names(shop, tmp_path):
    voices = shop({}, feedback=words(tmp_path)).voices
    assert [(t.topic, t.mentions) for t in voices.topics] == [("payment", 30), ("price", 10)]
    assert voices.topics[0].lower < 0.75 < voices.topics[0].upper
    assert voices.quotes[0].text == "Paying failed 0, call [name]"
    assert voices.quotes[0].id == "F1"
    assert "Smith" not in voices.model_dump_json()


def why(*evidence: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": "page", "claim": "The new page.", "evidence": list(evidence), **more}


PRESENT = {"kind": "interview", "agree": 10, "asked": 10}
EFFECT = {
    "kind": "before_after",
    "shows": "effect",
    "measure": "orders / cart",
    "direction": "lower",
    "at_least": 0.03,
}


def status(result: Any) -> dict[str, str]:
    return {row.id: row.status for row in result.whys.rows}


def test_a_why_is_confirmed_by_presence_and_effect_together_only(shop):
    assert status(shop({"whys": [why(PRESENT, EFFECT)]})) == {"page": "confirmed"}
    assert status(shop({"whys": [why(PRESENT)]})) == {"page": "untested"}
    assert status(shop({"whys": [why(EFFECT)]})) == {"page": "untested"}


def test_flipping_the_evidence_flips_the_status(shop):
    flipped = {**EFFECT, "direction": "higher"}
    assert status(shop({"whys": [why(PRESENT, flipped)]})) == {"page": "refuted"}
    disagree = {**PRESENT, "agree": 0}
    assert status(shop({"whys": [why(disagree, EFFECT)]})) == {"page": "refuted"}


def test_a_why_that_rests_on_a_refuted_one_is_refuted_with_it(shop):
    chain = [
        why(PRESENT, {**EFFECT, "direction": "higher"}),
        {
            "id": "code",
            "claim": "The code is slow.",
            "because_of": "page",
            "evidence": [PRESENT, EFFECT],
        },
    ]
    result = shop({"whys": chain})
    assert status(result) == {"page": "refuted", "code": "refuted"}
    assert result.whys.rows[1].rests_on == "The new page."
    assert result.whys.rows[0].refuted_by == ("page.2",)


@pytest.mark.parametrize(("joins", "explains"), [("or", True), ("and", False)])
def test_answers_that_are_needed_together_explain_only_together(shop, joins, explains):
    chain = [
        why({"kind": "cause", "cause": "unpaid"}),
        {"id": "prices", "claim": "Prices rose."},
    ]
    result = shop({"whys": chain, "whys_join": joins, **LOST})
    assert result.whys.joins == joins
    assert status(result) == {"page": "confirmed", "prices": "untested"}
    assert (result.whys.explained is not None and result.whys.explained.value != 0) is explains


def test_every_test_of_the_handbook_can_be_named(shop, tmp_path):
    evidence: list[dict[str, Any]] = [
        {
            "kind": "slice_rate_differs",
            "shows": "present",
            "cases": "unpaid",
            "out_of": "cart",
            "slice": {"channel": "app"},
            "direction": "higher",
            "at_least": 0.05,
        },
        {
            "kind": "correlates_with_event",
            "shows": "effect",
            "event": "new payment page",
            "direction": "lower",
            "at_least": 0.5,
        },
        {"kind": "step_time_over_limit", "shows": "present", "step": "pack", "limit": 1},
        {"kind": "topic_concentrates", "shows": "present", "topic": "payment"},
        {"kind": "segment", "dimension": "channel", "value": "app", "at_least": 0.02},
        {"kind": "cause", "cause": "unpaid", "at_least": 0.5},
    ]
    result = shop(
        {"whys": [why(*evidence)], "segments": ["channel"], **LOST},
        process=log(tmp_path),
        feedback=words(tmp_path),
    )
    (row,) = result.whys.rows
    assert {e.outcome for e in row.evidence} == {"supported"}, row.evidence
    assert len(row.evidence) == 8
    assert all(e.estimate is not None and e.estimate.n > 0 for e in row.evidence)
    assert row.contribution is not None


def test_a_segment_that_fell_no_more_than_the_rest_is_no_cause(shop):
    evidence = {"kind": "segment", "dimension": "city", "value": "A", "at_least": 0.03}
    result = shop({"whys": [why(evidence)], "segments": ["city"]})
    present, effect = result.whys.rows[0].evidence
    assert (present.outcome, effect.outcome) == ("supported", "contradicted")
    assert status(result) == {"page": "refuted"}


def test_a_test_without_its_data_stays_open_and_says_why(shop):
    result = shop(
        {
            "whys": [
                why({"kind": "step_time_over_limit", "shows": "effect", "step": "x", "limit": 1})
            ]
        }
    )
    (evidence,) = result.whys.rows[0].evidence
    assert evidence.outcome == "undecided"
    assert "data.process" in Language("en").say(evidence.statement)


def test_a_why_without_a_test_is_named_by_its_claim(shop):
    result = shop({"whys": [why()]})
    text = " ".join(Language("en").say(caution.statement) for caution in result.cautions)
    assert "Not proven yet: The new page." in text


def test_what_is_confirmed_is_set_against_the_whole_change(shop):
    chain = [why({"kind": "cause", "cause": "unpaid"}, controllable=True, action="Old page back")]
    result = shop({"whys": chain, **LOST})
    (row,) = result.whys.rows
    assert (row.status, row.root_cause, row.action) == ("confirmed", True, "Old page back")
    rest = result.whys.total.value - row.contribution.value
    assert result.whys.unexplained.value == pytest.approx(rest)


def test_form_2_2_carries_id_test_interval_n_and_status(shop):
    (form,) = shop({"whys": [why(PRESENT, EFFECT)]}).forms
    lines = [Language("en").say(field.value) for field in form.fields if field.value]
    told = next(line for line in lines if line.startswith("page.1"))
    assert "interviews, share that agrees: 100.0%, 95% interval 69.2% to 100.0%, n = 10" in told
    assert any(line.startswith("page: The new page. confirmed; ") for line in lines)


def test_form_2_2_says_none_where_answers_were_given_and_waits_where_none_were(shop):
    def entries(section: dict[str, Any]) -> list[str | None]:
        fields = {f.label.term: f.value for f in shop(section).forms[0].fields}
        told = (fields[name] for name in ("Confirmed causes", "Refuted causes", "Not tested yet"))
        return [value and Language("en").say(value) for value in told]

    assert entries({"whys": [why(PRESENT, EFFECT)]}) == ["The new page.", "none", "none"]
    assert entries({}) == [None, None, None]


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
    ],
)
def test_faults_are_told_with_the_value(shop, section, told):
    with pytest.raises(OpsbookError, match=told):
        shop(section)


def test_the_samples_findings_can_be_said_in_both_languages(jfk):
    result = jfk["diagnosis"]
    for code in ("en", "zh"):
        for finding in result.findings:
            assert "{" not in Language(code).say(finding.statement)
    assert len(result.model_dump_json()) < 200_000
