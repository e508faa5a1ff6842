"""The scope under which the audit is sealed and verified: all entries of the audit, and not one row of anything else."""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION public.org_open_audit_scope(purpose text, lives_seconds integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
BEGIN
  IF purpose = '' OR lives_seconds NOT BETWEEN 1 AND 43200 THEN
    RAISE EXCEPTION 'a job names its purpose and at most twelve hours' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- Letters are no division: no row of any other table lies in this area.
  INSERT INTO public.org_session_scope
    (token_hash, nonce, user_id, role, area_code, purpose, opened_at, expires_at)
  VALUES (sha256(convert_to(token, 'UTF8')), gen_random_uuid(), NULL, 'audit', 'audit', purpose,
          statement_timestamp(), statement_timestamp() + make_interval(secs => lives_seconds));
  RETURN token;
END $$;

CREATE FUNCTION public.org_scope_is_audit()
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM public.org_session_scope s
    WHERE s.token_hash = sha256(convert_to(current_setting('doudi.scope', true), 'UTF8'))
      AND s.expires_at > statement_timestamp() AND s.user_id IS NULL AND s.role = 'audit');
$$;

REVOKE ALL ON FUNCTION public.org_open_audit_scope, public.org_scope_is_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.org_open_audit_scope TO doudi_worker;
GRANT EXECUTE ON FUNCTION public.org_scope_is_audit TO doudi_app, doudi_worker;

-- For the worker alone: the web's reads keep one plain condition on the area, which an index serves.
CREATE POLICY audit_entry_for_the_chain ON audit_entry FOR SELECT TO doudi_worker
  USING ((SELECT public.org_scope_is_audit()));
"""
NO_FUNCTIONS = """
DROP POLICY audit_entry_for_the_chain ON audit_entry;
DROP FUNCTION public.org_scope_is_audit, public.org_open_audit_scope;
"""


class Migration(migrations.Migration):
    """A scope for the chain."""

    dependencies = [("org", "0002_row_security"), ("audit", "0002_chain")]

    operations = [migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS)]
