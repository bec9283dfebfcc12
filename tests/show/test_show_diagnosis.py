"""What the diagnosis shows: the tree, the slices, the map, the whys; and what is not there."""

from __future__ import annotations

import re

import pytest

from opsbook import show
from opsbook.results.journey import Flow, FlowArrow, FlowStep
from opsbook.results.logic_tree import Slice, SliceSearch
from opsbook.show.shown import Html, Picture
from opsbook.text import say


@pytest.fixture(autouse=True)
def english():
    yield
    show.speak("en")


def seen(picture: Picture | Html) -> str:
    assert isinstance(picture, Picture)
    return re.sub(r"<[^>]*>", " ", picture.svg)


def step(name: str, wait: float | None) -> FlowStep:
    return FlowStep(
        step=name,
        events=10,
        cases=10,
        rework=0,
        touch_p50=0.5,
        touch_p90=1.0,
        touch_hours=5.0,
        wait_p50=wait,
        wait_p90=wait,
        wait_hours=0.0 if wait is None else 10 * wait,
        unavailability_hours=None,
        contention_hours=None,
        batching_hours=None,
        other_hours=None,
        utilisation=None,
        value_added=True,
        ecrs="simplify",
    )


FLOW = Flow(
    cases=10,
    events=30,
    steps=(step("pick & <sort>", None), step("pack", 4.0), step("ship", 1.0)),
    arrows=(
        FlowArrow(source="pick & <sort>", target="pack", count=9, wait_p50=4.0),
        FlowArrow(source="pack", target="ship", count=9, wait_p50=1.0),
        FlowArrow(source="pick & <sort>", target="ship", count=1, wait_p50=1.0),
        FlowArrow(source="pack", target="pick & <sort>", count=2, wait_p50=1.0),
        FlowArrow(source="pack", target="pack", count=3, wait_p50=1.0),
    ),
    path_count=2,
    most_waiting="pack",
)


def test_the_tree_shows_each_part_with_its_change_and_share(jfk):
    picture = show.trees(jfk["diagnosis"].trees)
    assert isinstance(picture, Picture)
    assert "+8.54 points (77%)" in seen(picture)
    assert "against the window before (Jan 2004 – Dec 2004)" in seen(picture)


def test_a_comparison_without_data_stands_beside_the_one_that_was_drawn(jfk):
    tree = jfk["diagnosis"].trees[0]
    reason = say("The logic tree was not computed: {problem}", problem="no data " + "at all " * 40)
    absent = tree.model_copy(update={"against": "last_year", "nodes": (), "reason": reason})
    told = " ".join(seen(show.trees((tree, absent))).split())
    assert "+8.54 points (77%)" in told
    assert "against a year earlier" in told
    assert "The logic tree was not computed: no data at all at all" in told


def test_what_the_formula_leaves_out_stands_in_the_tree_with_the_measured_change(jfk):
    tree = jfk["diagnosis"].trees[0]
    assert "not in the formula" not in seen(show.trees((tree,)))
    short = tree.model_copy(update={"total": tree.total + 0.01, "unexplained": 0.01})
    told = seen(show.trees((short,)))
    assert "not in the formula" in told
    assert "+1.00 points" in told
    assert "+12.08 points" in told


def test_of_many_steps_the_map_draws_those_that_are_waited_for_and_says_so():
    many = tuple(step(f"s{i:02d}", 9.0 if i == 19 else 1.0) for i in range(20))
    told = seen(show.flow(FLOW.model_copy(update={"steps": many, "most_waiting": "s19"})))
    assert "The 16 of 20 steps that are waited for longest" in told
    assert "s19 · 10" in told


def test_an_amount_is_told_in_its_unit(jfk):
    tree = jfk["diagnosis"].trees[0].model_copy(update={"unit": "orders"})
    assert "+0.0854 orders (77%)" in seen(show.trees((tree,)))


