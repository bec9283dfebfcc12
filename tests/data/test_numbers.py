"""Numbers are read exactly, in every dress an export gives them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.data.numbers import BLANK, decimal_mark, number
from opsbook.errors import DataError

FULL = str.maketrans("0123456789.,%-", "０１２３４５６７８９．，％－")
decimals = st.decimals(
    min_value=-(10**12), max_value=10**12, places=4, allow_nan=False, allow_infinity=False
)


@given(decimals)
def test_every_dress_of_a_number_gives_its_nearest_double(exact):
    value = float(exact)
    grouped = f"{exact:,.4f}"
    for text in (f"{exact:.4f}", grouped, f"￥{grouped}", f"{grouped}元", grouped.translate(FULL)):
        read = number(text)
        assert read is not None, text
        assert read.value == value, text


@given(decimals)
def test_a_decimal_comma_is_a_decimal_point(exact):
    text = f"{exact:,.4f}".translate(str.maketrans(",.", ".,"))
    read = number(text, ",")
    assert read is not None
    assert read.value == float(exact)


@given(decimals)
def test_per_cent_and_wan_are_exact(exact):
    percent, wan = number(f"{exact:.4f}%"), number(f"{exact:.4f}万")
    assert percent is not None
    assert wan is not None
    assert percent.value == float(exact / 100)
    assert wan.value == float(exact * 10_000)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_is_read_back(value):
    read = number(repr(value))
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("０.１５", 0.15),
        ("￥1,234.5", 1234.5),
        ("15%", 0.15),
        ("1.2万", 12000),
        ("３亿", 3e8),
        ("(1,234.50)", -1234.5),
        ("123-", -123),
        ("-￥5", -5),
        ("￥-5", -5),
        ("−7", -7),
        ("1 234 567", 1234567),
        ("1'234.5", 1234.5),
        ("5‰", 0.005),
        ("1.5E+3", 1500),
        ("true", 1),
        ("CNY 12", 12),
    ],
)
def test_a_form_of_the_exports_is_read(text, value):
    read = number(text)
    assert read is not None
    assert read.value == value


@pytest.mark.parametrize(
    "text",
    [
        "many",
        "1,23,456",
        "12 34",
        "1.2.3",
        "10²",
        "½",
        "①",
        "١٢",
        "1e999",
        "--5",
        "1,2345",
        "5k",
        "12 Aug",
        "1/2",
        "=A1",
        "#DIV/0!",
        "inf",
        "(5",
        "5%%",
        "$5元",
    ],
)
def test_what_is_no_number_or_two_is_none(text):
    assert number(text) is None


def test_blanks_are_no_numbers():
    assert all(number(text) is None for text in BLANK)


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["1,234"], "."),
        (["1,234", "12,5"], ","),
        (["1.234,50"], ","),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["0,123"], ","),
        (["1.234"], "."),
        (["12", "many"], "."),
    ],
)
def test_the_column_tells_its_decimal_mark(cells, mark):
    assert decimal_mark(cells) == mark


def test_a_column_that_is_written_in_two_ways_is_refused():
    with pytest.raises(DataError, match=r"'12\.5' has a decimal point and '12,5' a decimal comma"):
        decimal_mark(["12.5", "12,5"])


def test_a_thousand_that_may_be_one_and_a_bit_is_refused_between_semicolons():
    with pytest.raises(DataError, match="'1,234' may have a decimal comma or a thousands"):
        decimal_mark(["1,234"], semicolons=True)


def test_a_decimal_is_not_rounded_on_its_way():
    read = number("9.3%")
    assert read is not None
    assert Decimal(repr(read.value)) == Decimal("0.093")
