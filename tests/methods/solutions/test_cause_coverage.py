from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.cause_coverage import cause_coverage


def test_flags_the_gaps_on_both_sides():
    result = cause_coverage(
        {"Chatbot": ["slow reply", "night gap"], "Logo": []}, ["slow reply", "two logins"]
    )
    assert result.causes_without_option == ("two logins",)
    assert result.options_without_cause == ("Logo",)
    assert result.unconfirmed == (("Chatbot", "night gap"),)


def test_without_a_confirmed_cause_every_cause_named_is_unconfirmed():
    result = cause_coverage({"Chatbot": ["slow reply"]}, [])
    assert result.unconfirmed == (("Chatbot", "slow reply"),)


def test_a_confirmed_cause_is_named_once():
    with pytest.raises(DataError, match="found 'slow reply' 2 times"):
        cause_coverage({}, ["slow reply", "slow reply"])
