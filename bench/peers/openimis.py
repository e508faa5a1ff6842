"""openIMIS's import of beneficiaries, run in its own environment on a file given to it; prints what it found as JSON.

Arguments: csv or xlsx, the file, two fields of whole numbers, the telephone field, the unique field. The checks are
its own: `validationCalculation` and `uniqueness` of a benefit plan's schema, called through
`BeneficiaryImportService.process_chunk` as its import does. Its database is SQLite in memory: these checks ask none.
"bad" gives the places of the rows, from 0, that each check refuses.
"""

import json
import sys
import time
from importlib import import_module
from typing import Any

import django
import pandas as pd
from django.conf import settings

_APPS = ("core", "calculation", "calcrule_validations", "individual", "tasks_management", "workflow", "location")
_LOCAL_CACHE = "django.core.cache.backends.locmem.LocMemCache"


def start() -> None:
    """Set Django up as openIMIS's assembly does, without its doors."""
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django_apscheduler",
            "graphene_django",
            "rest_framework",
            *_APPS,
            "social_protection",
        ],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        CACHES={name: {"BACKEND": _LOCAL_CACHE, "LOCATION": name} for name in ("default", "location")},
        AUTH_USER_MODEL="core.User",
        SECRET_KEY="benchmark",  # noqa: S106 - nothing is signed here
        USE_TZ=False,
        LOGGING_CONFIG=None,
        CACHE_OBJECT_DEFAULT={},
        CACHE_OBJECT_TTL=0,
        MSSQL=False,
        ROW_SECURITY=False,
        IS_TESTING=False,
        MODE="PROD",
        SITE_ROOT=lambda: "",
        SCHEDULER_JOBS=[],
        SCHEDULER_CUSTOM=[],
        SCHEDULER_CONFIG={},
        SCHEDULER_AUTOSTART=False,
        FRONTEND_URL="",
        EMAIL_HOST_USER="",
        RATELIMIT_RATE="1/m",
        RATELIMIT_KEY="ip",
        RATELIMIT_GROUP="benchmark",
        JWT_AUDIENCE="benchmark",
        JWT_ISSUER="benchmark",
        PASSWORD_MIN_LENGTH=8,
        PASSWORD_UPPERCASE=0,
        PASSWORD_LOWERCASE=0,
        PASSWORD_DIGITS=0,
        PASSWORD_SYMBOLS=0,
    )
    django.setup()


def main() -> None:
    file_format, path, *numbers, phone, unique = sys.argv[1:]
    start()
    service = import_module("social_protection.services").BeneficiaryImportService  # models need Django started
    uuid = import_module("social_protection.apps").SocialProtectionConfig.validation_calculation_uuid
    calculation = import_module("calculation.services").get_calculation_object(uuid)
    began, began_cpu = time.perf_counter(), time.process_time()
    table = pd.read_csv(path) if file_format == "csv" else pd.read_excel(path)  # as `import_loaders` of the service
    times = {
        "seconds_to_load": time.perf_counter() - began,
        "seconds_to_load_cpu": time.process_time() - began_cpu,
    }
    properties: dict[str, Any] = {
        **{number: {"validationCalculation": {"name": "NumberInputValidationStrategy"}} for number in numbers},
        phone: {"validationCalculation": {"name": "PhoneNumberValidationStrategy"}},
        unique: {"uniqueness": True},
    }
    began, began_cpu = time.perf_counter(), time.process_time()
    unique_validations = {unique: table[unique].duplicated(keep=False)}
    found = service.process_chunk(table, properties, unique_validations, calculation, uuid)
    seconds, seconds_cpu = time.perf_counter() - began, time.process_time() - began_cpu
    bad = {
        field: [place for place, row in enumerate(found) if not row["validations"][field]["success"]]
        for field in (*numbers, phone, f"{unique}_uniqueness")
    }
    times |= {"seconds": seconds, "seconds_cpu": seconds_cpu}
    print(json.dumps({"rows": len(found), **times, "bad": bad}))


if __name__ == "__main__":
    main()
