"""Roles: one table of who may do what; nobody decides alone, and no job decides at all."""

from dataclasses import dataclass

import pytest

from doudi.office.errors import NotAllowed
from doudi.office.org.models import Role
from doudi.office.org.permissions import CAPABILITIES, may, require


@dataclass
class Somebody:
    role: str


def test_every_role_has_its_capabilities_and_there_is_no_other() -> None:
    assert set(CAPABILITIES) == set(Role.values)


@pytest.mark.parametrize("role", Role.values)
def test_p22_no_role_both_reviews_and_approves_nor_decides_and_pays(role: str) -> None:
    own = CAPABILITIES[role]
    steps = [
        {"case.accept", "case.opinion"},
        {"case.township"},
        {"case.review"},
        {"case.approve"},
        {"money.prepare", "money.release"},
    ]
    assert sum(bool(own & step) for step in steps) <= 1


def test_p17_the_offices_own_jobs_decide_nothing() -> None:
    assert all(capability.startswith("night.") for capability in CAPABILITIES["service"])


def test_a_step_outside_the_role_is_refused_with_advice() -> None:
    require(Somebody("reviewer"), "case.review")
    with pytest.raises(NotAllowed) as caught:
        require(Somebody("clerk"), "case.review")
    assert caught.value.advice
    assert caught.value.status == 403


def test_a_capability_that_nobody_has_is_our_mistake_not_a_refusal() -> None:
    with pytest.raises(KeyError):
        may(Somebody("clerk"), "case.reveiw")
