"""The interface as a whole: who may ask, how refusals are said, and which resources there are."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder
from ninja.security import SessionAuth

from doudi.office.api import (
    cases,
    clocks,
    decisions,
    entitlements,
    findings,
    households,
    money,
    online,
    pairs,
    papers,
    procedures,
    registry,
    reports,
    visits,
)
from doudi.office.api.once import once, refusal
from doudi.office.errors import NotYours, Refused


class _Encoder(NinjaJSONEncoder):
    """Sets become sorted lists, so that one record always gives the same bytes."""

    def default(self, o: Any) -> Any:
        return sorted(o) if isinstance(o, (set, frozenset)) else super().default(o)


class _Renderer(JSONRenderer):
    encoder_class = _Encoder


api = NinjaAPI(
    title="Doudi 兜底",
    version="1",
    description="The acts and reads of the desk for programs. Log in at /login; writes carry the session's CSRF token "
    "(X-CSRFToken) and an Idempotency-Key. Amounts are whole fen, days are ISO dates.",
    urls_namespace="api",
    auth=SessionAuth(csrf=True),
    docs_url=None,
    openapi_url="/openapi.json",
    renderer=_Renderer(),
)
for prefix, router in (
    ("/findings", findings.router),
    ("/pairs", pairs.router),
    ("/visits", visits.router),
    # Its fixed words go before what stands for a number.
    ("/households", registry.router),
    ("/households", households.router),
    ("/cases", cases.router),
    ("/cases", decisions.router),
    ("/together", decisions.together),
    ("/cases", procedures.router),
    ("/cases", papers.router),
    ("/online", online.router),
    ("/entitlements", entitlements.router),
    ("/cases", clocks.router),
    ("/cases", reports.router),
    ("/county-requests", reports.requests),
    ("/money", money.router),
):
    api.add_router(prefix, router)


@api.exception_handler(Refused)
def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """What the office refuses, in its own words. What is foreign is told like what is not there."""
    if isinstance(error, NotYours):
        return absent(request, Http404())
    return refusal(int(error.status), error.code, error.message, error.advice)


@api.exception_handler(Http404)
def absent(request: HttpRequest, error: Http404) -> HttpResponse:
    """No such record in the area of whoever asks."""
    return refusal(404, "DD-OFFICE-004", _("There is no such record in your area."), _("Check the number."))


@api.exception_handler(AuthenticationError)
def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    """Nobody is logged in."""
    return refusal(401, "DD-API-003", _("Nobody is logged in."), _("Log in at /login and send the session's cookie."))


@api.exception_handler(ValidationError)
def unacceptable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was sent has another form. The fields are named; what stood in them is not repeated."""
    places = sorted({".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]) for each in error.errors})
    message = _("These fields are missing or have another form: %(fields)s.") % {"fields": ", ".join(places)}
    return refusal(422, "DD-API-004", message, _("See /api/v1/openapi.json for their form."))


def urls() -> list[URLPattern]:
    """The addresses of the interface, each write once for each key."""
    found = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    for pattern in found:
        # Refused by the interface itself with 401: a program wants no page to log in on.
        view = once(cast("Callable[..., HttpResponseBase]", pattern.callback))
        # The interface checks the session's token by itself, in SessionAuth.
        pattern.callback = login_not_required(csrf_exempt(view))
    return found
