from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.cost_classes import CostItem, cost_classes

ITEMS = [
    CostItem(name="audit", cost=50, mandatory=True),
    CostItem(name="posters", cost=100, benefit=90),
    CostItem(name="mails", cost=10, benefit=80),
    CostItem(name="fair", cost=400, benefit=100),
    CostItem(name="brand", cost=70),
]


def test_classes_every_item_and_lists_what_to_cut_the_largest_loss_first():
    result = cost_classes(ITEMS)
    classes = {entry.item.name: entry.cost_class for entry in result.classed}
    assert classes == {
        "mails": "high",
        "posters": "low",
        "fair": "low",
        "audit": "necessary",
        "brand": "unknown",
    }
    assert [entry.item.name for entry in result.classed][:3] == ["mails", "posters", "fair"]
    assert result.cut_list == ("fair", "posters")
    assert (result.cut_cost, result.cut_gain) == (500, 310)
    assert result.definition == "benefit / cost"


def test_a_necessary_cost_is_never_cut_however_little_it_brings():
    item = CostItem(name="audit", cost=50, benefit=0, mandatory=True)
    assert cost_classes([item]).cut_list == ()


def test_breaking_even_is_no_reason_to_cut():
    result = cost_classes([CostItem(name="x", cost=5, benefit=5)])
    assert result.classed[0].cost_class == "high"


def test_names_the_item_that_is_wrong():
    with pytest.raises(DataError, match="Cost item 'x': The cost is -5"):
        cost_classes([CostItem(name="x", cost=-5)])
    with pytest.raises(DataError, match="cost item may be named once"):
        cost_classes([ITEMS[0], ITEMS[0]])
