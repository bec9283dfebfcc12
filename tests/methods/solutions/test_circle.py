from __future__ import annotations

from opsbook.methods.solutions.circle import circle


def test_names_the_circle_from_the_name_declared_first():
    after = {"a": ["z"], "z": [], "b": ["d"], "c": ["b"], "d": ["c"]}
    assert circle(after) == ("b", "c", "d", "b")


def test_a_name_that_must_come_before_itself_is_a_circle():
    assert circle({"a": ["a"]}) == ("a", "a")


def test_two_ways_to_one_end_are_no_circle():
    assert circle({"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}) == ()
