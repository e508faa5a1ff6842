"""Who sees entitlements, and what of them may never change."""

from django.db import migrations

from doudi.office.rowsecurity import AppendOnly, ProtectByArea

FREEZE = """
CREATE FUNCTION entitlements_freeze() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (to_jsonb(NEW) - 'end_month') <> (to_jsonb(OLD) - 'end_month') THEN
    RAISE EXCEPTION 'entitlement % is frozen: only its end may be set', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entitlements_entitlement_is_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entitlements_entitlement_frozen BEFORE UPDATE ON entitlements_entitlement
  FOR EACH ROW EXECUTE FUNCTION entitlements_freeze();
"""

FREEZE_UNDONE = """
DROP TRIGGER entitlements_entitlement_frozen ON entitlements_entitlement;
DROP FUNCTION entitlements_freeze();
"""


class Migration(migrations.Migration):
    """Row security, append-only months, frozen amounts."""

    dependencies = [("entitlements", "0001_initial"), ("org", "0002_row_security")]

    operations = [
        migrations.RunSQL(FREEZE, FREEZE_UNDONE),
        AppendOnly("entitlements_entitlementmonth"),
        ProtectByArea("entitlements_entitlement"),
        ProtectByArea("entitlements_entitlementmonth"),
    ]
