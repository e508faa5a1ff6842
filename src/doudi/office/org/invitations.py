"""Codes with which somebody sets a password: made by an administrator or at the office's beginning, used once."""

import hashlib
import secrets

from django.contrib.auth import password_validation
from django.db import connection, transaction

from doudi.office.audit.actions import record
from doudi.office.org.actions import note_failed_log_in
from doudi.office.org.models import User

# Without letters and digits that look alike: a code is read aloud and typed.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_CODE_LETTERS = 20


@transaction.atomic
def redeem(*, username: str, code: str, password: str, address: str = "") -> User | None:
    """Set a password with a code. None if name and code don't belong together, or the code is used or too old."""
    user = User.objects.filter(username=username, is_active=True, is_service_account=False).first()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE org_invitation SET used_at = statement_timestamp() WHERE user_id = %s AND code_hash = %s"
            " AND used_at IS NULL AND expires_at > statement_timestamp()",
            [user.pk if user else None, hash_of(code)],
        )
        is_good = cursor.rowcount == 1
    if user is None or not is_good:
        note_failed_log_in(username=username, address=address)
        return None
    user.set_password(password)
    user.save(update_fields=["password"])
    record(actor=user, verb="user.password", obj=user, area=user.area_id, details={"by": "code"})
    return user


def refuse_weak(password: str, username: str) -> None:
    """Refuse a password that breaks the rules; raises Django's own ValidationError for the form."""
    password_validation.validate_password(password, User(username=username))


def new_code() -> str:
    """A random code in groups of five, about 98 bits."""
    letters = [secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS)]
    return "-".join("".join(letters[at : at + 5]) for at in range(0, _CODE_LETTERS, 5))


def hash_of(code: str) -> bytes:
    """What is kept of a code, however it was typed."""
    bare = "".join(code.split()).replace("-", "").upper()
    return hashlib.sha256(b"doudi.org.invitation\0" + bare.encode("utf-8")).digest()
