"""The app of the programming interface; its one table remembers what was answered to which key."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Registered for its table."""

    name = "doudi.office.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
