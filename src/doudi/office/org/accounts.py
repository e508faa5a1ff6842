"""Who may log in: active people with the right password, unless too many wrong ones came for that account of late."""

import hashlib

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import connection

from doudi.office.org.models import User


class Accounts(ModelBackend):
    """Django's log-in by password, closed to service accounts."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return isinstance(user, User) and user.is_active and not user.is_service_account


def is_locked_out(username: str) -> bool:
    """Whether an account, existing or not, has had too many failures; by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT failures >= %s FROM org_login_throttle"
            " WHERE bucket = %s AND since > statement_timestamp() - make_interval(mins => %s)",
            [settings.LOCK_OUT_AFTER_FAILURES, bucket_of(username), settings.LOCK_OUT_MINUTES],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def bucket_of(username: str) -> int:
    """One of 2**20 buckets. A name typed by mistake, perhaps a password, is never stored."""
    return int.from_bytes(hashlib.sha256(username.strip().casefold().encode("utf-8")).digest()[:4]) >> 12
