"""An application from outside: sent by a citizen without log-in, accepted or asked back once by the township."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.identity import IdentityError, parse_id
from doudi.office import crypto
from doudi.office.casework.actions import intake
from doudi.office.casework.actions.steps import queue_open_steps
from doudi.office.casework.deadlines import application_deadline
from doudi.office.casework.follow import new_online_number
from doudi.office.casework.models import Case, OnlineApplication
from doudi.office.casework.queries.follow import FollowView, follow, knocks
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.rulebook import current_pack, office_programmes
from doudi.office.flows.apply import open_at_window
from doudi.office.flows.outcome import StepDone
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.terms import id_index

# An hour's tries from one place; and a day's from one place or with one number.
FOLLOWED_AN_HOUR_MAX, SENT_A_DAY_MAX = 20, 5


@transaction.atomic
def send_online(
    *,
    at: datetime,
    place: str,
    name: str,
    id_number: str,
    phone: str,
    area: str,
    address: str,
    story: str,
    programme: str = "",
    writer: str = "",
) -> tuple[str, str]:
    """Take what a citizen sends (网上申请). Returns the receipt's number and code.

    The answer is the same whoever asks for whomever: nothing is looked up, so nothing is told of anybody (P27).
    """
    ring, pack, today = crypto.keyring(), current_pack(), localdate(at)
    try:
        number = parse_id("".join(id_number.split()), as_of=today).value18
    except IdentityError as error:
        raise Unacceptable(_("This is no valid identity number."), advice=f"{error.message} {error.advice}") from None
    if len(area) != 12 or area not in pack.divisions():
        raise Unacceptable(_("There is no such village or community."), advice=_("Choose one of the list."))
    if programme and programme not in office_programmes():
        raise Unacceptable(_("There is no such programme."), advice=_("Choose one of the list."))
    for who in (f"place:{place}", f"number:{number}"):
        _refuse_too_many("send", f"{today.isoformat()}:{who}", at, at - timedelta(days=1), SENT_A_DAY_MAX)
    sent = new_online_number(area[:6])
    code = intake.send_online(
        at=at,
        number=sent,
        name=" ".join(name.split()),
        id_number=number,
        id_index=id_index(ring, number),
        phone=phone.strip(),
        address=address.strip(),
        story=story.strip(),
        programme=programme,
        writer=writer.strip(),
        area=area,
        due_on=application_deadline(pack, area, today).on,
        ring=ring,
    )
    return sent, code


@transaction.atomic
def follow_up(*, at: datetime, place: str, number: str, last_four: str, code: str) -> FollowView | None:
    """Look up the way behind a receipt. Every try counts, so that nobody guesses codes."""
    _refuse_too_many("follow", f"{localdate(at).isoformat()}:place:{place}", at, at - timedelta(hours=1),
                     FOLLOWED_AN_HOUR_MAX)  # fmt: skip
    return follow(number=number, last_four=last_four, code=code)


@transaction.atomic
def answer_online(*, at: datetime, place: str, number: str, last_four: str, code: str, answer: str) -> None:
    """Answer what the office asked back."""
    found = follow_up(at=at, place=place, number=number, last_four=last_four, code=code)
    if found is None or found.state != "asked":
        raise Refused(_("Nothing is asked under this receipt."), advice=_("Compare number, digits and code."))
    if not answer.strip():
        raise Unacceptable(_("The answer is empty."), advice=_("Write it, or bring it to the window."))
    intake.answer_online(at=at, card_id=found.card_id, answer=answer.strip())


@transaction.atomic
def accept_online(*, actor: User, at: datetime, online_id: int, programme: str, area: str, residence: str) -> StepDone:
    """Open a case for what was sent, and for whatever else was sent for the same person. Papers and consent follow."""
    first, every = _waiting(actor, online_id)
    done = open_at_window(
        actor=actor,
        at=at,
        programme=programme,
        area=area,
        name=first.name,
        id_number=first.id_number,
        phone=first.phone,
        address=first.address,
        residence=residence,
        channel=Case.Channel.ONLINE,
    )
    case = Case.objects.select_related("household").get(number=done.case_number)
    intake.settle_online(actor=actor, at=at, sent=every, case=case, reason="")
    queue_open_steps(actor=actor, at=at, case=case, pack=current_pack(), today=localdate(at))
    return done


@transaction.atomic
def ask_back(*, actor: User, at: datetime, online_id: int, question: str) -> None:
    """Ask once for everything that is missing; the citizen reads it with the receipt."""
    _first, every = _waiting(actor, online_id)
    if not question.strip():
        raise Unacceptable(_("What is asked is not said."), advice=_("Write everything that is missing, in one go."))
    intake.ask_back(actor=actor, at=at, sent=every, question=question.strip())


@transaction.atomic
def set_aside(*, actor: User, at: datetime, online_id: int, reason: str) -> None:
    """Set aside what is no application, with a reason. Whoever sent it reads it and can come to the window any time."""
    _first, every = _waiting(actor, online_id)
    if not reason.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("The citizen reads it."))
    intake.settle_online(actor=actor, at=at, sent=every, case=None, reason=reason.strip())


@transaction.atomic
def forget_tries(*, at: datetime) -> int:
    """Forget who tried the open doors days ago: the limits look back a day at most. Returns how many tries went."""
    return intake.forget_knocks(today=localdate(at))


def _waiting(actor: User, online_id: int) -> tuple[OnlineApplication, list[OnlineApplication]]:
    """The one that is answered, locked, with all that wait for the same person in this area."""
    require(actor, "case.apply")
    chosen = OnlineApplication.objects.filter(pk=online_id).first()
    if chosen is None:
        raise NotYours(_("There is no such application."))
    every = list(
        OnlineApplication.objects.select_for_update()
        .filter(id_index=chosen.id_index, state__in=["sent", "asked"])
        .order_by("pk")
    )
    if chosen.pk not in {each.pk for each in every}:
        raise Refused(_("This application was settled already."), advice=_("Open the list again."))
    return chosen, every


def _refuse_too_many(door: str, who: str, at: datetime, since: datetime, most: int) -> None:
    index = crypto.blind_index(crypto.keyring(), f"knock:{who}")
    if knocks(door, index, since=since) >= most:
        raise Refused(
            _("There were too many tries from here. Please try again later."),
            advice=_("Or come to the window of the township, or call it."),
        )
    intake.knock(door=door, who=index, at=at)
