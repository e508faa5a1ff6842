"""Changes to areas, users and log-ins, each with its audit entry."""

from django.conf import settings
from django.db import connection, transaction

from doudi.office.audit.actions import Actor, record
from doudi.office.org.accounts import bucket_of, bucket_of_address
from doudi.office.org.models import Area, Delegation, User

KIND_BY_DIGITS = {4: Area.Kind.CITY, 6: Area.Kind.COUNTY, 9: Area.Kind.TOWNSHIP, 12: Area.Kind.VILLAGE}


@transaction.atomic
def create_area(*, actor: Actor | None, code: str, name: str) -> Area:
    """Add a division; its kind follows from the length of its code. A known code gets the name."""
    area, is_new = Area.objects.update_or_create(code=code, defaults={"name": name, "kind": KIND_BY_DIGITS[len(code)]})
    record(actor=actor, verb="area.create" if is_new else "area.rename", obj=area, area=code)
    return area


@transaction.atomic
def create_user(
    *,
    actor: Actor | None,
    username: str,
    display_name: str,
    role: str,
    area: str,
    password: str | None,
    is_service_account: bool = False,
) -> User:
    """Add somebody who works here. Without a password nobody can log in by one. The web's role can't do this."""
    user = User(
        username=username,
        display_name=display_name,
        role=role,
        area_id=area,
        is_service_account=is_service_account,
    )
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save(force_insert=True)
    record(actor=actor, verb="user.create", obj=user, area=area, details={"role": role})
    return user


@transaction.atomic
def note_log_in(*, user: User, has_second_factor: bool = False) -> None:
    """Audit a log-in and forget the failures before it."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE org_login_throttle SET failures = 0 WHERE bucket = %s", [bucket_of(user.username)])
    details = {"second_factor": has_second_factor}
    record(actor=user, verb="user.log_in", obj=user, area=user.area_id, details=details)


@transaction.atomic
def note_failed_log_in(*, username: str, address: str = "") -> None:
    """Count and audit a failed log-in, without the name that was typed: it may have been a password."""
    bucket = bucket_of(username)
    for each in {bucket, *([bucket_of_address(address)] if address else [])}:
        _count_failure(each)
    known = User.objects.filter(username=username.strip()).first()
    area = known.area_id if known else ""
    record(actor=None, verb="user.log_in_failed", obj=known, area=area, details={"bucket": bucket})


@transaction.atomic
def note_failed_code(*, user: User) -> None:
    """Count and audit a wrong code of somebody whose password was right."""
    _count_failure(bucket_of(user.username))
    record(actor=None, verb="user.code_failed", obj=user, area=user.area_id)


@transaction.atomic
def note_credential(*, user: User, verb: str) -> None:
    """Audit what somebody changed about their own log-in: `user.password`, `user.second_factor`, `user.codes`."""
    record(actor=user, verb=verb, obj=user, area=user.area_id)


@transaction.atomic
def note_acting(*, user: User, delegation: Delegation) -> None:
    """Audit that somebody goes on for a colleague, from now on in that colleague's role and area."""
    absent = delegation.absent
    details = {"delegation": delegation.pk, "for": absent.pk, "role": absent.role}
    record(actor=user, verb="user.act_for", obj=absent, area=absent.area_id, details=details)


def _count_failure(bucket: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO org_login_throttle AS t (bucket, failures, since) VALUES (%s, 1, statement_timestamp())"
            " ON CONFLICT (bucket) DO UPDATE SET"
            " failures = CASE WHEN t.since > statement_timestamp() - make_interval(mins => %s)"
            "   THEN t.failures + 1 ELSE 1 END,"
            " since = CASE WHEN t.since > statement_timestamp() - make_interval(mins => %s)"
            "   THEN t.since ELSE statement_timestamp() END",
            [bucket, settings.LOCK_OUT_MINUTES, settings.LOCK_OUT_MINUTES],
        )


@transaction.atomic
def note_log_out(*, user: User) -> None:
    """Audit a log-out."""
    record(actor=user, verb="user.log_out", obj=user, area=user.area_id)
