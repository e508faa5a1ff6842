"""What surrounds every request: number and headers, one transaction, the language, the scope of its person."""

import uuid
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth import logout
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import select_template
from django.urls import reverse
from django.utils import translation
from django.views.defaults import page_not_found

from doudi.office.audit.requests import current_request_id
from doudi.office.errors import NotYours, Refused
from doudi.office.org import kept, sessions
from doudi.office.org.scope import entered

GetResponse = Callable[[HttpRequest], HttpResponseBase]
HEALTH_PATH = "/healthz"
# What somebody can reach who has a password but not yet the second factor that this office asks for.
ENROLMENT_ADDRESSES = (
    "mfa_activate_totp",
    "mfa_view_recovery_codes",
    "account_reauthenticate",
    "logout",
    "preferences",
    "set_language",
)


class RequestMiddleware:
    """Number each request, and add the headers that every answer carries."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Ours, never the visitor's: a chosen number could forge a trace.
        held = current_request_id.set(uuid.uuid4().hex)
        try:
            response = _unreadable() if _has_nul(request) else self.get_response(request)
            response.headers["X-Request-ID"] = current_request_id.get()
        finally:
            current_request_id.reset(held)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
        return response


def _has_nul(request: HttpRequest) -> bool:
    """The one character that PostgreSQL takes in no text; no page of ours has it in its address."""
    return "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")


def _unreadable() -> HttpResponse:
    return HttpResponseBadRequest("This address can't be read.\n", content_type="text/plain")


class TransactionMiddleware:
    """One transaction for each request: it commits what the request did and audited, or nothing of both.

    A failure (5xx) or a refusal rolls back. An answer that streams must have read everything before: its body is sent
    after the transaction, where no scope holds and no protected row is visible.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == HEALTH_PATH:
            return self.get_response(request)
        with transaction.atomic():
            response = self.get_response(request)
            if response.status_code >= 500 or getattr(request, "doudi_was_refused", False):
                transaction.set_rollback(True)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show a refusal as a page in plain words. What is not theirs looks exactly like what is not there."""
        if not isinstance(exception, Refused):
            return None
        request.doudi_was_refused = True  # type: ignore[attr-defined]  # our own mark on Django's object
        if isinstance(exception, NotYours):
            return page_not_found(request, Http404())
        page = select_template(["desk/refused.html", "org/refused.html"])
        content = page.render({"refusal": exception}, request)
        return HttpResponse(content, status=exception.status)


class LanguageMiddleware:
    """The language that the person chose, otherwise Chinese; never guessed from the browser's own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class ScopeMiddleware:
    """Enter the scope of the person who is logged in; without a living scope of their own, log them out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == HEALTH_PATH or not request.user.is_authenticated:
            return self.get_response(request)
        if sessions.was_idle(request):
            return self._after_idleness(request)
        if sessions.is_enrolling(request):
            return self.get_response(request) if _serves_enrolment(request) else redirect("mfa_activate_totp")
        token = sessions.scope_token(request)
        if token is not None:
            with entered(token) as holder:
                if holder == request.user.pk:
                    sessions.put_on_role(request, request.user)
                    return self.get_response(request)
        logout(request)
        return self.get_response(request)

    def _after_idleness(self, request: HttpRequest) -> HttpResponseBase:
        sent = kept.sent_form(request) or kept.suspended_form(request)
        who = sessions.end(request)
        if who is not None:
            kept.keep(request, who.pk, sent)
        response = self.get_response(request)
        # Whoever is led to the log-in reads why, once.
        if response.status_code == HTTPStatus.FOUND and response.headers["Location"].startswith(reverse("login")):
            asked = response.headers["Location"]
            response.headers["Location"] = f"{asked}{'&' if '?' in asked else '?'}idle=1"
        return response


def _serves_enrolment(request: HttpRequest) -> bool:
    return request.path_info in {reverse(name) for name in ENROLMENT_ADDRESSES}
