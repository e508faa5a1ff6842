"""Who is at the desk."""

from django.http import HttpRequest

from doudi.office.org.models import User


def person_at(request: HttpRequest) -> User:
    """The person who is logged in. Log-in is required on every staff page, so there always is one."""
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - LoginRequiredMiddleware let nobody else through
    return user
