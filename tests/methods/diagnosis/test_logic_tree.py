"""The logic tree: every level adds up, time reverses, and real stories come out."""

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.formula import formula
from opsbook.methods.diagnosis.lmdi import lmdi
from opsbook.methods.diagnosis.logic_tree import LogicTree, logic_tree
from opsbook.methods.diagnosis.rate_mix import rate_mix
from opsbook.methods.diagnosis.shapley import shapley

# Bickel, Hammel & O'Connell (1975): see test_rate_mix.
DEPARTMENTS = list("ABCDEF")
MEN = {"admitted": [512, 353, 120, 138, 53, 22], "applied": [825, 560, 325, 417, 191, 373]}
WOMEN = {"admitted": [89, 17, 202, 131, 94, 24], "applied": [108, 25, 593, 375, 393, 341]}

# Sums over the calendar year at JFK: US Bureau of Transportation Statistics, public domain;
# test_additive_causes recomputes them from the table.
JFK_2004 = {"flights": 91508, "carrier": 5051, "aircraft": 5188, "nas": 9043, "other": 1172}
JFK_2007 = {"flights": 126534, "carrier": 7091, "aircraft": 10265, "nas": 23314, "other": 1630}
LATE_2004, LATE_2007 = 20445, 42296

FORMULAS = [
    "a * b * c",
    "a / b",
    "(a + b) / (c + d)",
    "a * (b / c) * (d / b)",
    "(a - b) * c + d",
    "100 * a / (b + c) - d * d",
    "a * (b - c) / d - (a - d) * (b + c * (a - 2 * d))",
    "-a / b + c",
]
columns = st.fixed_dictionaries({name: st.floats(0.01, 1e4) for name in "abcd"})
by_segment = st.fixed_dictionaries(
    {name: st.lists(st.floats(0.01, 1e4), min_size=3, max_size=3) for name in "abcd"}
)


def by_text(tree: LogicTree):
    return {node.text: node for node in tree.nodes}


def size(tree: LogicTree) -> float:
    return max(
        1e-300,
        *(abs(n.contribution) for n in tree.nodes),
        *(abs(v) for n in tree.nodes for v in (n.before, n.after) if v is not None),
    )


def adds_up(tree: LogicTree) -> None:
    limit = 1e-12 * size(tree)
    assert abs(tree.residual) <= limit
    for node in tree.nodes:
        below = tree.children(node)
        if below:
            assert math.fsum(n.contribution for n in below) == pytest.approx(
                node.contribution, abs=limit
            )
        cut = node.segments
        if cut is not None and cut.others is not None:
            listed = math.fsum([cut.others, *(p.contribution for p in cut.parts)])
            assert listed == pytest.approx(node.contribution, abs=limit)


def test_jfk_rose_mostly_through_the_air_traffic_system():
    tree = logic_tree(
        formula("late = nas / flights + carrier / flights + aircraft / flights + other / flights"),
        JFK_2004,
        JFK_2007,
        measured=(LATE_2004 / JFK_2004["flights"], LATE_2007 / JFK_2007["flights"]),
    )
    assert 100 * tree.total == pytest.approx(11.08, abs=0.005)
    assert 100 * by_text(tree)["nas / flights"].contribution == pytest.approx(8.54, abs=0.005)
    assert 100 * tree.unexplained == pytest.approx(0.0067, abs=0.0001)
    adds_up(tree)


def test_a_product_is_split_as_by_lmdi_alone():
    before, after = [100_000, 0.05, 0.02], [110_000, 0.04, 0.025]
    tree = logic_tree(
        formula("signups = exposure * ctr * completion"),
        dict(zip(("exposure", "ctr", "completion"), before, strict=True)),
        dict(zip(("exposure", "ctr", "completion"), after, strict=True)),
    )
    expected = [f.contribution for f in lmdi(before, after).factors]
    assert [n.contribution for n in tree.nodes[1:]] == pytest.approx(expected, rel=1e-12)
    assert tree.metric == "signups"
    assert [n.sign for n in tree.nodes] == ["", "*", "*", "*"]


def test_shapley_is_there_as_the_alternative():
    before, after = [100_000, 0.05, 0.02], [110_000, 0.04, 0.025]
    tree = logic_tree(
        formula("a * b * c"),
        dict(zip("abc", before, strict=True)),
        dict(zip("abc", after, strict=True)),
        method="shapley",
    )
    expected = [f.contribution for f in shapley(before, after).factors]
    assert [n.contribution for n in tree.nodes[1:]] == pytest.approx(expected, rel=1e-12)
    assert tree.nodes[0].split == "shapley"


