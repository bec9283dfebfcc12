"""The status of whys: evidence decides, flips, joins, and nothing is claimed beyond it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.why_status import Evidence, Why, WhyStatus, WhyTree, why_status

OUTCOMES = ("supported", "contradicted", "undecided")


def shown(present="supported", effect="supported", kind="data") -> tuple[Evidence, ...]:
    return (
        Evidence(id="present", shows="present", kind="data", outcome=present),
        Evidence(id="effect", shows="effect", kind=kind, outcome=effect),
    )


def found(tree: WhyTree, name: str) -> WhyStatus:
    return next(why for why in tree.whys if why.id == name)


@pytest.mark.parametrize(
    ("present", "effect", "status"),
    [
        ("supported", "supported", "confirmed"),
        ("supported", "undecided", "untested"),
        ("undecided", "supported", "untested"),
        ("undecided", "undecided", "untested"),
        ("supported", "contradicted", "refuted"),
        ("contradicted", "supported", "refuted"),
    ],
)
def test_flipping_the_evidence_flips_the_status(present, effect, status):
    tree = why_status([Why(id="w", evidence=shown(present, effect))])
    assert found(tree, "w").status == status


def test_presence_alone_confirms_nothing_and_says_what_is_missing():
    tree = why_status([Why(id="w", evidence=shown()[:1])])
    assert found(tree, "w").status == "untested"
    assert found(tree, "w").missing == ("effect",)


def test_a_why_without_a_test_is_untested():
    assert found(why_status([Why(id="w")]), "w").missing == ("present", "effect")


def test_beliefs_about_the_effect_do_not_confirm_it():
    tree = why_status([Why(id="w", evidence=shown(kind="interview"))])
    assert found(tree, "w").status == "untested"


def test_a_refuted_why_stays_visible_with_what_ruled_it_out():
    tree = why_status([Why(id="w", evidence=shown(effect="contradicted"))])
    assert found(tree, "w").refuted_by == ("effect",)


def test_evidence_that_conflicts_leaves_a_why_open():
    both = (*shown(), Evidence(id="x", shows="effect", kind="data", outcome="contradicted"))
    why = found(why_status([Why(id="w", evidence=both)]), "w")
    assert (why.status, why.conflicting, why.refuted_by) == ("untested", ("effect",), ())


def test_a_chain_is_as_good_as_its_weakest_link():
    whys = [
        Why(id="a", evidence=shown()),
        Why(id="b", because_of="a", evidence=shown(effect="undecided")),
        Why(id="c", because_of="b", evidence=shown(), controllable=True),
    ]
    tree = why_status(whys)
    assert [w.chain for w in tree.whys] == ["confirmed", "untested", "untested"]
    assert found(tree, "c").status == "confirmed"
    assert tree.root_causes == ()


def test_a_controllable_end_is_a_root_cause_and_wants_an_action():
    whys = [
        Why(id="a", evidence=shown()),
        Why(id="b", because_of="a", evidence=shown(), controllable=True),
    ]
    tree = why_status(whys)
    assert tree.root_causes == ("b",)
    assert found(tree, "b").needs_action
    assert not found(tree, "a").root_cause


def test_an_end_that_nobody_controls_is_asked_on():
    tree = why_status([Why(id="a", evidence=shown())])
    assert found(tree, "a").ask_on
    assert tree.root_causes == ()


@pytest.mark.parametrize(
    ("joins", "outcomes", "below"),
    [
        ("or", ("supported", "contradicted"), "confirmed"),
        ("or", ("contradicted", "contradicted"), "refuted"),
        ("or", ("undecided", "contradicted"), "untested"),
        ("and", ("supported", "supported"), "confirmed"),
        ("and", ("supported", "contradicted"), "refuted"),
        ("and", ("supported", "undecided"), "untested"),
    ],
)
def test_answers_join_by_or_and_by_and(joins, outcomes, below):
    whys = [Why(id="top", evidence=shown(), joins=joins)]
    whys += [
        Why(id=f"c{i}", because_of="top", evidence=shown(effect=o), controllable=True)
        for i, o in enumerate(outcomes)
    ]
    tree = why_status(whys)
    assert found(tree, "top").below == below
    if joins == "and" and below != "confirmed":
        assert tree.root_causes == ()
        assert found(tree, "c0").chain == below


def test_contributions_add_up_and_leave_the_rest_unexplained():
    whys = [
        Why(id="a", evidence=shown(), contribution=8.5),
        Why(id="b", evidence=shown(), contribution=1.0),
        Why(id="c", evidence=shown(effect="contradicted"), contribution=5.0),
        Why(id="a1", because_of="a", evidence=shown(), contribution=6.0),
    ]
    tree = why_status(whys, size=11.0)
    assert tree.explained == pytest.approx(9.5)
    assert tree.unexplained == pytest.approx(1.5)
    assert found(tree, "a").unexplained == pytest.approx(2.5)
    assert found(tree, "b").unexplained is None


def test_causes_needed_together_are_counted_once():
    whys = [Why(id=i, evidence=shown(), contribution=c) for i, c in (("a", 6.0), ("b", 4.0))]
    tree = why_status(whys, size=10, joins="and")
    assert tree.explained == 4.0
    open_tree = why_status([*whys, Why(id="c")], size=10, joins="and")
    assert open_tree.explained == 0


def test_an_unknown_contribution_leaves_the_rest_unknown():
    tree = why_status([Why(id="a", evidence=shown())], size=10)
    assert (tree.explained, tree.unexplained) == (None, None)


outcomes = st.sampled_from(OUTCOMES)


@st.composite
def forests(draw):
    size = draw(st.integers(1, 7))
    whys = []
    for i in range(size):
        parent = draw(st.sampled_from(["", *(f"w{j}" for j in range(i))]))
        whys.append(
            Why(
                id=f"w{i}",
                because_of=parent,
                evidence=shown(draw(outcomes), draw(outcomes)),
                joins=draw(st.sampled_from(["and", "or"])),
                controllable=draw(st.booleans()),
            )
        )
    return whys


@given(forests(), st.randoms(use_true_random=False))
def test_the_order_of_the_whys_does_not_matter(whys, random):
    shuffled = list(whys)
    random.shuffle(shuffled)
    one, other = why_status(whys), why_status(shuffled)
    assert {w.id: w for w in one.whys} == {w.id: w for w in other.whys}
    assert set(one.root_causes) == set(other.root_causes)


@given(forests())
def test_a_root_cause_has_only_confirmed_whys_above_it(whys):
    tree = why_status(whys)
    by_id = {why.id: why for why in whys}
    for cause in tree.root_causes:
        above = cause
        while above:
            assert found(tree, above).status == "confirmed"
            above = by_id[above].because_of


@pytest.mark.parametrize(
    ("whys", "words"),
    [
        (
            [Why(id="a", because_of="b"), Why(id="b", because_of="c"), Why(id="c", because_of="a")],
            "The whys run in a circle: a -> b -> c -> a",
        ),
        ([Why(id="a", because_of="a")], "circle: a -> a"),
        (
            [Why(id="x", because_of="a"), Why(id="a", because_of="b"), Why(id="b", because_of="a")],
            "circle: a -> b -> a",
        ),
        (
            [Why(id=f"w{i}", because_of=f"w{i - 1}" if i else "") for i in range(60)],
            "'w50' stands more than 50 levels deep",
        ),
        ([Why(id="a"), Why(id="a")], "The why 'a' is there twice"),
        ([Why(id="")], "A why has no id"),
        ([Why(id="a", because_of="z")], "explains 'z', which is not there; there are: a"),
        ([Why(id="a", contribution=float("nan"))], "'a' contributes nan"),
    ],
)
def test_whys_that_form_no_tree_are_refused(whys, words):
    with pytest.raises(DataError, match=words):
        why_status(whys)
