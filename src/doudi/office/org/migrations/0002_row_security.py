"""The session's scope: a row that only these functions can write, and the question "which area?" that every policy asks."""

from django.db import migrations
from django.db.migrations.operations import RunSQL

from doudi.office.rowsecurity import AppendOnly, ProtectByArea

# Each function pins its search path and names tables in full: nobody slips a table of theirs under it.
FUNCTIONS = """
CREATE FUNCTION public.org_open_scope(for_user bigint, nonce uuid, lives_seconds integer, proof bytea)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  key record;
  person record;
BEGIN
  -- The web proves with its key that a person logged in: a statement slipped into the web can't open a scope.
  SELECT k.inner_pad, k.outer_pad INTO key FROM public.org_scope_key k;
  IF key IS NULL OR proof IS DISTINCT FROM sha256(key.outer_pad || sha256(
       key.inner_pad || convert_to(for_user || ':' || nonce || ':' || lives_seconds, 'UTF8'))) THEN
    RAISE EXCEPTION 'no scope without proof of a log-in' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF lives_seconds NOT BETWEEN 1 AND 43200 THEN
    RAISE EXCEPTION 'a scope lives for at most twelve hours' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT u.role, u.area_id INTO person FROM public.org_user u
    WHERE u.id = for_user AND u.is_active AND NOT u.is_service_account;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no scope for this account' USING ERRCODE = 'insufficient_privilege';
  END IF;
  DELETE FROM public.org_session_scope s WHERE s.expires_at < statement_timestamp();
  -- The nonce is unique: a proof overheard can't be used a second time.
  INSERT INTO public.org_session_scope
    (token_hash, nonce, user_id, role, area_code, purpose, opened_at, expires_at)
  VALUES (sha256(convert_to(token, 'UTF8')), nonce, for_user, person.role, person.area_id, 'log-in',
          statement_timestamp(), statement_timestamp() + make_interval(secs => lives_seconds));
  RETURN token;
END $$;

CREATE FUNCTION public.org_open_job_scope(area text, purpose text, lives_seconds integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
BEGIN
  IF area !~ '^[0-9]{2,12}$' OR purpose = '' OR lives_seconds NOT BETWEEN 1 AND 43200 THEN
    RAISE EXCEPTION 'a job names its area, its purpose and at most twelve hours'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  INSERT INTO public.org_session_scope
    (token_hash, nonce, user_id, role, area_code, purpose, opened_at, expires_at)
  VALUES (sha256(convert_to(token, 'UTF8')), gen_random_uuid(), NULL, 'service', area, purpose,
          statement_timestamp(), statement_timestamp() + make_interval(secs => lives_seconds));
  RETURN token;
END $$;

CREATE FUNCTION public.org_close_scope(token text)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM public.org_session_scope s WHERE s.token_hash = sha256(convert_to(token, 'UTF8'));
$$;

-- A scope ends at once when its person leaves, or works elsewhere or in another role from now on.
-- Expiry follows the database's clock, never the demonstration's, which people may move.
CREATE FUNCTION public.org_scope_area()
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.area_code FROM public.org_session_scope s
  LEFT JOIN public.org_user u ON u.id = s.user_id
  WHERE s.token_hash = sha256(convert_to(current_setting('doudi.scope', true), 'UTF8'))
    AND s.expires_at > statement_timestamp()
    AND (s.user_id IS NULL OR (u.is_active AND u.area_id = s.area_code AND u.role = s.role));
$$;

CREATE FUNCTION public.org_scope_user()
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.user_id FROM public.org_session_scope s
  WHERE s.token_hash = sha256(convert_to(current_setting('doudi.scope', true), 'UTF8'))
    AND public.org_scope_area() IS NOT NULL;
$$;

REVOKE ALL ON FUNCTION public.org_open_scope, public.org_open_job_scope, public.org_close_scope,
  public.org_scope_area, public.org_scope_user FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.org_open_scope TO doudi_app;
GRANT EXECUTE ON FUNCTION public.org_open_job_scope TO doudi_worker;
GRANT EXECUTE ON FUNCTION public.org_close_scope, public.org_scope_area, public.org_scope_user
  TO doudi_app, doudi_worker;
"""
NO_FUNCTIONS = """
DROP FUNCTION public.org_scope_user, public.org_scope_area, public.org_close_scope, public.org_open_job_scope,
  public.org_open_scope;
"""

GRANTS = """
REVOKE ALL ON org_session_scope, org_scope_key FROM doudi_app, doudi_worker;
-- The web may note a log-in and store a password's new hash; it can't make users or move them to another area.
REVOKE INSERT, UPDATE ON org_user FROM doudi_app;
GRANT UPDATE (password, last_login) ON org_user TO doudi_app;
REVOKE INSERT, UPDATE ON org_area FROM doudi_app;
GRANT DELETE ON django_session TO doudi_app, doudi_worker;
REVOKE INSERT, UPDATE ON django_content_type, auth_permission, auth_group, auth_group_permissions, django_migrations
  FROM doudi_app, doudi_worker;
"""
NO_GRANTS = """
GRANT SELECT, INSERT, UPDATE ON org_session_scope, org_scope_key, org_user, org_area TO doudi_app, doudi_worker;
REVOKE DELETE ON django_session FROM doudi_app, doudi_worker;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("org", "0001_initial"),
        ("audit", "0001_initial"),
        ("sessions", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        RunSQL(FUNCTIONS, NO_FUNCTIONS),
        RunSQL(GRANTS, NO_GRANTS),
        ProtectByArea("audit_entry", reads_only=True),
        AppendOnly("audit_entry"),
    ]