def test_the_pareto_of_waiting_is_sorted_by_what_it_shows():
    causes = ("unavailability_hours", "contention_hours", "batching_hours", "other_hours")
    split = [
        step(name, wait).model_copy(update=dict(zip(causes, hours, strict=True)))
        for name, wait, hours in (
            ("pick", None, (0.0, 0.0, 0.0, 0.0)),
            ("pack", 4.0, (0.0, 10.0, 0.0, 30.0)),
            ("ship", 1.0, (50.0, 10.0, 0.0, 0.0)),
        )
    ]
    html = show.flow_table(FLOW.model_copy(update={"steps": tuple(split)})).html
    waiting = html[html.index("What the waiting is for") :]
    assert re.findall(r"<th scope=\"row\">(.*?)</th>", waiting) == ["ship", "pack"]
    assert re.findall(r"[0-9.]+%", waiting) == ["60.0%", "100.0%"]
    whole = show.flow_table(FLOW).html
    assert "All waiting, in open hours; most first" in whole
    assert re.findall(r"[0-9.]+%", whole[whole.index("All waiting") :]) == ["80.0%", "100.0%"]


def test_a_column_in_which_nothing_stands_is_left_out():
    bare = [s.model_copy(update={"value_added": None, "ecrs": ""}) for s in FLOW.steps]
    html = show.flow_table(FLOW.model_copy(update={"steps": tuple(bare)})).html
    assert "ECRS" not in html
    assert "ECRS" in show.flow_table(FLOW).html


def test_a_sum_of_very_many_parts_shows_the_largest_and_the_others(jfk):
    tree = jfk["diagnosis"].trees[0]
    root = tree.nodes[0].model_copy(update={"contribution": 0.4, "share": 1.0})
    parts = [
        root.model_copy(
            update={"path": (i,), "label": f"part {i}", "contribution": 0.01, "share": 0.025}
        )
        for i in range(40)
    ]
    told = seen(show.trees((tree.model_copy(update={"nodes": (root, *parts)}),)))
    assert "part 23" in told
    assert "part 24" not in told
    assert "+16.00 points (40%)" in told


def test_the_map_is_drawn_without_a_word_on_stderr(capfd, caplog):
    show.flow(FLOW)
    assert capfd.readouterr().err == ""
    assert caplog.text == ""


def test_the_map_shows_times_and_cases_and_escapes_names():
    picture = show.flow(FLOW)
    assert isinstance(picture, Picture)
    assert "<sort>" not in picture.svg
    assert "wait 4.0 h · work 30 min" in seen(picture)
    assert "waiting in all, open hours" in seen(picture)
    table = show.flow_table(FLOW)
    assert "&lt;sort&gt;" in table.html
    assert "simplify" in table.html


def test_a_slice_stands_beside_the_rest():
    found = Slice(
        conditions=(("channel", "app"),),
        direction="fell",
        before=0.2,
        after=0.1,
        rest_before=0.2,
        rest_after=0.21,
        n_before=900,
        n_after=1000,
        p_value=0.0001,
    )
    search = SliceSearch(
        of="metric",
        name="Orders <b>",
        dimensions=("channel",),
        unit="share",
        before=0.2,
        after=0.15,
        slices=(found,),
        leaves=4,
    )
    html = show.slices((search,)).html
    assert "channel = app" in html
    assert "21.0%" in html
    assert "<b>" not in html
    everywhere = search.model_copy(update={"slices": (), "everywhere": True})
    assert "it moved everywhere, from 20.0% to 15.0%" in show.slices((everywhere,)).html


def test_a_why_shows_its_prediction_its_interval_and_what_rules_it_out(jfk):
    html = show.whys(jfk["diagnosis"].whys).html
    assert "Predicted: Lateness charged to the air-traffic system rose" in html
    assert re.search(r"95% interval \+5\.7.*n&nbsp;=&nbsp;24", html)
    assert "contradicts it" in html
    assert "unexplained" in html


def test_what_the_params_leave_out_is_said_calmly():
    for shown in (
        show.trees(()),
        show.slices(()),
        show.journey(None),
        show.flow(None),
        show.voices(None),
    ):
        assert isinstance(shown, Html)
        assert "diagnosis." in shown.html or "data." in shown.html
