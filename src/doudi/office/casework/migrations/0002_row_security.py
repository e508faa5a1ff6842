"""Rows are shown by area, decisions are made by people and stay as written."""

from django.db import migrations

from doudi.office.rowsecurity import AppendOnly, ProtectByArea

# A finding, a night or a job can never decide on a family: a decision names a person of flesh and blood (promise P17).
# And what was decided stays as it was written; it can only be set aside.
BY_A_PERSON = """
CREATE FUNCTION casework_decision_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'INSERT' AND EXISTS (SELECT 1 FROM org_user u WHERE u.id = NEW.actor_id AND u.is_service_account) THEN
    RAISE EXCEPTION 'only a person decides' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'casework_decision_by_a_person';
  END IF;
  IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'set_aside_at') <> (to_jsonb(OLD) - 'set_aside_at') THEN
    RAISE EXCEPTION 'decision % is frozen: it can only be set aside', OLD.id USING ERRCODE = 'check_violation',
      CONSTRAINT = 'casework_decision_is_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER casework_decision_guarded BEFORE INSERT OR UPDATE ON casework_decision
  FOR EACH ROW EXECUTE FUNCTION casework_decision_guard();
-- A case that is approved or refused shows the decision of a person behind it.
CREATE FUNCTION casework_case_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF NEW.state <> 'open' AND NOT EXISTS (
    SELECT 1 FROM casework_decision d WHERE d.case_id = NEW.id AND d.stage = 'confirm'
      AND d.set_aside_at IS NULL AND d.outcome = CASE NEW.state WHEN 'approved' THEN 'approve' ELSE 'refuse' END
  ) THEN
    RAISE EXCEPTION 'case % has no such decision', NEW.id USING ERRCODE = 'check_violation',
      CONSTRAINT = 'casework_case_ends_by_decision';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER casework_case_guarded BEFORE INSERT OR UPDATE OF state ON casework_case
  FOR EACH ROW EXECUTE FUNCTION casework_case_guard();
"""

BY_ANYBODY = """
DROP TRIGGER casework_case_guarded ON casework_case;
DROP FUNCTION casework_case_guard();
DROP TRIGGER casework_decision_guarded ON casework_decision;
DROP FUNCTION casework_decision_guard();
"""


class Migration(migrations.Migration):
    """Row security, decisions are made by people and stay as written."""

    dependencies = [("casework", "0001_initial"), ("org", "0002_row_security")]

    operations = [
        migrations.RunSQL(BY_A_PERSON, BY_ANYBODY),
        AppendOnly("casework_findingfact"),
        ProtectByArea("casework_finding"),
        ProtectByArea("casework_findingfact"),
        ProtectByArea("casework_task"),
        ProtectByArea("casework_visit"),
        ProtectByArea("casework_case"),
        ProtectByArea("casework_steprecord"),
        ProtectByArea("casework_consent"),
        ProtectByArea("casework_nearrelative"),
        ProtectByArea("casework_publicity"),
        ProtectByArea("casework_objection"),
        ProtectByArea("casework_decision"),
        ProtectByArea("casework_notice"),
    ]
