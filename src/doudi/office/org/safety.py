"""What production refuses to run with, each with advice."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring, KeyringError

_SECRET_CHARACTERS_MIN = 50
# A key typed by hand or copied out of an example repeats itself.
_DIFFERENT_CHARACTERS_MIN = 15
_HSTS_SECONDS_MIN = 180 * 24 * 3600
_FAILURES_MAX, _IDLE_SECONDS_MAX = 10, 3600
_OTHERS, _OTHERS_WRITE = 0o077, 0o022


class UnsafeError(DoudiError):
    """Production is set up in a way that would endanger people's data or money."""

    code: ClassVar[str] = "DD-SAFETY-001"


@dataclass(frozen=True)
class Unsafe:
    """One thing that is wrong, and what to do about it."""

    what: str
    advice: str


def unsafe_settings() -> list[Unsafe]:
    """All that is missing or unsafe: secrets in any mode, conveniences of the demonstration in production."""
    found = _missing_secrets()
    if settings.DOUDI_MODE == "production":
        found += _unsafe_in_production()
    return found


def refuse_unsafe() -> None:
    """Refuse to start a production that `doudi-office check` would complain about."""
    found = unsafe_settings()
    if settings.DOUDI_MODE == "production" and found:
        raise UnsafeError(
            "production is not safe to start: " + "; ".join(u.what for u in found) + ".",
            advice="Run `doudi-office check` and follow its advice.",
        )


def _missing_secrets() -> list[Unsafe]:
    found = []
    if len(_secret_key()) < _SECRET_CHARACTERS_MIN or len(set(_secret_key())) < _DIFFERENT_CHARACTERS_MIN:
        advice = "Put at least 50 random characters into the file named by DOUDI_SECRET_KEY_FILE, mode 0600."
        found.append(Unsafe("the secret key is missing, short or no secret", advice))
    try:
        Keyring.load(settings.DOUDI_KEYS)
    except KeyringError as error:
        found.append(
            Unsafe(f"the keyring can't be used: {error.message}", error.advice or "Restore it from its backup.")
        )
    return found


def _secret_key() -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:
        # So Django answers when it is empty.
        return ""


def _unsafe_in_production() -> list[Unsafe]:
    wrong = [*_unsafe_database(), *_conveniences(), *_unsafe_browser(), *_unsafe_entrance(), *_unsafe_files()]
    return [Unsafe(what, advice) for is_wrong, what, advice in wrong if is_wrong]


Finding = tuple[bool, str, str]


def _unsafe_database() -> list[Finding]:
    place = settings.DATABASES["default"]
    is_local = place["HOST"] in {"", "localhost", "127.0.0.1", "::1"} or place["HOST"].startswith("/")
    return [
        (
            settings.DOUDI_DATABASE_IS_EMBEDDED,
            "the embedded database is for demonstrations and tests",
            "Point DATABASE_URL at a PostgreSQL server that is backed up.",
        ),
        (
            settings.DOUDI_DATABASE_USER not in {"", "doudi_app"},
            "the web would connect as more than doudi_app",
            "Name no user in DATABASE_URL, or doudi_app.",
        ),
        (
            bool(place.get("PASSWORD")),
            "a database password stands in DATABASE_URL, where every process list and log can show it",
            "Keep it in a file: ?passfile=/etc/doudi/pgpass, mode 0600.",
        ),
        (
            not is_local and place["OPTIONS"].get("sslmode") not in {"verify-full", "verify-ca"},
            "the way to the database is not encrypted and verified",
            "Add sslmode=verify-full to DATABASE_URL.",
        ),
    ]


def _conveniences() -> list[Finding]:
    return [
        (
            settings.DOUDI_TEST_CLOCK is not None,
            "a test clock is set",
            "Unset DOUDI_TEST_CLOCK: production runs on real time.",
        ),
        (settings.DEBUG, "debug pages would show people's data", "Unset DOUDI_DEBUG."),
        (
            bool(getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None)),
            "a code is set that opens every second factor",
            "Take MFA_TOTP_INSECURE_BYPASS_CODE out.",
        ),
    ]


