"""All settings of the office, in one file, from few documented environment variables.

DOUDI_MODE            demo (default) | test | production
DOUDI_STATE           folder for keys, the embedded database's address, demo log-ins; default: /var/lib/doudi/<mode> for
                      root, ~/.local/state/doudi/<mode> for anybody else
DOUDI_KEYS            the keyring's file; default <state>/keys.json
DOUDI_SECRET_KEY_FILE the file with Django's secret key; default <state>/secret-key
DOUDI_ANCHORS         folder outside of the database for the heads of the audit; must be named in production; default:
                      <state>/anchors/<database>
DATABASE_URL          PostgreSQL in production, e.g. postgresql://db.example/doudi?passfile=/etc/doudi/pgpass
DOUDI_DB_ROLE         app (the web, default) | worker (commands) | owner (migrations); the console sets it
DOUDI_DB_NAME         database within the embedded server; default doudi
DOUDI_TEST_CLOCK      file with the clock of a demonstration or test; default in demo: <state>/clock; refused in
                      production
DOUDI_REGION_DIR      folder of the bureau's own divisions and parameters (packs/cn/regions/README.md); default: none
DOUDI_MAP             GeoJSON of the bureau's townships, with their codes in properties.code; default:
                      <state>/map.geojson, in a demonstration the invented county's <state>/city/map.geojson
DOUDI_HOSTS           comma-separated host names under which production is reached
DOUDI_PROXIES         how many proxies stand in front, each of which appends the address it saw to X-Forwarded-For; must
                      be said in production; default 0: that header is not believed
DOUDI_DEBUG           1 for developers; refused in production
"""

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

OFFICE = Path(__file__).resolve().parent


def _chosen(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = os.environ.get(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}.")
    return value


def _state_folder(mode: str) -> Path:
    given = os.environ.get("DOUDI_STATE")
    if given:
        return Path(given).absolute()
    home = Path("/var/lib/doudi") if os.geteuid() == 0 else Path.home() / ".local/state/doudi"
    return home / mode


def _path_from(name: str, default: Path) -> Path:
    return Path(os.environ.get(name) or default).absolute()


def _clock_file() -> Path | None:
    given = os.environ.get("DOUDI_TEST_CLOCK")
    if given:
        return Path(given).absolute()
    demonstration = DOUDI_STATE / "clock"
    return demonstration if DOUDI_MODE == "demo" and demonstration.is_file() else None


def _text_of(path: Path) -> str:
    """The secret's text; empty before `setup-demo` made it. Django refuses to sign with an empty key."""
    return path.read_text("ascii").strip() if path.is_file() else ""


DOUDI_MODE = _chosen("DOUDI_MODE", "demo", ("demo", "test", "production"))
DOUDI_DB_ROLE = _chosen("DOUDI_DB_ROLE", "app", ("app", "worker", "owner"))
DOUDI_STATE = _state_folder(DOUDI_MODE)
DOUDI_KEYS = _path_from("DOUDI_KEYS", DOUDI_STATE / "keys.json")
DOUDI_TEST_CLOCK = _clock_file()
DOUDI_REGION_DIR = _path_from("DOUDI_REGION_DIR", Path()) if os.environ.get("DOUDI_REGION_DIR") else None
DOUDI_MAP = _path_from("DOUDI_MAP", (DOUDI_STATE / "city" if DOUDI_MODE == "demo" else DOUDI_STATE) / "map.geojson")
DEBUG = os.environ.get("DOUDI_DEBUG") == "1"
DOUDI_SECRET_KEY_FILE = _path_from("DOUDI_SECRET_KEY_FILE", DOUDI_STATE / "secret-key")
SECRET_KEY = _text_of(DOUDI_SECRET_KEY_FILE)


def _count_of(name: str, most: int) -> int:
    given = os.environ.get(name) or "0"
    if not (given.isascii() and given.isdigit() and int(given) <= most):
        raise ImproperlyConfigured(f"{name} must be a number from 0 to {most}.")
    return int(given)


# By the visitor's address wrong log-ins and tries at the public doors are limited.
DOUDI_PROXIES = _count_of("DOUDI_PROXIES", 9)
DOUDI_PROXIES_NAMED = bool(os.environ.get("DOUDI_PROXIES"))

_hosts = [host.strip() for host in os.environ.get("DOUDI_HOSTS", "").split(",") if host.strip()]
ALLOWED_HOSTS = _hosts if DOUDI_MODE == "production" else ["127.0.0.1", "localhost", "[::1]", "testserver", *_hosts]
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in _hosts]

