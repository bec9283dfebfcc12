"""A picture in fewer letters: the same words and lines, and what clips them."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from opsbook.show.compact_svg import compact_svg
from opsbook.show.series_plot import finish_series, new_axes
from opsbook.show.shown import picture, style


def drawn(figure: Figure) -> str:
    """What matplotlib writes by itself."""
    file = io.StringIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    svg = file.getvalue()
    return svg[svg.index("<svg") :]


@pytest.fixture
def figure():
    style()
    figure, axes = plt.subplots()
    axes.plot(range(40), [x % 7 for x in range(40)], marker="o", ms=3, label="a line & a mark")
    axes.bar(range(3), [1, 2, 3], hatch="//")
    axes.set_title("Words\nin two lines")
    axes.legend()
    return figure


def words(svg: str) -> list[str]:
    return sorted(re.findall(r">([^<>\n]*\S[^<>\n]*)</t", svg))


def test_every_word_stays_and_two_thirds_of_the_letters_go(figure):
    whole = drawn(figure)
    short = compact_svg(whole)
    assert words(short) == [word for word in words(whole) if "linejoin" not in word]
    assert len(short) < len(whole) / 3


def test_every_reference_leads_to_something_and_nothing_else_has_an_id(figure):
    short = compact_svg(drawn(figure))
    references = set(re.findall(r'(?:href="#|url\(#)([^")]+)', short))
    assert references == set(re.findall(r' id="([^"]+)"', short))
    assert len(references) >= 3


def test_what_stands_elsewhere_by_itself_is_clipped_by_its_group():
    svg = (
        '<svg><defs><path id="m" d="M 0 0 L 1 1"/></defs><g clip-path="url(#c)">'
        '<use href="#m" x="400" y="5" style="fill: #abc"/></g></svg>'
    )
    assert '<g clip-path="url(#c)" fill="#abc"><use href="#m" x="400" y="5"/></g>' in compact_svg(
        svg
    )


def test_a_line_moves_by_less_than_a_tenth_of_a_point():
    places = [(1.23456, 9.87654), (2.34567, 9.87654), (2.34567, 111.11111)]
    path = "M 1.23456 9.87654 L 2.34567 9.87654 L 2.34567 111.11111"
    found = compact_svg(f'<svg><path d="{path}" style="stroke: #abc"/></svg>')
    assert 'd="M1.2 9.9H2.3V111.1"' in found
    for (x, y), (a, b) in zip(places, [(1.2, 9.9), (2.3, 9.9), (2.3, 111.1)], strict=True):
        assert max(abs(x - a), abs(y - b)) < 0.1


def test_two_dollar_signs_are_no_formula():
    style()
    figure, axes = plt.subplots()
    axes.set_title("From $5 a case to $9 a case")
    axes.plot([1, 2], label="cost_$x^2$")
    axes.legend()
    svg = picture(figure, "costs").svg
    assert "From $5 a case to $9 a case" in svg
    assert "cost_$x^2$" in svg


@pytest.mark.parametrize("step", [0.0025, 0.025, 0.05, 0.2, 1.0])
def test_equal_steps_of_a_share_read_as_equal_steps(step, jfk):
    series = jfk["trigger"].history.series
    figure, axes = new_axes()
    axes.plot([14000, 15000], [0, 4 * step])
    axes.set_yticks([step * i for i in range(5)])
    svg = finish_series(figure, axes, series, legend=False).svg
    shown = [float(number) for number in re.findall(r">([\d.]+)%<", svg)]
    assert [b - a for a, b in pairwise(shown)] == pytest.approx([step * 100] * 4)
