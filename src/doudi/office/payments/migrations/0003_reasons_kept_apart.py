"""What a person types as a reason is kept encrypted with its record, never in the audit."""

from django.db import migrations

import doudi.office.crypto


class Migration(migrations.Migration):
    """A reason of its own."""

    dependencies = [("payments", "0002_ledger_rules")]

    operations = [
        migrations.AddField(
            model_name="payrun",
            name="discard_reason",
            field=doudi.office.crypto.EncryptedTextField(blank=True, default=""),
        ),
    ]
