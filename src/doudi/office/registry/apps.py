"""Django's entry to the registry."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The app `registry`."""

    name = "doudi.office.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
