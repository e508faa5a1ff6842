"""Rows are shown by area, and evidence only grows."""

from django.db import migrations

from doudi.office.rowsecurity import AppendOnly, ProtectByArea


class Migration(migrations.Migration):
    """Row security, and evidence only grows."""

    dependencies = [("evidence", "0001_initial"), ("org", "0002_row_security")]

    operations = [
        AppendOnly("evidence_fact"),
        AppendOnly("evidence_assessment"),
        ProtectByArea("evidence_fact"),
        ProtectByArea("evidence_assessment"),
    ]
