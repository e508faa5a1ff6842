"""A form that was sent after its session had ended: kept, encrypted, until the same person has logged in again.

It lies in the fresh session that follows, for the one person whose session ended, and is offered once. Files are not
kept, and nothing that is very long.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from doudi.office.crypto import CryptoError, decrypt, encrypt, keyring
from doudi.office.org.models import User

_KEY, _PURPOSE = "kept", "session.kept"
_CHARACTERS_MAX = 200_000
_NOT_KEPT = frozenset({"csrfmiddlewaretoken", "password", "oldpassword", "password1", "password2", "code"})


@dataclass(frozen=True)
class KeptForm:
    """Where the form was going, and what was typed in it."""

    path: str
    fields: Sequence[tuple[str, str]]


def keep(request: HttpRequest, user_id: int, sent: KeptForm | None) -> None:
    """Lay a form aside in the session that follows the ended one."""
    if sent is None:
        return
    text = json.dumps({"user": user_id, "path": sent.path, "fields": list(sent.fields)}, ensure_ascii=False)
    if len(text) <= _CHARACTERS_MAX:
        request.session[_KEY] = encrypt(keyring(), text, _PURPOSE)


def sent_form(request: HttpRequest) -> KeptForm | None:
    """What a request sends, if it is a form of somebody's."""
    if request.method != "POST" or request.path_info.startswith(("/login", "/logout", "/account", "/api/")):
        return None
    if not url_has_allowed_host_and_scheme(request.get_full_path(), allowed_hosts=None):
        return None
    fields = [(name, value) for name, values in request.POST.lists() for value in values if name not in _NOT_KEPT]
    return KeptForm(request.get_full_path(), fields) if fields else None


def suspended_form(request: HttpRequest) -> KeptForm | None:
    """What waited for a fresh proof of who is there, when the session ended before it was given."""
    waiting = request.session.get(STATE_SESSION_KEY)
    if not isinstance(waiting, dict) or "request" not in waiting:
        return None
    sent = json.loads(waiting["request"])
    fields = [(name, value) for name, value in parse_qsl(sent["POST"], keep_blank_values=True) if name not in _NOT_KEPT]
    return KeptForm(sent["path"], fields) if fields else None


def has_kept(request: HttpRequest) -> bool:
    """Whether this session holds a form for somebody."""
    return _KEY in request.session


def take(request: HttpRequest, user: User) -> KeptForm | None:
    """The form that was kept for this person, once; that of anybody else is thrown away unread."""
    sealed = request.session.pop(_KEY, None)
    if not isinstance(sealed, str):
        return None
    try:
        said = json.loads(decrypt(keyring(), sealed, _PURPOSE))
    except CryptoError:
        return None
    if said["user"] != user.pk:
        return None
    return KeptForm(said["path"], [(name, value) for name, value in said["fields"]])
