"""What production refuses, one convenience at a time: everything safe, one thing changed, and the check names it."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running_office import OfficeServer

from doudi.engine.values.keys import Keyring
from doudi.office.org.safety import UnsafeError, refuse_unsafe, unsafe_roles, unsafe_settings


@pytest.fixture
def safe(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The settings of a production in which everything is as it should be."""
    state, anchors = tmp_path / "state", tmp_path / "heads"
    for folder in (state, anchors):
        folder.mkdir(mode=0o750)
    (state / "secret-key").write_text("x")
    (state / "secret-key").chmod(0o600)
    (state / "pgpass").write_text("x")
    (state / "pgpass").chmod(0o600)
    Keyring.generate(state / "keys.json")
    settings.DOUDI_MODE = "production"
    settings.DOUDI_STATE, settings.DOUDI_KEYS = state, state / "keys.json"
    settings.DOUDI_ANCHORS, settings.DOUDI_ANCHORS_NAMED = anchors, True
    settings.DOUDI_SECRET_KEY_FILE, settings.SECRET_KEY = state / "secret-key", secrets.token_hex(40)
    settings.DOUDI_DATABASE_IS_EMBEDDED, settings.DOUDI_DATABASE_USER = False, ""
    settings.DOUDI_TEST_CLOCK, settings.DEBUG, settings.ALLOWED_HOSTS = None, False, ["office.example"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.DOUDI_PROXIES, settings.DOUDI_PROXIES_NAMED = 1, True
    settings.SECOND_FACTOR_REQUIRED = settings.REAUTHENTICATE_BEFORE_PAYING = True
    place = settings.DATABASES["default"]
    safe_place = {
        "HOST": "db.example",
        "PASSWORD": "",
        "OPTIONS": {"sslmode": "verify-full", "passfile": str(state / "pgpass")},
    }
    for name, value in safe_place.items():
        monkeypatch.setitem(place, name, value)
    return settings


def _database(name: str, value: Any) -> Callable[[Any], None]:
    # The fixture puts it back.
    return lambda settings: settings.DATABASES["default"].update({name: value})


def _set(**changes: Any) -> Callable[[Any], None]:
    def change(settings: Any) -> None:
        for name, value in changes.items():
            setattr(settings, name, value)

    return change


def _mode(path: Callable[[Any], Path], mode: int) -> Callable[[Any], None]:
    return lambda settings: path(settings).chmod(mode)


UNSAFE: dict[str, tuple[Callable[[Any], None], str]] = {
    "the embedded database": (_set(DOUDI_DATABASE_IS_EMBEDDED=True), "embedded database"),
    "the owner as the web's role": (_set(DOUDI_DATABASE_USER="doudi_owner"), "more than doudi_app"),
    "a superuser as the web's role": (_set(DOUDI_DATABASE_USER="postgres"), "more than doudi_app"),
    "the worker as the web's role": (_set(DOUDI_DATABASE_USER="doudi_worker"), "more than doudi_app"),
    "a password in the address": (_database("PASSWORD", "x"), "password stands in DATABASE_URL"),
    "no TLS to the database": (_database("OPTIONS", {}), "not encrypted and verified"),
    "unverified TLS to the database": (_database("OPTIONS", {"sslmode": "require"}), "not encrypted and verified"),
    "debug": (_set(DEBUG=True), "debug pages"),
    "the demonstration's clock": (_set(DOUDI_TEST_CLOCK=Path("/tmp/clock")), "test clock"),  # noqa: S108 - not opened
    "no host": (_set(ALLOWED_HOSTS=[]), "host name"),
    "every host": (_set(ALLOWED_HOSTS=["*"]), "host name"),
    "every host of a domain": (_set(ALLOWED_HOSTS=[".example"]), "host name"),
    "session cookies over http": (_set(SESSION_COOKIE_SECURE=False), "cookies"),
    "form cookies over http": (_set(CSRF_COOKIE_SECURE=False), "cookies"),
    "cookies open to scripts": (_set(SESSION_COOKIE_HTTPONLY=False), "cookies"),
    "cookies for other sites": (_set(SESSION_COOKIE_SAMESITE="None"), "cookies"),
    "pages over http": (_set(SECURE_SSL_REDIRECT=False), "without TLS"),
    "a short memory for TLS": (_set(SECURE_HSTS_SECONDS=60), "without TLS"),
    "inline scripts": (
        _set(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"script-src": ["'self'", "'unsafe-inline'"]}}),
        "content policy",
    ),
    "scripts from everywhere": (_set(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"script-src": ["*"]}}), "content policy"),
    "no second factor": (_set(SECOND_FACTOR_REQUIRED=False), "password alone"),
    "a code that opens every second factor": (_set(MFA_TOTP_INSECURE_BYPASS_CODE="000000"), "every second factor"),
    "proxies that nobody counted": (_set(DOUDI_PROXIES_NAMED=False), "how many proxies"),
    "no proof before a release": (_set(REAUTHENTICATE_BEFORE_PAYING=False), "unattended screen"),
    "a hundred guesses": (_set(LOCK_OUT_AFTER_FAILURES=100), "guessing"),
    "a session for the whole day": (_set(SESSION_IDLE_SECONDS=86_400), "guessing"),
    "no secret key": (_set(SECRET_KEY=""), "secret key"),
    "a short secret key": (_set(SECRET_KEY="k3Yd9"), "secret key"),
    "a secret key out of an example": (_set(SECRET_KEY="changeme" * 10), "secret key"),
    "no keyring": (lambda s: s.DOUDI_KEYS.unlink(), "keyring"),
    "a keyring that others read": (_mode(lambda s: s.DOUDI_KEYS, 0o644), "keyring"),
    "a secret key that others read": (_mode(lambda s: s.DOUDI_SECRET_KEY_FILE, 0o644), "read the secret key"),
    "a passfile that others read": (_mode(lambda s: s.DOUDI_STATE / "pgpass", 0o640), "database's password"),
    "a state folder that others write": (_mode(lambda s: s.DOUDI_STATE, 0o777), "state folder"),
    "no folder for the heads": (_set(DOUDI_ANCHORS_NAMED=False), "no folder is named"),
    "a folder for the heads that is not there": (lambda s: s.DOUDI_ANCHORS.rmdir(), "not there"),
    "heads that others write": (_mode(lambda s: s.DOUDI_ANCHORS, 0o777), "write the heads"),
    "keys beside the heads": (lambda s: setattr(s, "DOUDI_ANCHORS", s.DOUDI_STATE), "beside the heads"),
}


