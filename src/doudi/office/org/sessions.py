"""A person's session: log-in opens the database's scope, log-out closes it."""

from django.contrib.auth import login, logout
from django.http import HttpRequest

from doudi.office.crypto import CryptoError, decrypt, encrypt, keyring
from doudi.office.org.models import User
from doudi.office.org.scope import close_scope, open_scope

_KEY, _PURPOSE = "scope", "session.scope"
_BACKEND = "doudi.office.org.accounts.Accounts"


def begin(request: HttpRequest, user: User) -> None:
    """Log somebody in who has proved who they are."""
    login(request, user, backend=_BACKEND)
    # Encrypted: whoever reads the table of sessions must not find tokens there.
    request.session[_KEY] = encrypt(keyring(), open_scope(user), _PURPOSE)


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
