"""What production refuses to run with, each with advice."""

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring, KeyringError

_SECRET_CHARACTERS_MIN = 50


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
    if len(_secret_key()) < _SECRET_CHARACTERS_MIN:
        advice = "Put at least 50 random characters into the file named by DOUDI_SECRET_KEY_FILE, mode 0600."
        found.append(Unsafe("the secret key is missing or short", advice))
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
    wrong = [
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
            settings.DOUDI_TEST_CLOCK is not None,
            "a test clock is set",
            "Unset DOUDI_TEST_CLOCK: production runs on real time.",
        ),
        (settings.DEBUG, "debug pages would show people's data", "Unset DOUDI_DEBUG."),
        (
            not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS,
            "no host name is set",
            "Name the addresses in DOUDI_HOSTS, without a star.",
        ),
    ]
    return [Unsafe(what, advice) for is_wrong, what, advice in wrong if is_wrong]
