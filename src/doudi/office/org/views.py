"""Log-out, and the plain pages for when something is wrong."""

import shutil
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from doudi.office.audit.freshness import anchor_age
from doudi.office.audit.requests import current_request_id
from doudi.office.org import actions, sessions

_DISK_FREE_BYTES_MIN = 200 * 1024 * 1024
# The screens bring a page in their own look; without them a bare one says the same. Neither needs the database.
_FAILED_PAGES = ["desk/unavailable.html", "org/unavailable.html"]


@require_POST
@login_not_required
def log_out(request: HttpRequest) -> HttpResponseBase:
    """End the session and the scope."""
    user = sessions.end(request)
    if user is not None:
        actions.note_log_out(user=user)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_GET
@login_not_required
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers. Says nothing about the database."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_GET
@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Whether work can be done: database there and migrated, room on the disk. Beside it, the age of the last anchor.

    An old anchor stops payments and refusals, not the rest of the work; so it is told here and changes no status.
    """
    executor, age = MigrationExecutor(connection), anchor_age()
    found = {
        "database": True,
        "migrated": not executor.migration_plan(executor.loader.graph.leaf_nodes()),
        "disk": shutil.disk_usage(settings.DOUDI_STATE).free > _DISK_FREE_BYTES_MIN,
    }
    told = found | {"anchor_age_seconds": None if age is None else int(age.total_seconds())}
    return JsonResponse(told, status=200 if all(found.values()) else 503)


def failed(request: HttpRequest) -> HttpResponse:
    """The page for a failure. Without its database the office says so, and recovers by itself when it is back."""
    is_database_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if is_database_away else 500
    context = {"is_database_away": is_database_away, "request_id": current_request_id.get()}
    response = HttpResponse(render_to_string(_FAILED_PAGES, context), status=status)
    if is_database_away:
        response.headers["Retry-After"] = "10"
    return response
