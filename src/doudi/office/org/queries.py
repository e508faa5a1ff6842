"""Reads about areas and users."""

from django.db.models import QuerySet

from doudi.office.org.models import Area, User

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
