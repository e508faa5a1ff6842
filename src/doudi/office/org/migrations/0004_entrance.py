"""What the web may do to second factors; the tables of allauth that the office leaves empty are closed."""

from django.db import migrations

GRANTS = """
GRANT DELETE ON mfa_authenticator TO doudi_app, doudi_worker;
REVOKE INSERT, UPDATE ON account_emailaddress, account_emailconfirmation FROM doudi_app, doudi_worker;
"""
NO_GRANTS = """
REVOKE DELETE ON mfa_authenticator FROM doudi_app, doudi_worker;
GRANT INSERT, UPDATE ON account_emailaddress, account_emailconfirmation TO doudi_app, doudi_worker;
"""


class Migration(migrations.Migration):
    """Rights."""

    dependencies = [
        ("org", "0003_audit_scope"),
        ("account", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunSQL(GRANTS, NO_GRANTS)]
