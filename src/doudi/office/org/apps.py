"""Django's entry to the organisation."""

from django.apps import AppConfig


class OrgConfig(AppConfig):
    """The app `org`: areas, users, roles, scopes."""

    name = "doudi.office.org"
    label = "org"
    default_auto_field = "django.db.models.BigAutoField"
