"""Django's entry for the staff screens."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The desk (工作人员界面): work list, findings, cases, money."""

    name = "doudi.office.desk"
    label = "desk"
