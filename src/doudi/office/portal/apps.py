"""Django's entry for the citizens' screens."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The portal (公众页面): public sheets."""

    name = "doudi.office.portal"
    label = "portal"
