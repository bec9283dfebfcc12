import re

import pytest
from tests.report.hostile import VECTORS

from opsbook.report.sanitise import clean_html, framed_tables

LIVE = re.compile(
    r"<[^>]*(\son\w+\s*=|javascript:|evil\.invalid)|<(script|iframe|object|embed|base|meta|link|form)",
    re.IGNORECASE,
)


def test_there_are_more_than_a_hundred_ways_to_try():
    assert len(set(VECTORS)) > 100


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_that_acts_is_left(vector):
    assert not LIVE.search(clean_html(vector, prefix="c-"))


@pytest.mark.parametrize("vector", VECTORS)
def test_cleaning_twice_changes_nothing_that_was_kept(vector):
    once = clean_html(vector, prefix="")
    assert clean_html(once, prefix="") == once


def test_ids_and_references_to_them_get_the_cell_s_prefix():
    svg = '<svg><g id="a" clip-path="url(#b)"><use xlink:href="#m"></use></g></svg>'
    cleaned = clean_html(svg, prefix="t1-")
    assert 'id="t1-a"' in cleaned
    assert 'clip-path="url(#t1-b)"' in cleaned
    assert '"#t1-m"' in cleaned


def test_classes_of_the_page_cannot_be_borrowed():
    assert clean_html('<p class="r-skip ops">x</p>', prefix="") == '<p class="ops">x</p>'


def test_headings_move_below_the_page_s_own():
    assert clean_html("<h1>a</h1><h6>b</h6>", prefix="", shift=1) == "<h2>a</h2><h6>b</h6>"


def test_a_drawing_keeps_what_draws():
    svg = (
        '<svg viewBox="0 0 9 9" role="img"><title>T</title><path d="M0 0" style="fill:none"/>'
        '<text text-anchor="middle">12 %</text></svg>'
    )
    assert clean_html(svg, prefix="") == svg


def test_a_cell_is_not_told_how_the_page_aligns_it_anyway():
    row = '<tr><td style="text-align:left">a</td><td style="text-align:right">1</td></tr>'
    cleaned = clean_html(f"<table><tbody>{row}</tbody></table>", prefix="")
    assert '<td>a</td><td style="text-align:right">1</td>' in cleaned


def test_an_embedded_picture_stays_and_a_remote_one_goes():
    kept = '<img src="data:image/png;base64,AAAA" alt="a">'
    assert clean_html(kept, prefix="") == kept
    assert "src" not in clean_html('<img src="http://evil.invalid/x" alt="a">', prefix="")


def test_a_styler_keeps_its_colours_for_its_own_cells():
    html = "<style>#T_1 td.a {color: red;} td {color: blue}</style><table id='T_1'></table>"
    cleaned = clean_html(html, prefix="c-")
    assert cleaned == '<style>#c-T_1 td.a{color:red}</style><table id="c-T_1"></table>'


def test_every_table_gets_a_frame_and_its_header_cells_a_scope():
    table = "<table><thead><tr><th>a</th></tr></thead><tbody><tr><th>b</th></tr></tbody></table>"
    framed = framed_tables(table, "<div>{}</div>")
    assert framed.startswith('<div><table><thead><tr><th scope="col">a</th>')
    assert '<th scope="row">b</th>' in framed
