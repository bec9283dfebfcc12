from __future__ import annotations

import pytest

from opsbook.errors import DataError
from opsbook.methods.solutions.return_on_investment import return_on_investment


def test_is_benefit_by_cost_and_says_so():
    result = return_on_investment(benefit=15_000, cost=20_000)
    assert (result.ratio, result.net, result.pays) == (0.75, -5_000, False)
    assert result.definition == "benefit / cost"


def test_what_costs_nothing_has_no_ratio():
    result = return_on_investment(benefit=10, cost=0)
    assert result.ratio is None
    assert result.pays


def test_names_what_is_wrong():
    with pytest.raises(DataError, match="The cost is -1"):
        return_on_investment(benefit=1, cost=-1)
    with pytest.raises(DataError, match="The benefit is nan"):
        return_on_investment(benefit=float("nan"), cost=1)
