"""Django's entry to the audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The app `audit`, at the foot of the ladder."""

    name = "doudi.office.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
