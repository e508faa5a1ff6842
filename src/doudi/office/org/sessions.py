"""A person's session: log-in opens the database's scope, log-out closes it; idleness ends it earlier."""

import time

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest

from doudi.office.crypto import CryptoError, decrypt, encrypt, keyring
from doudi.office.org.models import Delegation, User
from doudi.office.org.scope import close_scope, open_scope, open_scope_for_colleague

_KEY, _PURPOSE = "scope", "session.scope"
_ENROLLING, _SEEN, _ACTING = "enrolling", "seen", "acting"
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


def act_for(request: HttpRequest, user: User, delegation: Delegation) -> None:
    """Go on in the role and area of a colleague who is away; the person stays who they are."""
    token = open_scope_for_colleague(user, delegation.pk)
    _close(request)
    request.session[_KEY] = encrypt(keyring(), token, _PURPOSE)
    request.session[_ACTING] = delegation.pk


def act_for_oneself(request: HttpRequest, user: User) -> None:
    """Go back to one's own role and area."""
    token = open_scope(User.objects.get(pk=user.pk))
    _close(request)
    request.session[_KEY] = encrypt(keyring(), token, _PURPOSE)
    request.session.pop(_ACTING, None)


def put_on_role(request: HttpRequest, user: User) -> None:
    """Give the person at hand the role and area in which this session acts."""
    delegation_id = request.session.get(_ACTING)
    if delegation_id is None:
        return
    absent = Delegation.objects.select_related("absent__area").get(pk=delegation_id).absent
    user.role, user.area, user.acts_for_id = absent.role, absent.area, absent.pk


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
    _close(request)
    logout(request)
    return user


def _close(request: HttpRequest) -> None:
    token = scope_token(request)
    if token is not None:
        close_scope(token)


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