# Figures of R's LMDIR, year 1971 to 1972: see test_lmdi.
def test_results_of_segments_add_up_as_in_lmdir():
    tree = logic_tree(
        formula("a * b * c"),
        {"a": [1, 4], "b": [10, 5], "c": [2, 3]},
        {"a": [4, 5], "b": [5, 6], "c": [3, 4]},
        segments=["one", "two"],
        add_up="results",
    )
    expected = [69.79006598, -9.455125793, 39.66505981]
    assert [n.contribution for n in tree.nodes[1:]] == pytest.approx(expected, rel=1e-9)
    assert (tree.before, tree.after) == (80, 180)
    assert by_text(tree)["a"].before is None
    adds_up(tree)


def test_a_ratio_is_cut_by_rate_and_mix_of_its_segments():
    tree = logic_tree(formula("admitted / applied"), MEN, WOMEN, segments=DEPARTMENTS)
    root = tree.nodes[0]
    assert root.segments is not None
    assert root.segments.reversal
    assert sum(p.rate or 0 for p in root.segments.parts) == pytest.approx(0.03602848290570063)
    assert sum(p.mix or 0 for p in root.segments.parts) == pytest.approx(-0.17767391115224251)
    split = {
        s.segment: s.rate + s.mix
        for s in rate_mix(*MEN.values(), *WOMEN.values(), segments=DEPARTMENTS).segments
    }
    assert {p.segment: p.contribution for p in root.segments.parts} == pytest.approx(split)
    adds_up(tree)


def test_a_ratio_inside_a_product_is_cut_in_the_metrics_unit():
    tree = logic_tree(
        formula("applied * (100 * admitted / applied)"), MEN, WOMEN, segments=DEPARTMENTS
    )
    ratio = by_text(tree)["100 * admitted / applied"]
    assert ratio.segments is not None
    assert ratio.segments.parts[0].rate is not None
    adds_up(tree)


def test_amounts_are_cut_by_their_own_change_and_the_rest_is_summed():
    tree = logic_tree(
        formula("a + 2 * b"),
        {"a": [1, 2, 3, 4], "b": [1, 1, 1, 1]},
        {"a": [9, 2, 4, 4], "b": [1, 1, 1, 4]},
        segments=["n", "e", "s", "w"],
        most_segments=2,
    )
    cut = tree.nodes[0].segments
    assert cut is not None
    assert [(p.segment, p.contribution) for p in cut.parts] == [("n", 8), ("w", 6)]
    assert cut.others == 1
    adds_up(tree)


def test_what_cannot_be_cut_says_why():
    tree = logic_tree(
        formula("price * (a / b) * a"),
        {"price": 2, "a": [1, 2], "b": [0, 4]},
        {"price": 3, "a": [2, 2], "b": [5, 5]},
        segments=["x", "y"],
    )
    reasons = {n.text: n.segments.reason for n in tree.nodes if n.segments is not None}
    assert reasons["price"] == "'price' is not given by segment."
    assert reasons["a / b"] == (
        "denominator_before is 0 under a numerator that is not in segment 'x'."
    )
    assert reasons["price * (a / b) * a"] == "'price' is not given by segment."


def test_a_product_of_amounts_has_no_cut_of_its_own():
    columns = {"a": [1, 2], "b": [3, 3]}
    tree = logic_tree(formula("a * b"), columns, columns, segments=["x", "y"])
    assert tree.nodes[0].segments is not None
    assert "neither an amount nor a ratio" in tree.nodes[0].segments.reason


def test_terms_that_cancel_still_show_their_parts():
    tree = logic_tree(
        formula("(won - lost) * price"),
        {"won": 10, "lost": 4, "price": 5},
        {"won": 15, "lost": 9, "price": 5},
    )
    assert tree.total == 0
    assert by_text(tree)["won"].contribution == pytest.approx(25)
    assert by_text(tree)["lost"].contribution == pytest.approx(-25)
    assert by_text(tree)["won"].share_of_change is None


def test_a_change_of_sign_falls_back_to_shapley_and_says_so():
    before, after = {"a": 3, "b": 5, "c": 4}, {"a": 9, "b": 5, "c": 6}
    tree = logic_tree(formula("(a - b) * c"), before, after)
    assert tree.nodes[0].split == "shapley"
    assert by_text(tree)["c"].contribution == pytest.approx((-2 + 4) / 2 * 2)
    adds_up(tree)