def _unsafe_browser() -> list[Finding]:
    policy = str(settings.CONTENT_SECURITY_POLICY)
    are_cookies_open = not (
        settings.SESSION_COOKIE_SECURE
        and settings.CSRF_COOKIE_SECURE
        and settings.SESSION_COOKIE_HTTPONLY
        and settings.SESSION_COOKIE_SAMESITE in {"Lax", "Strict"}
    )
    return [
        (
            not settings.ALLOWED_HOSTS or any(host.startswith((".", "*")) for host in settings.ALLOWED_HOSTS),
            "no host name is set, or one with a star",
            "Name the addresses in DOUDI_HOSTS, without a star.",
        ),
        (are_cookies_open, "session cookies could travel in the open", "Leave the cookies' settings as they ship."),
        (
            not settings.SECURE_SSL_REDIRECT or settings.SECURE_HSTS_SECONDS < _HSTS_SECONDS_MIN,
            "pages could be asked for without TLS",
            "Leave SECURE_SSL_REDIRECT and SECURE_HSTS_SECONDS as they ship.",
        ),
        (
            "unsafe-" in policy or "*" in policy,
            "the content policy lets scripts in",
            "Leave CONTENT_SECURITY_POLICY as it ships.",
        ),
    ]


def _unsafe_entrance() -> list[Finding]:
    return [
        (not settings.SECOND_FACTOR_REQUIRED, "a password alone would open a desk", "Set SECOND_FACTOR_REQUIRED."),
        (
            not settings.REAUTHENTICATE_BEFORE_PAYING,
            "an unattended screen could release money",
            "Set REAUTHENTICATE_BEFORE_PAYING.",
        ),
        (
            not settings.DOUDI_PROXIES_NAMED,
            "it is not said how many proxies stand in front, so an address may be the balancer's, or made up",
            "Set DOUDI_PROXIES: 1 for one balancer that appends to X-Forwarded-For, 0 for none.",
        ),
        (
            settings.LOCK_OUT_AFTER_FAILURES > _FAILURES_MAX or settings.SESSION_IDLE_SECONDS > _IDLE_SECONDS_MAX,
            "guessing or an unattended screen is given too long",
            "Leave the lock-out and the idle time as they ship.",
        ),
    ]


def _unsafe_files() -> list[Finding]:
    state, anchors = settings.DOUDI_STATE, settings.DOUDI_ANCHORS
    passfile = settings.DATABASES["default"]["OPTIONS"].get("passfile")
    return [
        (
            not settings.DOUDI_ANCHORS_NAMED,
            "no folder is named for the heads of the audit",
            "Name one in DOUDI_ANCHORS, best on a file system that only grows, and ship it to another machine.",
        ),
        (
            settings.DOUDI_ANCHORS_NAMED and not anchors.is_dir(),
            "the folder for the heads of the audit is not there",
            "Make it, owned by the account of `doudi-office audit watch`.",
        ),
        (
            _is_open(anchors, _OTHERS_WRITE),
            "others can write the heads of the audit",
            "Set the mode of DOUDI_ANCHORS to 0750.",
        ),
        (
            _is_open(settings.DOUDI_SECRET_KEY_FILE, _OTHERS),
            "others can read the secret key",
            "Set the file's mode to 0600.",
        ),
        (_is_open(state, _OTHERS_WRITE), "others can write the state folder", "Set its mode to 0711 or less."),
        (
            passfile is not None and _is_open(Path(passfile), _OTHERS),
            "others can read the database's password",
            "Set the passfile's mode to 0600.",
        ),
        (
            settings.DOUDI_KEYS.parent == anchors,
            "the keys lie beside the heads that they sign",
            "Keep DOUDI_KEYS and DOUDI_ANCHORS apart.",
        ),
    ]


def unsafe_roles() -> list[Unsafe]:
    """What the database itself grants too much of; asks the database that is connected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname IN ('doudi_app', 'doudi_worker', 'doudi_owner')"
            " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication) ORDER BY 1"
        )
        mighty = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
            " AND tableowner IN ('doudi_app', 'doudi_worker') ORDER BY 1"
        )
        owning = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT a.rolname || ' in ' || b.rolname FROM pg_auth_members m JOIN pg_roles a ON a.oid = m.member"
            " JOIN pg_roles b ON b.oid = m.roleid WHERE a.rolname IN ('doudi_app', 'doudi_worker') ORDER BY 1"
        )
        joined = [name for (name,) in cursor.fetchall()]
        personal = [m._meta.db_table for m in apps.get_models() if getattr(m, "personal", False)]
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND NOT (relrowsecurity AND relforcerowsecurity)"
            " ORDER BY 1",
            [personal],
        )
        bare = [name for (name,) in cursor.fetchall()]
    advice = (
        "Make the roles as the guide says: they log in, and nothing more; `migrate` as doudi_owner makes the tables."
    )
    return [
        Unsafe(f"{what}: {', '.join(names)}", advice)
        for what, names in (
            ("these roles can step around row security", mighty),
            ("these roles own tables", owning),
            ("these roles share the rights of others", joined),
            ("these tables show rows of every area", bare),
        )
        if names
    ]


def _is_open(path: Path, bits: int) -> bool:
    return path.exists() and bool(path.stat().st_mode & bits)
