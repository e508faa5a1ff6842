"""The forms of the entrance: name and password, code, both once more."""

from datetime import datetime
from typing import Any

from allauth.account.forms import LoginForm
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from doudi.office.org import actions
from doudi.office.org.entrance import refuse_locked_out
from doudi.office.org.invitations import redeem, refuse_weak

TOTP_SECONDS = 30


class LogInForm(LoginForm):
    """User name and password. The answer is the same whether the account exists or not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["login"]
        password = self.fields["password"]
        password.label, password.help_text = _("Password"), ""
        password.widget.attrs.pop("placeholder", None)
        widget = forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
        self.fields["username"] = forms.CharField(label=_("User name"), max_length=60, widget=widget)
        self.order_fields(["username", "password"])

    def user_credentials(self) -> dict[str, str]:
        """What is looked up: the name as typed."""
        return {"username": self.cleaned_data["username"].strip(), "password": self.cleaned_data["password"]}

    def _clean_with_password(self, credentials: dict[str, str]) -> dict[str, Any]:
        # allauth looks for its own field to word the failure.
        self.cleaned_data["login"] = credentials["username"]
        try:
            return dict(super()._clean_with_password(credentials))
        except ValidationError as error:
            if getattr(error, "code", "") == "locked":
                raise
            words = gettext("User name or password are not right. Both are case-sensitive.")
            raise ValidationError(words, code="invalid_login") from None


class _Limited(BaseAuthenticateForm):
    """A code by which nobody guesses: failures count with those of the password, and no code serves twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autofocus": True}
        del self.fields["code"].widget.attrs["placeholder"]

    def clean_code(self) -> str:
        refuse_locked_out(self.user.username)
        # One attempt at a time, in whichever process: what was used is seen by the next.
        used = {
            each.type: each.last_used_at for each in Authenticator.objects.select_for_update().filter(user=self.user)
        }
        try:
            code = str(super().clean_code())
        except ValidationError:
            actions.note_failed_code(user=self.user)
            raise ValidationError(gettext("This code is not right, or was used already."), code="code") from None
        if self.authenticator.type == Authenticator.Type.TOTP and _is_in_this_step(used[Authenticator.Type.TOTP]):
            raise ValidationError(gettext("This code was used already. Wait for the next one."), code="used")
        return code


class CodeForm(_Limited, AuthenticateForm):
    """The second step of a log-in."""


class CodeAgainForm(_Limited, ReauthenticateForm):
    """Proving once more who one is, before something grave."""


class FirstPasswordForm(forms.Form):
    """User name, the administrator's code, and the password to be."""

    username = forms.CharField(label=_("User name"), max_length=60)
    code = forms.CharField(label=_("Code from the administrator"), max_length=60)
    password1 = forms.CharField(label=_("New password"), widget=forms.PasswordInput, strip=False, max_length=200)
    password2 = forms.CharField(
        label=_("New password, once more"), widget=forms.PasswordInput, strip=False, max_length=200
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
        for name, hint in (("username", "username"), ("password1", "new-password"), ("password2", "new-password")):
            self.fields[name].widget.attrs["autocomplete"] = hint
        self.fields["code"].widget.attrs["autocomplete"] = "one-time-code"

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("password1") and typed.get("password2"):
            if typed["password1"] != typed["password2"]:
                raise ValidationError(gettext("The two passwords are not the same."))
            refuse_weak(typed["password1"], typed.get("username", ""))
        return typed

    def redeem(self, address: str) -> bool:
        """Set the password. If it can't be, the form says why, in the same words whatever is wrong."""
        typed = self.cleaned_data
        name = typed["username"].strip()
        try:
            refuse_locked_out(name, address)
        except ValidationError as locked:
            self.add_error(None, locked)
            return False
        user = redeem(username=name, code=typed["code"], password=typed["password1"], address=address)
        if user is None:
            self.add_error(
                None, gettext("Name and code don't belong together, or the code has been used or is too old.")
            )
        return user is not None


def _is_in_this_step(used_at: datetime | None) -> bool:
    """Whether a code was accepted within the half minute for which the present one holds; by the database's clock."""
    if used_at is None:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM statement_timestamp())::bigint")
        (now,) = cursor.fetchone()
    return bool(int(used_at.timestamp()) // TOTP_SECONDS >= now // TOTP_SECONDS)
