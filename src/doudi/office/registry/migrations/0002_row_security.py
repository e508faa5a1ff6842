"""Rows are shown by area."""

from django.db import migrations

from doudi.office.rowsecurity import ProtectByArea


class Migration(migrations.Migration):
    """Row security."""

    dependencies = [("registry", "0001_initial"), ("org", "0002_row_security")]

    operations = [
        ProtectByArea("registry_person"),
        ProtectByArea("registry_household"),
        ProtectByArea("registry_membership"),
        ProtectByArea("registry_bankaccount"),
    ]
