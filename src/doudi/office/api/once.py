"""A write happens once for each key, whatever is retried: `Idempotency-Key` in, `Idempotency-Replayed` out.

The key is taken in the transaction of the act. A second request with the same key waits for the first one's end in the
database: then it gets the stored answer byte for byte, or, if the first was refused and so rolled back, takes its turn.
A refusal or a failed validation uses no key up. The same key with another address or body is refused.
"""

import base64
import functools
import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from doudi.office import clock
from doudi.office.api.models import Answer
from doudi.office.org.models import User

View = Callable[..., HttpResponseBase]
_KEY = re.compile(r"[A-Za-z0-9._:-]{8,80}")
_READS = {"GET", "HEAD", "OPTIONS"}


def once(view: View) -> View:
    """Wrap the view of an address so that each write with a key has one effect and one answer."""

    @functools.wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if request.method in _READS or not isinstance(request.user, User):
            return view(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            return refusal(
                400,
                "DD-API-001",
                _("A write needs the header Idempotency-Key."),
                _("Give each act a key of its own, 8 to 80 letters, digits or . _ : -, and the same one to retry."),
            )
        with transaction.atomic():
            response = _first_or_same(request, request.user, key, lambda: view(request, *args, **kwargs))
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    return answered


def refusal(status: int, code: str, message: str, advice: str) -> HttpResponse:
    """A refusal in the one form that every answer of the interface has."""
    body = {"code": code, "message": message, "advice": advice}
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type="application/json")


def _first_or_same(request: HttpRequest, user: User, key: str, act: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\0".encode() + _content(request)).hexdigest()
    mine, is_first = Answer.objects.get_or_create(
        user=user,
        key=key,
        defaults={"request_digest": digest, "answered_at": clock.now(), "area": user.area_id},
    )
    if not is_first:
        return _same(mine, digest)
    response = act()
    if isinstance(response, HttpResponse) and response.status_code < 400:
        mine.status = response.status_code
        mine.content_type = response.headers.get("Content-Type", "")
        mine.body = base64.b64encode(response.content).decode("ascii")
        mine.save(update_fields=["status", "content_type", "body"])
    return response


def _content(request: HttpRequest) -> bytes:
    """What was sent, in one form: a file goes between boundaries that each try draws anew, so its parts are taken."""
    if request.content_type != "multipart/form-data":
        return request.body
    fields = sorted((name, values) for name, values in request.POST.lists())
    files = sorted(
        (name, each.name or "", each.size or 0, _digest(each)) for name, sent in request.FILES.lists() for each in sent
    )
    return json.dumps([fields, files], ensure_ascii=False).encode()


def _digest(file: "UploadedFile[Any]") -> str:
    """Of the whole file, which is then read again from its beginning."""
    found = hashlib.sha256()
    for chunk in file.chunks():
        found.update(chunk)
    file.seek(0)
    return found.hexdigest()


def _same(known: Answer, digest: str) -> HttpResponse:
    if known.request_digest != digest:
        return refusal(
            422,
            "DD-API-002",
            _("This Idempotency-Key was used for something else."),
            _("Nothing was changed. Use a new key for a new act."),
        )
    response = HttpResponse(base64.b64decode(known.body), status=known.status, content_type=known.content_type)
    response.headers["Idempotency-Replayed"] = "true"
    return response
