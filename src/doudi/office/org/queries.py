"""Reads about areas and users."""

from datetime import date

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Q, QuerySet

from doudi.office.org.models import Area, Delegation, User

# The service account under which nights are exported and loaded.
NIGHT_ACCOUNT = "night"


def areas_within(code: str) -> QuerySet[Area]:
    """An area and all that lies in it, by code."""
    return Area.objects.filter(code__startswith=code).order_by("code")


def area_names(codes: list[str]) -> dict[str, str]:
    """Names of divisions by code; a division that is not known here is missing."""
    return dict(Area.objects.filter(code__in=codes).values_list("code", "name"))


def areas_named(beginning: str, *, within: str, limit: int) -> list[str]:
    """Codes of the divisions inside `within` whose names begin so, the larger ones first."""
    found = Area.objects.filter(code__startswith=within, name__startswith=beginning).order_by("code")
    return list(found.values_list("code", flat=True)[:limit])


def service_account(username: str) -> User:
    """The account under which one of the office's own jobs acts."""
    return User.objects.get(username=username, is_service_account=True)


def people_in_role(role: str, area: str) -> QuerySet[User]:
    """Active people of a role whose own area contains the given one."""
    prefixes = [area[:digits] for digits in (4, 6, 9, 12) if len(area) >= digits]
    return User.objects.filter(role=role, is_active=True, area_id__in=prefixes).order_by("username")


def server_day() -> date:
    """Today by the database's clock, which delegations follow; a demonstration's calendar may say another day."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.org_day()")
        (day,) = cursor.fetchone()
    assert isinstance(day, date)  # noqa: S101 - the function returns a date
    return day


def delegations_held(user_id: int) -> QuerySet[Delegation]:
    """The colleagues for whom somebody may act today."""
    today = server_day()
    return (
        Delegation.objects.filter(deputy=user_id, ended_at__isnull=True, first_day__lte=today, last_day__gte=today)
        .filter(absent__is_active=True)
        .select_related("absent__area")
        .order_by("pk")
    )


def delegations_of(user_id: int) -> QuerySet[Delegation]:
    """Every delegation that an account ever gave or held, newest first."""
    return (
        Delegation.objects.filter(Q(absent=user_id) | Q(deputy=user_id))
        .select_related("absent", "deputy", "made_by")
        .order_by("-pk")
    )


def users_within(area: str, *, text: str = "", role: str = "", is_active: bool | None = None) -> QuerySet[User]:
    """The people who work in an area, by name; jobs have accounts too, but those are nobody's to look after."""
    found = User.objects.filter(area__code__startswith=area, is_service_account=False).select_related("area")
    if text:
        found = found.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
    if role:
        found = found.filter(role=role)
    if is_active is not None:
        found = found.filter(is_active=is_active)
    return found.order_by("area_id", "role", "username")


def has_second_factor(user_id: int) -> bool:
    """Whether somebody has set up a second factor."""
    return bool(Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.TOTP).exists())
