"""An environment of the benchmark's own for a peer: made on demand, kept in an ignored folder, never the project's."""

import subprocess
import sys
import venv
from pathlib import Path

OPENIMIS = [
    "aniso8601==7.0.0",
    "APScheduler==3.11.3",
    "asgiref==3.13.0",
    "attrs==26.1.0",
    "cached-property==2.0.1",
    "Django==5.2.19",
    "django-apscheduler==0.7.0",
    "django-db-signals==0.1.1",
    "django-dirtyfields==1.9.9",
    "django-filter==26.2",
    "django-graphql-jwt==0.3.4",
    "django-ratelimit==4.1.0",
    "django-redis==7.0.0",
    "django-simple-history==3.13.0",
    "djangorestframework==3.18.3",
    "et_xmlfile==2.0.0",
    "graphene==2.1.9",
    "graphene-django==2.16.0",
    "graphql-core==2.3.2",
    "graphql-relay==2.0.1",
    "isodate==0.7.2",
    "jsonschema==4.26.0",
    "jsonschema-specifications==2025.9.1",
    "nepali-datetime==1.0.8.5",
    "nepalicalendar==0.4",
    "numpy==2.4.6",
    "openimis-be-calcrule_validations==1.2.0",
    "openimis-be-calculation==1.10.0",
    "openimis-be-core==1.11.0",
    "openimis-be-individual==1.4.0",
    "openimis-be-location==1.11.0",
    "openimis-be-social_protection==1.5.0",
    "openimis-be-tasks_management==1.5.0",
    "openimis-be-workflow==1.1.0",
    "openpyxl==3.1.5",
    "pandas==3.1.1",
    "password-validator==1.0",
    "promise==2.3",
    "PyJWT==2.15.1",
    "python-dateutil==2.9.0.post0",
    "redis==8.1.0",
    "referencing==0.37.0",
    "requests==2.34.2",
    "rpds-py==2026.9.1",
    "Rx==1.6.3",
    "simplejson==4.3.0",
    "singledispatch==4.1.2",
    "six==1.17.0",
    "sqlparse==0.6.1",
    "text-unidecode==1.3",
    "typing_extensions==4.16.0",
    "tzlocal==5.4.5",
    "websocket-client==1.9.2",
    "zxcvbn==4.5.0",
]


def python_of(name: str, pinned: list[str]) -> Path:
    """The interpreter of a peer's environment, with just these packages in it."""
    home = Path(__file__).resolve().parents[1] / f".env-{name}"
    python, stamp = home / "bin" / "python", home / "installed"
    if not stamp.exists() or stamp.read_text("utf-8").split() != pinned:
        print(f"making the environment of {name}: {len(pinned)} packages", file=sys.stderr)
        venv.create(home, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*install, *pinned], check=True)
        stamp.write_text("\n".join(pinned), "utf-8")
    return python
