"""What reaches the office from outside: applications sent online, who asks for somebody else, tries at open doors."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring
from doudi.office import crypto
from doudi.office.audit.actions import record
from doudi.office.bulk import insert_rows
from doudi.office.casework.follow import card_index, new_code, number_index
from doudi.office.casework.models import Case, FollowCard, Knock, OnlineApplication, Reporter
from doudi.office.errors import Refused
from doudi.office.org.models import User

_COLUMNS = (
    "number", "name", "id_number", "id_index", "phone", "address", "story", "programme", "writer", "consented_at",
    "sent_at", "due_on", "state", "reason", "area",
)  # fmt: skip


@transaction.atomic
def add_reporter(*, actor: User, case: Case, name: str, relation: str, phone: str) -> None:
    """Say who asked for help for the family."""
    row = Reporter.objects.create(case=case, name=name, relation=relation, phone=phone, area=case.area)
    record(actor=actor, verb="case.reporter", obj=case, area=case.area, details={"reporter": row.pk})


@transaction.atomic
def knock(*, door: str, who: str, at: datetime) -> None:
    """Note a try at an open door. No entry in the audit: nothing of anybody is read or changed."""
    Knock.objects.create(door=door, who=who, at=at)


@transaction.atomic
def forget_knocks(*, today: date) -> int:
    """Let the tries of days ago go, by the database's own function, which only the worker may call; how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT public.casework_forget_knocks(%s)", [today])
        (gone,) = cursor.fetchone()
    return int(gone)


@transaction.atomic
def send_online(
    *,
    at: datetime,
    number: str,
    name: str,
    id_number: str,
    id_index: str,
    phone: str,
    address: str,
    story: str,
    programme: str,
    writer: str,
    area: str,
    due_on: date,
    ring: Keyring,
) -> str:
    """Lay what a citizen sends before the township, unseen by anybody else. Returns the receipt's code.

    A plain INSERT of many: nobody is logged in, so the row can't be read back.
    """
    row = (
        number,
        name,
        id_number,
        id_index,
        phone,
        address,
        story,
        programme,
        writer,
        at,
        at,
        due_on,
        "sent",
        "",
        area,
    )
    insert_rows(OnlineApplication, _COLUMNS, [row])
    code = new_code()
    FollowCard.objects.create(
        number=number,
        code=code,
        index=card_index(ring, number=number, last_four=id_number[-4:], code=code),
        number_index=number_index(ring, number),
        programme=programme,
        township=area[:9],
        opened_on=at.date(),
        state="waiting",
        due_on=due_on,
    )
    record(actor=None, verb="online.send", obj=None, area=area)
    return code


@transaction.atomic
def answer_online(*, at: datetime, card_id: int, answer: str) -> None:
    """The citizen answers what the office asked, once."""
    changed = FollowCard.objects.filter(pk=card_id, state="asked", answered_at__isnull=True).update(
        answer=answer, answered_at=at
    )
    if not changed:
        raise Refused(_("This was answered already."), advice=_("The office has your answer."))
    record(actor=None, verb="online.answer", obj=None, area="", details={"card": card_id})


@transaction.atomic
def ask_back(*, actor: User, at: datetime, sent: Sequence[OnlineApplication], question: str) -> None:
    """Ask the citizen for everything that is missing, once."""
    ring, first = crypto.keyring(), sent[0]
    pks = [each.pk for each in sent]
    if OnlineApplication.objects.filter(pk__in=pks, state="sent").update(
        state="asked", asked_at=at, asked_by=actor
    ) != len(pks):
        raise Refused(_("The office has asked back already."), advice=_("Call the citizen, or accept."))
    indexes = [number_index(ring, each.number) for each in sent]
    FollowCard.objects.filter(number_index__in=indexes).update(state="asked", question=question)
    record(actor=actor, verb="online.ask", obj=first, area=first.area, details={"ids": pks})


@transaction.atomic
def settle_online(
    *, actor: User, at: datetime, sent: Sequence[OnlineApplication], case: Case | None, reason: str
) -> None:
    """Say what became of what was sent: a case, or set aside with a reason that the citizen reads."""
    ring, first = crypto.keyring(), sent[0]
    pks = [each.pk for each in sent]
    changed = OnlineApplication.objects.filter(pk__in=pks, state__in=["sent", "asked"]).update(
        state="accepted" if case else "set_aside", case=case, reason=reason, settled_at=at, settled_by=actor
    )
    if changed != len(pks):
        raise Refused(_("This application was settled already."), advice=_("Open the list again."))
    indexes = [number_index(ring, each.number) for each in sent]
    cards = FollowCard.objects.filter(number_index__in=indexes)
    if case is None:
        cards.update(state="set_aside", question=reason)
    else:
        cards.update(case=case, state="open", question="")
    verb = "online.accept" if case else "online.set_aside"
    record(actor=actor, verb=verb, obj=first, area=first.area, details={"ids": pks, "case": case.pk if case else None})
