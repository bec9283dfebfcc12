"""The list of checks."""

from opsbook.methods.diagnosis.why_checks import WHY_CHECKS


def test_each_check_is_found_by_its_own_name():
    assert {name: check.__name__ for name, check in WHY_CHECKS.items()} == {
        name: name for name in WHY_CHECKS
    }
    assert len(WHY_CHECKS) == 6


def test_a_check_reports_under_its_name():
    assert WHY_CHECKS["interviews_agree"](9, 10).check == "interviews_agree"
