"""What a person types as a reason is kept encrypted with its record, never in the audit."""

from django.db import migrations

import doudi.office.crypto


class Migration(migrations.Migration):
    """A reason of its own."""

    dependencies = [("registry", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="end_reason",
            field=doudi.office.crypto.EncryptedTextField(blank=True, default=""),
        ),
    ]