def test_a_production_in_order_has_nothing_to_complain_about(safe: Any) -> None:
    assert unsafe_settings() == []
    refuse_unsafe()


@pytest.mark.parametrize("kind", UNSAFE)
def test_one_unsafe_setting_is_named_with_advice_and_stops_production(safe: Any, kind: str) -> None:
    change, word = UNSAFE[kind]
    change(safe)
    found = unsafe_settings()
    assert any(word in each.what for each in found), found
    assert all(each.advice for each in found)
    with pytest.raises(UnsafeError):
        refuse_unsafe()


def test_the_roles_that_the_embedded_database_makes_are_safe(db: None) -> None:
    assert unsafe_roles() == []


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("ALTER ROLE doudi_app BYPASSRLS", "around row security"),
        ("ALTER ROLE doudi_worker CREATEROLE", "around row security"),
        ("GRANT doudi_owner TO doudi_app", "share the rights"),
        ("ALTER TABLE registry_person OWNER TO doudi_app", "own tables"),
        ("ALTER TABLE registry_person NO FORCE ROW LEVEL SECURITY", "every area"),
        ("ALTER TABLE registry_person DISABLE ROW LEVEL SECURITY", "every area"),
    ],
)
def test_rights_that_somebody_gave_by_hand_are_named(
    office_server: OfficeServer, monkeypatch: pytest.MonkeyPatch, db: None, statement: str, word: str
) -> None:
    with office_server.connect("admin") as admin:
        admin.autocommit = False
        admin.execute(statement)
        # The check's own statements, on the one connection that sees what was not committed.
        monkeypatch.setattr("doudi.office.org.safety.connection", admin)
        assert [each for each in unsafe_roles() if word in each.what]
        admin.rollback()