def test_only_the_segments_that_change_sign_fall_back():
    tree = logic_tree(
        formula("(a - b) * c"),
        {"a": [3, 7], "b": [5, 5], "c": [4, 4]},
        {"a": [9, 9], "b": [5, 5], "c": [6, 6]},
        segments=["x", "y"],
        add_up="results",
    )
    assert tree.nodes[0].split == "mixed"
    adds_up(tree)


def test_what_was_measured_beyond_the_formula_is_unexplained():
    tree = logic_tree(formula("a + b"), {"a": 1, "b": 2}, {"a": 2, "b": 4}, measured=(3.5, 7.0))
    assert tree.total == 3.5
    assert tree.unexplained == pytest.approx(0.5)
    assert abs(tree.residual) <= 1e-15


@settings(max_examples=40)
@given(st.sampled_from(FORMULAS), columns, columns, st.sampled_from(["lmdi", "shapley"]))
def test_every_level_adds_up_and_reverses_in_time(text, before, after, method):
    there = logic_tree(formula(text), before, after, method=method)
    back = logic_tree(formula(text), after, before, method=method)
    adds_up(there)
    for one, other in zip(there.nodes, back.nodes, strict=True):
        assert other.contribution == pytest.approx(-one.contribution, abs=1e-12 * size(there))


# Rate and mix of segment z are 2,300,000 each and cancel to 30.
@example(
    "a * (b / c) * (d / b)",
    {"a": [1, 1, 1], "b": [1, 1, 1], "c": [1, 0.75, 122], "d": [1, 1, 117.5]},
    {"a": [1, 1, 788], "b": [1, 1, 16], "c": [1, 585, 0.015625], "d": [1, 1, 511]},
    "columns",
    [0, 1, 2],
)
@settings(max_examples=40)
@given(
    st.sampled_from(FORMULAS),
    by_segment,
    by_segment,
    st.sampled_from(["columns", "results"]),
    st.permutations(range(3)),
)
def test_segments_add_up_in_any_order(text, before, after, add_up, order):
    names = ["x", "y", "z"]
    tree = logic_tree(formula(text), before, after, segments=names, add_up=add_up)
    adds_up(tree)
    shuffled = logic_tree(
        formula(text),
        {c: [v[i] for i in order] for c, v in before.items()},
        {c: [v[i] for i in order] for c, v in after.items()},
        segments=[names[i] for i in order],
        add_up=add_up,
    )
    for one, other in zip(tree.nodes, shuffled.nodes, strict=True):
        assert other.contribution == pytest.approx(one.contribution, abs=1e-12 * size(tree))
        if one.segments is not None and other.segments is not None:
            ours = {p.segment: p.contribution for p in one.segments.parts}
            theirs = {p.segment: p.contribution for p in other.segments.parts}
            assert theirs == pytest.approx(ours, abs=1e-12 * size(tree))


@pytest.mark.parametrize(
    ("before", "options", "words"),
    [
        ({"a": 1}, {}, "Column 'b' of the formula is missing in period 'before'; there are: a"),
        ({"a": 1, "b": 0}, {}, "'a / b' divides by 'b', which is 0 in period 'before'"),
        ({"a": 1, "b": math.nan}, {}, "Column 'b' is not a finite number throughout"),
        ({"a": 1, "b": [1, 2]}, {}, r"Column 'b' has shape \(2,\) in period 'before' for 0 seg"),
        ({"a": 1, "b": 1}, {"measured": (1.0, math.inf)}, "measured as 1.0 before and inf after"),
    ],
)
def test_bad_columns_are_refused_by_name(before, options, words):
    with pytest.raises(DataError, match=words):
        logic_tree(formula("a / b"), before, {"a": 2, "b": 3}, **options)


def test_a_division_by_zero_names_its_segment():
    with pytest.raises(DataError, match="which is 0 in period 'after', segment 'y'"):
        logic_tree(
            formula("a / b"),
            {"a": [1, 1], "b": [1, 1]},
            {"a": [1, 1], "b": [-1, 0]},
            segments=["x", "y"],
            add_up="results",
        )


def test_a_result_too_large_for_a_number_is_refused():
    with pytest.raises(DataError, match="'a \\* b' is too large to compute in period 'before'"):
        logic_tree(formula("a * b"), {"a": 1e200, "b": 1e200}, {"a": 1, "b": 1})
