"""Fixtures of the office: a real PostgreSQL, tests that roll back under the web's own role, people with scopes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Literal

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client, override_settings
from pytest_django.plugin import DjangoDbBlocker

from doudi.engine.values.keys import Keyring
from doudi.office import clock
from doudi.office.org import sessions
from doudi.office.org.actions import create_user
from doudi.office.org.models import User
from doudi.office.org.scope import close_scope, entered, job_scope, open_scope

# Test modules are not packages here; those of the office share one module beside this file.
sys.path.append(str(Path(__file__).parent))

import running_office
from running_office import OfficeCopy, OfficeServer

MakeUser = Callable[..., User]
NOW = datetime.fromisoformat("2026-11-23T09:00:00+08:00")
_number = count(1)


@pytest.fixture(scope="session")
def office_server(django_db_blocker: DjangoDbBlocker) -> Iterator[OfficeServer]:
    """The session's PostgreSQL, migrated; Django points at a database shared by tests that roll back."""
    with django_db_blocker.unblock(), running_office.office_server() as server:
        # Not given back at the end: Django refuses to hold the empty key that the settings had before.
        settings.SECRET_KEY = server.secret_key
        with override_settings(
            DOUDI_MODE="test",
            DOUDI_STATE=server.state,
            DOUDI_KEYS=server.keys,
            PASSWORD_HASHERS=["running_office.QuickArgon2"],
        ):
            yield server
        connection.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, office_server: OfficeServer) -> None:
    """What pytest-django asks for before the first test with a database."""


@pytest.fixture
def keyring(office_server: OfficeServer) -> Keyring:
    """The keys of this session's office."""
    return Keyring.load(office_server.keys)


@pytest.fixture
def set_clock(office_server: OfficeServer, tmp_path: Path) -> Iterator[Callable[[datetime], None]]:
    """Put the office's clock at an instant; the demonstration's Monday morning unless told otherwise."""
    path = tmp_path / "clock"
    clock.write(path, NOW)
    with override_settings(DOUDI_TEST_CLOCK=path):
        yield lambda instant: clock.write(path, instant)


@contextmanager
def acting_as(role: Literal["app", "worker", "owner"]) -> Iterator[None]:
    """Run statements of the rolled-back test under another database role."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE doudi_{role}")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL ROLE doudi_app")


@pytest.fixture
def db_role(db: None) -> Callable[[Literal["app", "worker", "owner"]], AbstractContextManager[None]]:
    """`with db_role("worker"):` runs statements under that role; tests run as the web's role otherwise."""
    return acting_as


@pytest.fixture
def make_user(db: None) -> MakeUser:
    """`make_user("clerk", "419901101")`: somebody in a role for an area; the worker makes users, as in real life."""

    def make(role: str, area: str, *, username: str = "", password: str | None = None, **more: Any) -> User:
        name = username or f"{role}-{next(_number)}"
        with acting_as("worker"):
            return create_user(
                actor=None,
                username=name,
                display_name=more.pop("display_name", name),
                role=role,
                area=area,
                password=password,
                **more,
            )

    return make


@pytest.fixture
def as_user(db: None) -> Callable[[User], AbstractContextManager[User]]:
    """`with as_user(user):` statements see what that person's scope shows."""

    @contextmanager
    def scoped(user: User) -> Iterator[User]:
        token = open_scope(user)
        with transaction.atomic(), entered(token):
            yield user
        close_scope(token)

    return scoped


@pytest.fixture
def as_job(db: None) -> Callable[..., AbstractContextManager[None]]:
    """`with as_job("419901"):` runs as a command does: the worker's role, a job's scope, one transaction."""

    @contextmanager
    def scoped(area: str, purpose: str = "test") -> Iterator[None]:
        with acting_as("worker"), job_scope(area, purpose):
            yield

    return scoped


@pytest.fixture
def client_for(db: None) -> Callable[[User], Client]:
    """A browser in which that person is logged in, with an open scope, without the cost of a password."""

    def logged_in(user: User) -> Client:
        client = Client()
        request = HttpRequest()
        request.META["REMOTE_ADDR"] = "127.0.0.1"
        request.session = client.session
        sessions.begin(request, user)
        request.session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key
        return client

    return logged_in


@pytest.fixture
def office_copy(office_server: OfficeServer) -> Iterator[OfficeCopy]:
    """A committed copy of the migrated database, for stories, races and subprocesses."""
    with running_office.copied(office_server) as copy:
        clock.write(copy.server.state / f"{copy.database}.clock", NOW)
        yield copy
