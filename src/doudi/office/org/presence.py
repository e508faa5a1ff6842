"""Who asks: the person behind a request, for screens and the programming interface alike."""

from django.http import HttpRequest

from doudi.office.org.models import User


def person_at(request: HttpRequest) -> User:
    """The person who is logged in. Every address that calls this lets nobody else through, so there always is one."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - LoginRequiredMiddleware, or the interface's SessionAuth, saw to it
    return user
