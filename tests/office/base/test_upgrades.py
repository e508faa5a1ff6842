"""An office that is upgraded: what an earlier version recorded fits the later one, and the way back is open."""

import subprocess
import sys

import psycopg
import pytest
from running_office import COUNTY, TOWNSHIP_A, OfficeCopy

# An office of one's own is migrated back and forth: most of a minute.
pytestmark = pytest.mark.prove

PEOPLE = (("leader", TOWNSHIP_A), ("county", COUNTY))


def migrate(copy: OfficeCopy, app: str, name: str = "") -> None:
    command = [sys.executable, "-m", "django", "migrate", app, *([name] if name else []), "--no-input", "-v0"]
    environment = copy.environment | {"DOUDI_DB_ROLE": "owner"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def roles(admin: psycopg.Connection) -> tuple[list[str], list[str]]:
    people = admin.execute("SELECT role FROM org_user WHERE username IN ('leader', 'county') ORDER BY username DESC")
    tasks = admin.execute("SELECT role FROM casework_task ORDER BY step DESC, state")
    return [role for (role,) in people.fetchall()], [role for (role,) in tasks.fetchall()]


def test_a_reviewer_of_a_township_and_its_open_decisions_pass_to_the_townships_reviewer(
    office_copy: OfficeCopy,
) -> None:
    migrate(office_copy, "casework", "0009_reports")
    migrate(office_copy, "org", "0006_administrators_rights")
    with office_copy.connect("admin") as admin:
        admin.execute("SET session_replication_role = replica")
        for name, area in PEOPLE:
            admin.execute(
                "INSERT INTO org_user (password, username, display_name, role, is_active, is_service_account, area_id)"
                " VALUES ('!', %s, 'x', 'reviewer', true, false, %s)",
                [name, area],
            )
        for step, done_by in (("township_confirm", None), ("township_confirm", 1), ("review", None)):
            admin.execute(
                "INSERT INTO casework_task (kind, step, role, due_on, due_is_provisional, stands_still, note, state,"
                " given_back_reason, created_at, household_id, case_id, area, done_by_id, done_at)"
                " VALUES ('step', %(step)s, 'reviewer', '2026-12-01', false, false, '', %(state)s, '', now(), 1, 1,"
                " %(area)s, %(by)s, CASE WHEN %(by)s::bigint IS NULL THEN NULL ELSE now() END)",
                {"step": step, "state": "done" if done_by else "open", "area": TOWNSHIP_A, "by": done_by},
            )
        admin.commit()
        assert roles(admin) == (["reviewer"] * 2, ["reviewer"] * 3)
        admin.commit()
        migrate(office_copy, "org")
        migrate(office_copy, "casework")
        # By user: the township's, the county's; by task: the township's done and open one, the county's.
        assert roles(admin) == (
            ["township_reviewer", "reviewer"],
            ["reviewer", "township_reviewer", "reviewer"],
        )
        admin.commit()
        migrate(office_copy, "casework", "0009_reports")
        migrate(office_copy, "org", "0006_administrators_rights")
        assert roles(admin) == (["reviewer"] * 2, ["reviewer"] * 3)
