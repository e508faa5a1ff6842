"""Promise P35: while the audit is not anchored, nothing is refused to a family and nothing is paid; help goes on."""

from typing import Any

import pytest
from django.db import connection
from tests.office.flows.walks import MONDAY, Office

from doudi.office.audit.freshness import NotAnchored, anchor_age, require_anchor
from doudi.office.entitlements.models import Entitlement
from doudi.office.flows import pay


def age_by(db_role: Any, hours: float) -> None:
    """Let the newest block be so old, whenever the session began, past all rules; the test is rolled back."""
    with db_role("owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_block DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE audit_block SET sealed_at = clock_timestamp() - make_interval(mins => %s)"
            " - ((SELECT max(sealed_at) FROM audit_block) - sealed_at)",
            [int(hours * 60)],
        )


def test_p35_after_four_hours_without_an_anchor_payments_and_refusals_wait_and_approvals_do_not(
    office: Office, make_user: Any, db_role: Any
) -> None:
    office.walk_to_review()
    finance = make_user("finance", "419901")
    require_anchor()
    age_by(db_role, 4.1)
    with office.as_user(finance), pytest.raises(NotAnchored, match="four hours") as caught:
        pay.release_run(actor=finance, run_id=1, at=MONDAY, keyring=office.keyring)
    assert "audit watch" in caught.value.advice
    with pytest.raises(NotAnchored):
        office.review("refuse", reason="不符合条件。")
    office.review()
    with pytest.raises(NotAnchored):
        office.confirm("refuse", reason="不符合条件。")
    office.confirm()
    with office.as_user(office.approver):
        assert Entitlement.objects.count() == 1


def test_p35_an_office_that_was_never_anchored_pays_nothing(db: None, db_role: Any) -> None:
    with db_role("owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_anchor DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM audit_anchor")
    assert anchor_age() is None
    with pytest.raises(NotAnchored):
        require_anchor()


@pytest.mark.parametrize(("hours", "is_fresh"), [(0, True), (3.9, True), (4.1, False)])
def test_the_limit_is_four_hours(db: None, db_role: Any, hours: float, is_fresh: bool) -> None:
    age_by(db_role, hours)
    if is_fresh:
        require_anchor()
    else:
        with pytest.raises(NotAnchored):
            require_anchor()
