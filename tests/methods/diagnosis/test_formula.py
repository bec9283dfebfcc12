"""Formula: what is read, what is refused, and that nothing is ever run."""

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsbook.errors import DataError
from opsbook.methods.diagnosis.formula import Node, formula


def shape(node: Node) -> object:
    """A node as nested tuples: enough to compare structures."""
    if node.kind == "column":
        return node.column
    if node.kind == "number":
        return node.value
    marks = "+-" if node.kind == "sum" else "*/"
    return tuple(
        (marks[sign < 0], shape(child))
        for child, sign in zip(node.children, node.signs, strict=True)
    )


def test_a_chain_of_products_is_one_node():
    tree = formula("signups = visits * click_rate * completion_rate")
    assert tree.metric == "signups"
    assert shape(tree.root) == (("*", "visits"), ("*", "click_rate"), ("*", "completion_rate"))
    assert tree.columns == ("visits", "click_rate", "completion_rate")


def test_products_bind_before_sums_and_parentheses_before_both():
    assert shape(formula("a + b * c").root) == (("+", "a"), ("+", (("*", "b"), ("*", "c"))))
    assert shape(formula("(a + b) / c").root) == (("*", (("+", "a"), ("+", "b"))), ("/", "c"))
    assert shape(formula("a - (b - c)").root) == (("+", "a"), ("-", (("+", "b"), ("-", "c"))))
    assert shape(formula("a / b / c").root) == (("*", "a"), ("/", "b"), ("/", "c"))


def test_a_minus_in_front_is_a_factor_and_a_plus_is_nothing():
    assert shape(formula("-a").root) == (("*", -1.0), ("*", "a"))
    assert shape(formula("+a").root) == "a"


def test_numbers_are_read_in_every_usual_form():
    assert shape(formula("100 * a / 2.5e1 + .5 * b").root) == (
        ("+", (("*", 100.0), ("*", "a"), ("/", 25.0))),
        ("+", (("*", 0.5), ("*", "b"))),
    )


def test_chinese_names_and_signs_are_read():
    tree = formula("注册数 = 访问量 × （点击率 ＋ 直达率） ÷ 天数")
    assert tree.metric == "注册数"
    assert tree.columns == ("访问量", "点击率", "直达率", "天数")
    assert tree.root.children[1].text == "点击率 ＋ 直达率"


def test_a_name_between_backticks_keeps_the_brackets_of_a_chinese_keyboard():
    tree = formula("客单价 = `成交额（元）` ÷ （订单数 － 退单数）")
    assert tree.columns == ("成交额（元）", "订单数", "退单数")


def test_any_name_can_stand_between_backticks():
    assert formula("`sign ups (web)` / visits").columns == ("sign ups (web)", "visits")


def test_every_node_keeps_its_text_as_written():
    tree = formula("(n_nas+ n_carrier) /flights")
    assert [n.text for n in tree.root.walk()] == [
        "(n_nas+ n_carrier) /flights",
        "n_nas+ n_carrier",
        "n_nas",
        "n_carrier",
        "flights",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The formula is empty"),
        ("   ", "The formula is empty"),
        ("log(visits)", "calls 'log' at character 1"),
        ("visits * exp (rate)", "calls 'exp' at character 10"),
        ("__import__('os')", "calls '__import__' at character 1"),
        ("a ** 2 ** 3", r"has a power at character 3\. Write it as a product"),
        ("a^2", "has a power at character 2"),
        ("a * 15%", "has a percent sign at character 7"),
        ("a * (b + c", "opens a parenthesis at character 5 and never closes it"),
        ("a + b)", r"has '\)' at character 6, which is not understood there"),
        ("a +", "ends too early"),
        ("a b", "has 'b' at character 3 with no sign before it"),
        ("2a", "has 'a' at character 2 with no sign before it"),
        ("a.b", r"has '\.b?' at character 2"),
        ("a[0]", r"has '\[' at character 2"),
        ("a = b = c", "has '=' at character 7"),
        ("a == b", "has '=' at character 4"),
        ("a; b", "has ';' at character 2"),
        ("a, b", "has ',' at character 2"),
        ("1 + 2", "names no column"),
        ("a * 1e999", "The number 1e999 in the formula is too large"),
        ("(" * 21 + "a" + ")" * 21, "nests deeper than 20 levels"),
        ("-" * 5000 + "a", "has 5001 characters; 2000 are read at most"),
        ("-" * 500 + "a", "nests deeper than 20 levels"),
        ("+".join(["a"] * 201), "has more than 200 terms"),
    ],
)
def test_what_is_not_understood_is_named_with_its_place(text, words):
    with pytest.raises(DataError, match=words):
        formula(text)


def test_an_unknown_column_is_named_beside_the_nearest_that_exists():
    with pytest.raises(
        DataError,
        match="names 'vists', which the data do not have; they have: clicks, visits",
    ):
        formula("clicks / vists", columns=["visits", "clicks"])


@given(st.text(alphabet=string.printable + "×÷（）＋", max_size=60))
def test_any_text_is_read_or_refused_in_words(text):
    with suppress(DataError):
        assert formula(text).columns
