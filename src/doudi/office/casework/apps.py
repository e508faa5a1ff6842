"""Django's entry to casework."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """The app `casework`."""

    name = "doudi.office.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"
