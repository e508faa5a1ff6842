"""The audit of a million records verified: rows streamed, hashed, compared with chain and anchored heads.

Compared with the floor: the same rows streamed out of PostgreSQL and only counted. Equal means: both saw every record,
and a record altered by a superuser near the end is named.
"""

# The settings are read from the environment, so that has to come before Django and what stands on it.
# ruff: noqa: E402
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

STATE = Path(tempfile.mkdtemp(prefix="doudi-b-", dir="/tmp"))
STATE.chmod(0o711)
(STATE / "secret-key").write_text(secrets.token_hex(40), "ascii")
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "doudi.office.settings",
    "DOUDI_MODE": "test",
    "DOUDI_STATE": str(STATE),
    "DOUDI_DB_ROLE": "worker",
}

import django

django.setup()

import psycopg
from django.conf import settings
from django.db import connections

from doudi.engine.values.keys import Keyring
from doudi.office.audit import sealing
from doudi.office.audit.anchors import anchor, read_heads
from doudi.office.audit.rows import stream
from doudi.office.audit.verification import Report, verify
from doudi.office.console.database import database_running, embedded, migrate
from doudi.office.crypto import keyring
from doudi.office.org.scope import audit_scope
from doudi.office.postgres import Role

RECORDS = int(os.environ.get("RECORDS", "1000000"))
BLOCK_ENTRIES = 500
LIMIT_S = 60.0

# As ten small acts to a transaction, each with what a look at a list of twenty people leaves.
FILL = f"""
DO $$ BEGIN
  FOR number IN 1..{RECORDS // 10} LOOP
    INSERT INTO audit_entry (at, actor_id, actor_name, role, verb, object_type, object_id, area, purpose, details,
      request_id)
    SELECT now(), number % 900, '何雨荷', 'clerk', 'read', 'registry.person', (number * 10 + n)::text, '419901101',
      'verification of the case', jsonb_build_object('fields', array['name', 'id_number', 'phone'], 'type',
      'registry.person', 'ids', (SELECT jsonb_agg(i) FROM generate_series(number, number + 19) i)), md5(number::text)
    FROM generate_series(1, 10) n;
    COMMIT;
  END LOOP;
END $$
"""


def main() -> None:
    Keyring.generate(STATE / "keys.json")
    server = embedded()
    server.create()
    connections.settings["default"]["HOST"] = str(server.socket)
    with database_running():
        assert migrate() == 0
        with server.connect("admin") as admin:
            admin.execute(FILL)
            admin.execute("ANALYZE audit_entry")
        measure(server.connect)


def measure(connect: Callable[[Role], psycopg.Connection]) -> None:
    sealing.BLOCK_ENTRIES = BLOCK_ENTRIES
    began = time.perf_counter()
    with audit_scope("bench"):
        blocks = sealing.seal()
        anchor(settings.DOUDI_ANCHORS, keyring())
    print(f"sealed and anchored {RECORDS} records in {len(blocks)} blocks: {time.perf_counter() - began:.1f} s")

    def verified() -> Report:
        with audit_scope("bench", sees_one_instant=True):
            return verify(read_heads([settings.DOUDI_ANCHORS], keyring()), are_all_heads=True)

    def counted() -> int:
        with audit_scope("bench", sees_one_instant=True):
            return sum(1 for _ in stream(from_xid=None, to_xid=2**62))

    began = time.perf_counter()
    rows = counted()
    other = time.perf_counter() - began
    began = time.perf_counter()
    report = verified()
    ours = time.perf_counter() - began
    assert report.fault is None
    assert report.entries == rows >= RECORDS
    with connect("admin") as admin:
        admin.execute("SET session_replication_role = replica")
        altered = admin.execute("SELECT id FROM audit_entry ORDER BY id DESC OFFSET 7 LIMIT 1").fetchone()[0]
        admin.execute("UPDATE audit_entry SET actor_id = actor_id + 1 WHERE id = %s", [altered])
    fault = verified().fault
    assert fault is not None
    assert fault.entry == altered
    size = sum(path.stat().st_size for path in settings.DOUDI_ANCHORS.iterdir())
    print(f"{rows / ours:.0f} records/s; heads {size / 1e6:.1f} MB; limit {LIMIT_S:.0f} s")
    assert ours < LIMIT_S * RECORDS / 1e6 or RECORDS < 1e6
    print(f"RESULT audit_verify ratio={other / ours:.2f} ours={ours:.1f} other={other:.1f} equal=yes")


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(STATE, ignore_errors=True)
