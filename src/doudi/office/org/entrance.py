"""How people come in: allauth asks for password and code, we count failures, open the scope and keep the audit."""

import io
from collections.abc import Callable
from typing import Any

import segno
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from doudi.office.crypto import decrypt, encrypt, keyring
from doudi.office.errors import NotAllowed
from doudi.office.org import actions, kept, sessions
from doudi.office.org.accounts import address_of, is_locked_out
from doudi.office.org.models import User

View = Callable[..., HttpResponse]
_SECRET = "mfa_authenticator.secret"  # noqa: S105 - the purpose of an encryption, no secret


class Entrance(DefaultAccountAdapter):
    """The office's answers to allauth's questions about accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody makes an account of their own."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse to look at a password while the account or the address is locked out."""
        refuse_locked_out(str(credentials.get("username", "")), address_of(request))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count and audit."""
        actions.note_failed_log_in(username=str(credentials.get("username", "")), address=address_of(request))

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Open the scope of somebody who has proved who they are; let others only set up their second factor."""
        assert isinstance(user, User)  # noqa: S101 - the only kind of user there is
        has_second_factor = any(each["method"] == "mfa" for each in get_authentication_records(request, user))
        if settings.SECOND_FACTOR_REQUIRED and not has_second_factor:
            sessions.begin_enrolment(request, user)
        else:
            sessions.begin(request, user)
        actions.note_log_in(user=user, has_second_factor=has_second_factor)

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **given: Any) -> HttpResponse:
        """Lead whoever sent a form too late to that form first."""
        if kept.has_kept(request):
            given["redirect_url"] = reverse("kept-form")
        response: HttpResponse = super().post_login(request, user, **given)
        return response

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Store a new password, and nothing else of the account: the web may write no other column."""
        assert isinstance(user, User)  # noqa: S101 - as above
        user.set_password(password)
        user.save(update_fields=["password"])
        actions.note_credential(user=user, verb="user.password")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just typed the password to set up a second factor is not asked for it again."""
        return not sessions.is_enrolling(self.request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say themselves what happened."""

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The office keeps no e-mail addresses."""


class SecondFactor(DefaultMFAAdapter):
    """The office's answers about second factors."""

    def get_totp_issuer(self) -> str:
        """The name that the authenticator's app shows."""
        return "Doudi"

    def build_totp_svg(self, url: str) -> str:
        """The code to photograph, as the rest of the office draws its codes."""
        out = io.BytesIO()
        segno.make(url, error="m").save(out, kind="svg", scale=5, border=2)
        return out.getvalue().decode("utf-8")

    def encrypt(self, text: str) -> str:
        """Secrets lie in the database encrypted, with a key that it does not know."""
        return encrypt(keyring(), text, _SECRET)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` wrote."""
        return decrypt(keyring(), encrypted_text, _SECRET)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Where a second factor is a duty, only an administrator takes it away, to have it set up anew."""
        return not settings.SECOND_FACTOR_REQUIRED

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """The office keeps no e-mail addresses."""


def refuse_locked_out(username: str, address: str = "") -> None:
    """Refuse while an account or an address has had too many failures of late."""
    if is_locked_out(username, address):
        raise ValidationError(
            _("Too many failed attempts. Wait %(minutes)s minutes and try again."),
            code="locked",
            params={"minutes": settings.LOCK_OUT_MINUTES},
        )


def asks_who_it_is(view: View) -> View:
    """Let a grave act begin only after a fresh proof of who is there; looking at its page needs none.

    What was sent is kept and goes on by itself after the proof.
    """
    asked: View = reauthentication_required(allow_get=True)(view)
    return asked


def asks_who_pays(view: View) -> View:
    """The same before money leaves, where the office pays for real."""
    asked: View = reauthentication_required(enabled=lambda _: settings.REAUTHENTICATE_BEFORE_PAYING)(view)
    return asked


def require_fresh_proof(request: HttpRequest) -> None:
    """The same for programs, which can't be led to a page: refused with the way to the proof."""
    try:
        reauthentication_required(lambda _: HttpResponse())(request)
    except ReauthenticationRequired:
        raise NotAllowed(
            _("Before this act it is asked once more who you are."),
            advice=_("Open /account/again/ in this session, give your password or code, then send this again."),
        ) from None


def require_fresh_proof_to_pay(request: HttpRequest) -> None:
    """The same for programs that pay, where the office pays for real."""
    if settings.REAUTHENTICATE_BEFORE_PAYING:
        require_fresh_proof(request)
