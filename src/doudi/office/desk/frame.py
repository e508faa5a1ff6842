"""What the frame around every staff page needs to know."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from doudi.office import clock
from doudi.office.desk.labels import ROLES, Text
from doudi.office.org import permissions
from doudi.office.org.presence import person_at

SIZE_COOKIE = "doudi_size"
# So many words stand side by side at the foot of a phone.
ROOMS_ON_A_PHONE = 5


@dataclass(frozen=True)
class Room:
    """One entry of the main menu."""

    label: Text
    href: str
    icon: str
    is_here: bool


@dataclass(frozen=True)
class FrameFacts:
    """Who sits here, where, on which day, and where one can go."""

    person: str
    role: Text
    area: str
    today: date
    here: str
    rooms: list[Room]
    # Behind "more" where the menu is a bar at the foot of a phone.
    more_rooms: list[Room]
    is_demo: bool
    is_large: bool
    may_read_cases: bool
    may_move_clock: bool
    acts_for: bool


def facts_of_frame(request: HttpRequest) -> FrameFacts:
    """Gathers the frame for the person who is logged in."""
    user, rooms = person_at(request), _rooms(request)
    return FrameFacts(
        person=user.display_name,
        role=ROLES[user.role],
        area=user.area.name,
        today=clock.today(),
        here=request.get_full_path(),
        rooms=rooms,
        more_rooms=rooms[ROOMS_ON_A_PHONE - 1 :] if len(rooms) > ROOMS_ON_A_PHONE else [],
        is_demo=settings.DOUDI_MODE == "demo",
        is_large=print_size_of(request) == "large",
        may_read_cases=permissions.may(user, "case.see"),
        may_move_clock=clock.may_be_set(),
        acts_for=user.acts_for_id is not None,
    )


def print_size_of(request: HttpRequest) -> str:
    """`large` or `normal`, as the reader chose."""
    return "large" if request.COOKIES.get(SIZE_COOKIE) == "large" else "normal"


def _rooms(request: HttpRequest) -> list[Room]:
    user, path = person_at(request), request.path
    offered = [
        (_("Work list"), reverse("work"), "work", permissions.may(user, "task.see")),
        (_("Findings"), reverse("findings"), "finding", permissions.may(user, "finding.see")),
        (_("Doubtful pairs"), reverse("pairs"), "pair", permissions.may(user, "pair.see")),
        (_("Cases"), reverse("cases"), "case", permissions.may(user, "case.see")),
        (_("Moves to us"), reverse("moves"), "move", permissions.may(user, "household.change")),
        (_("Standards"), reverse("standards"), "standard", permissions.may(user, "standard.see")),
        (
            _("Requests between counties"),
            reverse("county-requests"),
            "county",
            permissions.may(user, "county.ask") or permissions.may(user, "county.reply"),
        ),
        (_("Rolls"), reverse("rolls"), "roll", permissions.may(user, "roll.see")),
        (_("Payments"), reverse("money"), "money", permissions.may(user, "money.see")),
        (_("Audit"), reverse("audit"), "audit", permissions.may(user, "audit.see")),
        (_("Users"), reverse("admin-users"), "users", permissions.may(user, "user.manage")),
    ]
    return [
        Room(label, href, icon, path == href if href == "/" else path.startswith(href))
        for label, href, icon, is_offered in offered
        if is_offered
    ]
