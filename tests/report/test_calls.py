import pytest
from tests.report.samples import results

from opsbook import show
from opsbook.report.calls import NotSaved, drawn


def test_a_call_a_sum_and_a_display_are_drawn_from_the_saved_result():
    result = results()["effect"]
    one = drawn("show.headline(result)", show, result)
    both = drawn("x = 1\nshow.headline(result) + show.cautions(result)", show, result)
    two = drawn("display(show.headline(result), show.cautions(result))", show, result)
    assert [len(one), len(both), len(two)] == [1, 1, 2]
    assert both[0].html.startswith(one[0].html)


@pytest.mark.parametrize(
    "source", ["", "1 +", "frame.head()", "show.headline(context)", "show.nothing(result)"]
)
def test_what_is_not_saved_is_refused(source):
    with pytest.raises(NotSaved):
        drawn(source, show, results()["effect"])
