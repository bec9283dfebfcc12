"""Whys on a shop whose truth is known: what is confirmed, what is ruled out, what stays open."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.stages.diagnosis_case import EFFECT, LOST, PRESENT, log, status, why, words

from opsbook import show
from opsbook.text import Language


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


def test_a_topic_that_nobody_ever_named_refutes_nothing(shop, tmp_path):
    misspelt = {"kind": "topic_concentrates", "shows": "effect", "topic": "paymnet"}
    result = shop({"whys": [why(PRESENT, misspelt)]}, feedback=words(tmp_path))
    assert status(result) == {"page": "untested"}
    told = Language("en").say(result.whys.rows[0].evidence[1].statement)
    assert "no topic 'paymnet'; it has: payment, price" in told


def test_a_value_that_is_not_there_is_said_to_be_missing(shop):
    nowhere = {"kind": "segment", "dimension": "city", "value": "Z"}
    result = shop({"whys": [why(nowhere)]})
    told = Language("en").say(result.whys.rows[0].evidence[0].statement)
    assert told == "city = Z was not computed: there is no such value."


@pytest.mark.parametrize(
    ("measure", "unit"), [("orders / cart", "points"), ("visits / orders", ""), ("visits", "")]
)
def test_only_a_part_of_a_whole_moves_by_percentage_points(shop, measure, unit):
    (row,) = shop({"whys": [why({**EFFECT, "measure": measure})]}).whys.rows
    assert row.evidence[0].estimate.unit == unit


def test_a_prediction_without_a_size_is_told_without_one(shop):
    evidence = {**EFFECT, "at_least": 0}
    (row,) = shop({"whys": [why(evidence)]}).whys.rows
    assert Language("en").say(row.evidence[0].statement).endswith("; lower was predicted.")


def test_a_formula_is_told_in_the_readers_words_without_backticks(shop):
    section = {
        "whys": [why({**EFFECT, "measure": "`orders` / cart"})],
        "formula": "`orders`/visits",
    }
    kpi = {
        "path": "shop.csv",
        "period": {"column": "week", "grain": "week"},
        "dimensions": ["channel", "city"],
        "labels": {"orders": "paid orders"},
    }
    result = shop(section, kpi=kpi)
    (evidence,) = result.whys.rows[0].evidence
    assert Language("en").say(evidence.statement).startswith("paid orders / cart moved")
    assert [node.label for node in result.trees[0].nodes[1:]] == ["paid orders", "visits"]

    nested = shop({"formula": "cart * (orders + unpaid) / (cart * visits)"}, kpi=kpi).trees[0]
    labels = [node.label for node in nested.nodes if len(node.path) == 1]
    assert labels == ["cart", "(paid orders + unpaid)", "(cart * visits)"]


def test_a_why_without_a_test_is_named_by_its_claim(shop):
    result = shop({"whys": [why()]})
    assert status(result) == {"page": "untested"}
    assert "No test is named: it is a guess until one is." in show.whys(result.whys).html
    text = " ".join(Language("en").say(caution.statement) for caution in result.cautions)
    assert "Not proven yet: The new page." in text


def test_an_answer_is_no_confirmed_cause_while_the_one_it_hangs_on_is_open(shop):
    proven = [PRESENT, EFFECT]
    chains = {
        "under an open one": ([why(), why(*proven, id="child", because_of="page")], "or"),
        "with an open one": ([why(), why(*proven, id="child")], "and"),
    }
    for chain, joins in chains.values():
        result = shop({"whys": chain, "whys_join": joins})
        assert [row.status for row in result.whys.rows] == ["untested", "confirmed"]
        assert [row.proven for row in result.whys.rows] == [False, False]
        assert result.headline.message.endswith("no cause is confirmed yet.")
        assert "hangs_child" in {caution.id for caution in result.cautions}
        fields = {f.label.term: Language("en").say(f.value) for f in result.forms[0].fields[3:8]}
        assert fields["Confirmed causes"] == "none"
        assert fields["To be verified"] == "The new page. / The new page."


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
    assert any(line.startswith("page: The new page. (confirmed; ") for line in lines)


def test_form_2_2_tells_the_figure_before_and_after(shop):
    (form,) = shop({"whys": [why()]}).forms
    told = {
        field.label.term: field.value and Language("en").say(field.value) for field in form.fields
    }
    assert re.fullmatch(
        r"Orders per visit: from 19\.\d% to 17\.\d% \(−2\.\d\d percentage points\) between "
        r"2024-W16 and 2025-W05\.",
        told["Core figures"],
    )
    assert told["Contribution"] == "not known: no cause is confirmed yet"


def test_form_2_2_says_none_where_answers_were_given_and_waits_where_none_were(shop):
    def entries(section: dict[str, Any]) -> list[str | None]:
        fields = {f.label.term: f.value for f in shop(section).forms[0].fields}
        told = (fields[name] for name in ("Confirmed causes", "Refuted causes", "To be verified"))
        return [value and Language("en").say(value) for value in told]

    assert entries({"whys": [why(PRESENT, EFFECT)]}) == ["The new page.", "none", "none"]
    assert entries({}) == [None, None, None]
