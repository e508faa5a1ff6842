"""Who may log in: active people with the right password, unless too many wrong ones came for that account of late."""

import hashlib
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest

from doudi.office.org.models import User


class Accounts(ModelBackend):
    """Django's log-in by password, closed to service accounts."""

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return isinstance(user, User) and user.is_active and not user.is_service_account


def is_locked_out(username: str, address: str = "") -> bool:
    """Whether an account, existing or not, or an address has had too many failures; by the database's clock."""
    limits = [(bucket_of(username), settings.LOCK_OUT_AFTER_FAILURES)]
    if address:
        limits.append((bucket_of_address(address), settings.LOCK_OUT_AFTER_FAILURES_FROM_ADDRESS))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT bool_or(t.failures >= l.most) FROM org_login_throttle t"
            " JOIN unnest(%s::int[], %s::int[]) AS l (bucket, most) ON l.bucket = t.bucket"
            " WHERE since > statement_timestamp() - make_interval(mins => %s)",
            [[bucket for bucket, _ in limits], [most for _, most in limits], settings.LOCK_OUT_MINUTES],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def bucket_of(username: str) -> int:
    """One of 2**20 buckets. A name typed by mistake, perhaps a password, is never stored."""
    return _bucket(username.strip().casefold())


def bucket_of_address(address: str) -> int:
    """The bucket of a network address; no user name has a zero byte in it."""
    return _bucket(f"address\0{address}")


def address_of(request: HttpRequest) -> str:
    """The visitor's network address; empty where it says nothing, as on the machine itself.

    Each proxy in front (DOUDI_PROXIES says how many there are) appends the address it saw to `X-Forwarded-For`. What
    stands before theirs is the visitor's own claim, and with no proxy all of it is.
    """
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    proxies: int = settings.DOUDI_PROXIES
    claimed = seen[-proxies] if 0 < proxies <= len(seen) else str(request.META.get("REMOTE_ADDR", ""))
    try:
        address = ip_address(claimed)
    except ValueError:
        return ""
    return "" if address.is_loopback else str(address)


def _bucket(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:4]) >> 12
