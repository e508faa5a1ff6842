"""Row security of the new tables; a case that was withdrawn shows the family's signature behind it."""

from django.db import migrations

from doudi.office.rowsecurity import AppendOnly, ProtectByArea

_GUARD = """
CREATE OR REPLACE FUNCTION casework_case_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
{withdrawn}  IF NEW.state <> 'open' AND NOT EXISTS (
    SELECT 1 FROM casework_decision d WHERE d.case_id = NEW.id AND d.stage = 'confirm'
      AND d.set_aside_at IS NULL AND d.outcome = CASE NEW.state WHEN 'approved' THEN 'approve' ELSE 'refuse' END
  ) THEN
    RAISE EXCEPTION 'case % has no such decision', NEW.id USING ERRCODE = 'check_violation',
      CONSTRAINT = 'casework_case_ends_by_decision';
  END IF;
  RETURN NEW;
END $$;
"""

_WITHDRAWN = """  IF NEW.state = 'withdrawn' THEN
    IF NOT EXISTS (SELECT 1 FROM casework_withdrawal w WHERE w.case_id = NEW.id) THEN
      RAISE EXCEPTION 'case % has no withdrawal', NEW.id USING ERRCODE = 'check_violation',
        CONSTRAINT = 'casework_case_withdrawn_by_the_family';
    END IF;
    RETURN NEW;
  END IF;
"""


class Migration(migrations.Migration):
    """Row security of the new tables."""

    dependencies = [("casework", "0003_procedures_as_data"), ("org", "0002_row_security")]

    operations = [
        migrations.RunSQL(_GUARD.format(withdrawn=_WITHDRAWN), _GUARD.format(withdrawn="")),
        ProtectByArea("casework_clockstop"),
        ProtectByArea("casework_clockextension"),
        ProtectByArea("casework_withdrawal"),
        ProtectByArea("casework_classification"),
        ProtectByArea("casework_meeting"),
        ProtectByArea("casework_meetingmember"),
        AppendOnly("casework_clockextension"),
        AppendOnly("casework_withdrawal"),
        AppendOnly("casework_classification"),
        AppendOnly("casework_meetingmember"),
    ]
