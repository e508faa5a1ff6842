"""A person's session: log-in opens the database's scope, log-out closes it; idleness ends it earlier."""

import time

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest

from doudi.office.crypto import CryptoError, decrypt, encrypt, keyring
from doudi.office.org.models import User
from doudi.office.org.scope import close_scope, open_scope

_KEY, _PURPOSE = "scope", "session.scope"
_ENROLLING, _SEEN = "enrolling", "seen"
_BACKEND = "doudi.office.org.accounts.Accounts"
# The session is written at most this often only to say that somebody is still there.
_SEEN_EVERY_SECONDS = 60


def begin(request: HttpRequest, user: User) -> None:
    """Log somebody in who has proved who they are."""
    login(request, user, backend=_BACKEND)
    # Encrypted: whoever reads the table of sessions must not find tokens there.
    request.session[_KEY] = encrypt(keyring(), open_scope(user), _PURPOSE)
    request.session[_SEEN] = int(time.time())


def begin_enrolment(request: HttpRequest, user: User) -> None:
    """Let somebody in as far as the pages on which a second factor is set up. No scope, so no rows."""
    login(request, user, backend=_BACKEND)
    request.session[_ENROLLING] = True
    request.session[_SEEN] = int(time.time())


def is_enrolling(request: HttpRequest) -> bool:
    """Whether this session only serves to set up a second factor."""
    return bool(request.session.get(_ENROLLING))


def was_idle(request: HttpRequest) -> bool:
    """Whether nobody has done anything in this session for too long; otherwise notes that somebody did."""
    now, seen = int(time.time()), request.session.get(_SEEN)
    if not isinstance(seen, int) or now - seen > settings.SESSION_IDLE_SECONDS:
        return True
    if now - seen > _SEEN_EVERY_SECONDS:
        request.session[_SEEN] = now
    return False


def end(request: HttpRequest) -> User | None:
    """Log out and close the scope. Returns who it was."""
    user = request.user if request.user.is_authenticated else None
    token = scope_token(request)
    if token is not None:
        close_scope(token)
    logout(request)
    return user


def scope_token(request: HttpRequest) -> str | None:
    """The token of this session's scope; None if it holds none that opens."""
    sealed = request.session.get(_KEY)
    if not isinstance(sealed, str):
        return None
    try:
        return decrypt(keyring(), sealed, _PURPOSE)
    except CryptoError:
        # The keyring was changed since: the person logs in again.
        return None
