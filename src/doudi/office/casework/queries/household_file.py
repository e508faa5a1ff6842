"""What casework adds to a household's file: warnings, authorisations, near relatives of officials."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from doudi.office.casework.consents import ConsentView, consents_of
from doudi.office.casework.models import Case, Finding, NearRelative, Task
from doudi.office.errors import NotYours
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Membership


@dataclass(frozen=True)
class HouseholdFinding:
    """A warning about the household."""

    finding_pk: int
    rule: str
    state: str
    since: date
    closed_at: datetime | None


@dataclass(frozen=True)
class RelativeView:
    """A member's entry in the register of near relatives."""

    relative_id: int
    person_name: str
    official: str
    relation: str
    recorded_at: datetime


@dataclass(frozen=True)
class HouseholdFile:
    """Warnings, newest first; who authorised the check in which case; who is a near relative of an official."""

    findings: tuple[HouseholdFinding, ...]
    consents: tuple[ConsentView, ...]
    relatives: tuple[RelativeView, ...]


def file_of_household(user: User, household_id: int, *, today: date) -> HouseholdFile:
    """The household's file beside the registry's own. Who calls this has recorded the look."""
    require(user, "household.see")
    findings = Finding.objects.filter(household=household_id).order_by("-pk")
    cases = Case.objects.filter(household=household_id).exclude(channel=Case.Channel.TAKEOVER)
    people = Membership.objects.filter(household=household_id, to_date__isnull=True).values("person")
    relatives = NearRelative.objects.filter(person__in=people, withdrawn_at__isnull=True)
    return HouseholdFile(
        findings=tuple(
            HouseholdFinding(row.pk, row.rule, row.state, row.episode_start, row.closed_at) for row in findings
        ),
        consents=tuple(
            row
            for case in cases.select_related("household").order_by("-pk")
            for row in consents_of(case, today)
            if row.consent_id is not None or case.state == Case.State.OPEN
        ),
        relatives=tuple(
            RelativeView(
                relative_id=row.pk,
                person_name=row.person.name,
                official=row.official.display_name if row.official else row.official_name,
                relation=row.relation,
                recorded_at=row.recorded_at,
            )
            for row in relatives.select_related("person", "official").order_by("pk")
        ),
    )


def review_task(user: User, task_id: int) -> int:
    """The household whose members an open task asks to review."""
    require(user, "task.see")
    task = Task.objects.filter(pk=task_id, kind=Task.Kind.REVIEW, state=Task.State.OPEN).first()
    if task is None:
        raise NotYours(_("There is no such task."))
    return task.household_id
