"""Django's entry to the entitlements."""

from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    """The app `entitlements`."""

    name = "doudi.office.entitlements"
    label = "entitlements"
    default_auto_field = "django.db.models.BigAutoField"
