from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.names import check_known, unique_names


def test_keeps_the_names_in_their_order():
    assert unique_names("option", ["b", "a"]) == ("b", "a")


def test_lists_every_name_that_stands_there_twice():
    with pytest.raises(DataError, match="found 'a' 2 times, 'b' 3 times"):
        unique_names("option", ["a", "b", "a", "b", "b"])


def test_lists_every_unknown_name_and_the_choices():
    with pytest.raises(DataError, match="Unknown task in the plan: 'x', 'y'") as caught:
        check_known("task", ["x", "a", "y"], ["a", "b"], "the plan")
    assert "Choose from: a, b" in caught.value.fix
