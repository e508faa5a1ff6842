"""The entrance, page by page: allauth's views with our templates, our status codes and our audit."""

from typing import Any

from allauth.account.views import LoginView, PasswordChangeView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.office.errors import NotYours
from doudi.office.org import actions, kept, sessions
from doudi.office.org.accounts import address_of
from doudi.office.org.entrance_forms import FirstPasswordForm
from doudi.office.org.models import User
from doudi.office.org.queries import delegations_held

TO_PUT_RIGHT = 422


class _PutRight:
    """A form that comes back says so by its status too."""

    def form_invalid(self, form: Form) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)  # type: ignore[misc]  # a view stands behind each use
        response.status_code = TO_PUT_RIGHT
        return response


class LogIn(_PutRight, LoginView):
    """User name and password."""

    template_name = "registration/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Beside the form: where one wanted to go, and whether a session ended because nobody was there."""
        more = {"next": self.request.GET.get("next", ""), "was_idle": self.request.GET.get("idle") == "1"}
        return dict(super().get_context_data(**kwargs)) | more


class Code(_PutRight, AuthenticateView):
    """The code, after the password."""

    template_name = "registration/code.html"


class SetUpSecondFactor(_PutRight, ActivateTOTPView):
    """A code to photograph, and a first number that proves it worked."""

    template_name = "registration/second_factor.html"

    def get_form(self, form_class: Any = None) -> Form:
        """A field without the words that allauth writes into it; its label says them already."""
        form: Form = super().get_form(form_class)
        form.fields["code"].widget.attrs.pop("placeholder", None)
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Beside the form: whether this is what has to be done before anything else."""
        return dict(super().get_context_data(**kwargs)) | {"is_duty": sessions.is_enrolling(self.request)}

    def form_valid(self, form: Form) -> HttpResponse:
        """Audit what was set up."""
        response: HttpResponse = super().form_valid(form)
        actions.note_credential(user=_person(self.request), verb="user.second_factor")
        return response


class RemoveSecondFactor(_PutRight, DeactivateTOTPView):
    """Taking it away, where it is no duty."""

    template_name = "registration/second_factor_away.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Form) -> HttpResponse:
        """Audit what was taken away."""
        response: HttpResponse = super().form_valid(form)
        actions.note_credential(user=_person(self.request), verb="user.second_factor_away")
        return response


class RecoveryCodes(ViewRecoveryCodesView):
    """Codes for the day on which the phone is lost; shown once."""

    template_name = "registration/recovery_codes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Beside the codes: whether the person has to log in anew with the second factor now."""
        return dict(super().get_context_data(**kwargs)) | {"is_duty": sessions.is_enrolling(self.request)}


class NewRecoveryCodes(GenerateRecoveryCodesView):
    """Fresh recovery codes; the old ones end."""

    template_name = "registration/recovery_codes_new.html"

    def form_valid(self, form: Form) -> HttpResponse:
        """Audit that there are new ones."""
        response: HttpResponse = super().form_valid(form)
        actions.note_credential(user=_person(self.request), verb="user.codes")
        return response


class Again(_PutRight, ReauthenticateView):
    """The password once more, before something grave."""

    template_name = "registration/again.html"


class CodeAgain(_PutRight, CodeReauthenticateView):
    """The code once more, before something grave."""

    template_name = "registration/again.html"


class Password(_PutRight, PasswordChangeView):
    """Another password, in place of the one typed first."""

    template_name = "registration/password.html"
    success_url = reverse_lazy("mfa_index")


@require_GET
def account(request: HttpRequest) -> HttpResponse:
    """What somebody can do about their own log-in."""
    user = _person(request)
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    context = {
        "has_second_factor": Authenticator.Type.TOTP in kinds,
        "may_remove": not settings.SECOND_FACTOR_REQUIRED,
        "is_duty": settings.SECOND_FACTOR_REQUIRED,
        "colleagues": [
            (each.pk, each.absent.display_name, each.absent.area.name, each.last_day)
            for each in delegations_held(user.pk)
        ],
        "acts_for": User.objects.filter(pk=user.acts_for_id).first() if user.acts_for_id else None,
    }
    return render(request, "registration/account.html", context)


@require_http_methods(["GET", "POST"])
@login_not_required
def first_password(request: HttpRequest) -> HttpResponse:
    """Setting a password with a code that an administrator gave; the first one, or one in place of a lost one."""
    form = FirstPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and form.redeem(address_of(request)):
        return redirect("login")
    return render(
        request, "registration/first_password.html", {"form": form}, status=TO_PUT_RIGHT if form.errors else 200
    )


@require_GET
def kept_form(request: HttpRequest) -> HttpResponse:
    """What somebody sent after the session had ended: shown once, to be sent again or left."""
    found = kept.take(request, _person(request))
    if found is None:
        return redirect("work")
    return render(request, "registration/kept_form.html", {"kept": found})


@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Going on for a colleague who is away, or for oneself again."""
    user, asked = _person(request), request.POST.get("delegation", "")
    if asked == "":
        sessions.act_for_oneself(request, user)
        actions.note_credential(user=user, verb="user.act_for_oneself")
        return redirect("work")
    held = {str(each.pk): each for each in delegations_held(user.pk)}
    if asked not in held:
        raise NotYours(_("There is no such record in your area."))
    actions.note_acting(user=user, delegation=held[asked])
    sessions.act_for(request, user, held[asked])
    return redirect("work")


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - these pages ask for a log-in
    return request.user
