"""Language and size of print: choices of the reader, kept in cookies, changed without a script."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from doudi.office.desk.frame import SIZE_COOKIE

YEAR_SECONDS = 365 * 24 * 3600


class PreferencesSheet(forms.Form):
    """What a reader may choose."""

    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)
    size = forms.ChoiceField(choices=[("normal", "normal"), ("large", "large")], required=False)
    next = forms.CharField(required=False, max_length=2000)


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keeps the choice and goes back to the page where it was made."""
    sheet = PreferencesSheet(request.POST)
    if not sheet.is_valid():
        return HttpResponseRedirect("/")
    wanted = sheet.cleaned_data["next"]
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    reply = HttpResponseRedirect(wanted if is_ours and wanted else "/")
    for name, value in (
        (settings.LANGUAGE_COOKIE_NAME, sheet.cleaned_data["language"]),
        (SIZE_COOKIE, sheet.cleaned_data["size"]),
    ):
        if value:
            reply.set_cookie(
                name, value, max_age=YEAR_SECONDS, samesite="Lax", secure=request.is_secure(), httponly=True
            )
    return reply