# The ladder: an app's models and actions may use those named before it, never those after.
LADDER = ["audit", "org", "registry", "evidence", "casework", "entitlements", "payments", "desk", "portal", "api"]
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    *[f"doudi.office.{app}" for app in LADDER],
    # After ours: where both have a word for something, ours is read.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "doudi.office.org.middleware.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "doudi.office.org.middleware.TransactionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "doudi.office.org.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "doudi.office.org.middleware.ScopeMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "doudi.office.urls"
WSGI_APPLICATION = "doudi.office.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


# --- The database --------------------------------------------------------------------------------------------------


def _production_database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql://.")
    return {
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or f"doudi_{DOUDI_DB_ROLE}"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def _embedded_database(state: Path) -> dict[str, Any]:
    """Address as `office/postgres.py` wrote it. Each role's password lies in a file of its own, read by libpq."""
    note = state / "postgres.json"
    home = Path(json.loads(note.read_text("utf-8"))["home"]) if note.is_file() else state / "postgres"
    return {
        "NAME": os.environ.get("DOUDI_DB_NAME", "doudi"),
        "USER": f"doudi_{DOUDI_DB_ROLE}",
        "HOST": str(home / "socket"),
        "OPTIONS": {"passfile": str(state / f"pgpass-{DOUDI_DB_ROLE}")},
    }


DOUDI_DATABASE_IS_EMBEDDED = not os.environ.get("DATABASE_URL")
# Best left out: then web, commands and migrations each take their own role, and the passfile holds the passwords.
DOUDI_DATABASE_USER = unquote(urlsplit(os.environ.get("DATABASE_URL", "")).username or "")
_place = (
    _embedded_database(DOUDI_STATE) if DOUDI_DATABASE_IS_EMBEDDED else _production_database(os.environ["DATABASE_URL"])
)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        # Reused between requests and checked first, so that the web recovers by itself when the database comes back.
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        **_place,
        "OPTIONS": {"connect_timeout": 5, **_place["OPTIONS"]},
    }
}

DOUDI_ANCHORS_NAMED = bool(os.environ.get("DOUDI_ANCHORS"))
DOUDI_ANCHORS = _path_from("DOUDI_ANCHORS", DOUDI_STATE / "anchors" / str(_place["NAME"]))

# --- Who is there --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = ["doudi.office.org.accounts.Accounts"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
# Wrong passwords and wrong codes count together: for one account, and for one address (many accounts behind it).
LOCK_OUT_AFTER_FAILURES = 5
LOCK_OUT_AFTER_FAILURES_FROM_ADDRESS = 50
LOCK_OUT_MINUTES = 15
# Everybody's duty in production, offered in a demonstration.
SECOND_FACTOR_REQUIRED = DOUDI_MODE == "production"
# Whoever releases money has proved who they are within these seconds; in production.
REAUTHENTICATE_BEFORE_PAYING = DOUDI_MODE == "production"

# allauth walks people through password and second factor; its doors for strangers have no address here.
ACCOUNT_ADAPTER = "doudi.office.org.entrance.Entrance"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# Its limits live in a cache of one process; ours (org_login_throttle) are counted for all of them.
ACCOUNT_RATE_LIMITS = False
ACCOUNT_FORMS = {"login": "doudi.office.org.entrance_forms.LogInForm"}
MFA_ADAPTER = "doudi.office.org.entrance.SecondFactor"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "doudi.office.org.entrance_forms.CodeForm",
    "reauthenticate": "doudi.office.org.entrance_forms.CodeAgainForm",
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "doudi_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = DOUDI_MODE == "production"
# One working day at most; the database's scope ends at the same time.
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_IDLE_SECONDS = 30 * 60
CSRF_COOKIE_NAME = "doudi_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = DOUDI_MODE == "production"

# --- Headers -------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if DOUDI_MODE == "production":
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    # The balancer in front must set this header itself and drop the visitor's.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Words, time, files --------------------------------------------------------------------------------------------

USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
# The asset build writes finished files here; nothing is collected a second time.
STATIC_ROOT = OFFICE / "static-built"
# A style sheet of ours is nobody else's to read.
WHITENOISE_ALLOW_ALL_ORIGINS = False
FONT_DIR = OFFICE / "fonts-built"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"discreet": {"()": "doudi.office.audit.logs.DiscreetFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
