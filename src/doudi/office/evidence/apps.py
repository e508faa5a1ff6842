"""Django's entry to the evidence."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """The app `evidence`."""

    name = "doudi.office.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
