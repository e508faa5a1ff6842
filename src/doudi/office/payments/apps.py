"""Django's entry to the payments."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """The app `payments`."""

    name = "doudi.office.payments"
    label = "payments"
    default_auto_field = "django.db.models.BigAutoField"
