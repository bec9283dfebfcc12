import pytest

from opsbook.report.styles import clean_declarations, clean_sheet


@pytest.mark.parametrize(
    "style",
    [
        "position:fixed",
        "background:url(http://evil.invalid)",
        "background:image-set('x' 1x)",
        "color:\\72 ed",
        "behavior:url(#x)",
        "width:expression(pwned())",
        "--x:url(http://evil.invalid)",
    ],
)
def test_what_moves_or_fetches_is_dropped(style):
    assert clean_declarations(style, str) == ""


def test_looks_are_kept():
    style = "color:red;font-size:12px;stroke-dasharray:1,2;width:calc(100% - 1px)"
    assert clean_declarations(style, str) == style


def test_rules_for_the_whole_page_are_dropped():
    assert clean_sheet("* {color:red} .r-head {color:red} @import 'x';", str) == ""
