"""`doudi-office`: set up, serve and look after the office from the command line.

Exit codes: 0 done, 1 a finding or a refusal, 2 wrong usage. Each command lives in a module of its own that is loaded
when it is called, after Django has read its settings.
"""

import os
import sys
from collections.abc import Sequence

import cyclopts
import django
from django.core.exceptions import ImproperlyConfigured

from doudi.engine.values.errors import DoudiError

# The web sees the database as doudi_app; every other command works as doudi_worker, under a scope of its own.
_ROLE_OF_COMMAND = {"serve": "app"}

app = cyclopts.App(name="doudi-office", help="Set up, serve and look after the office.", version_flags=[])
for _name, _place, _help in (
    ("setup-demo", "demo:setup_demo", "Make keys, database, areas and log-ins of a demonstration."),
    ("serve", "web:serve", "Serve the office on this machine, with the embedded database under it."),
    ("stop", "database:stop", "Stop the embedded database."),
    ("migrate", "database:migrate", "Bring the database's tables up to date."),
    ("first-admin", "administration:first_admin", "Make the first administrator and print a code for half an hour."),
    ("check", "checks:check", "Say what is missing or unsafe in this set-up."),
    ("night", "night:night", "Export the snapshot, run the night, load its findings."),
    ("load-night", "loading:load_night", "Load the findings of a finished night."),
    ("export-snapshot", "loading:export_snapshot", "Write what the office knows for the next night."),
    ("reindex", "registry:reindex", "Make what people are found under anew."),
):
    app.command(f"doudi.office.console.{_place}", name=_name, help=_help)
roll = cyclopts.App(name="roll", help="Take over whoever receives already; two people of the county do it.")
roll.command("doudi.office.console.roll:prepare", name="prepare", help="Read, check and keep a roll.")
roll.command("doudi.office.console.roll:confirm", name="confirm", help="Take a prepared roll over.")
app.command(roll)
ledger = cyclopts.App(name="ledger", help="Questions to the ledger.")
ledger.command("doudi.office.console.ledger:verify", name="verify", help="Check that every transaction balances.")
app.command(ledger)
audit = cyclopts.App(name="audit", help="The audit's chain: seal it, anchor it outside of the database, verify it.")
for _name, _help in (
    ("seal", "Put what was recorded since into sealed blocks."),
    ("anchor", "Write the heads of sealed blocks into the folder outside of the database."),
    ("watch", "Seal and anchor every half minute until stopped."),
    ("verify", "Name the first record that is not as it was sealed."),
):
    audit.command(f"doudi.office.console.audit:{_name}", name=_name, help=_help)
app.command(audit)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doudi.office.settings")
    os.environ.setdefault("DOUDI_DB_ROLE", _ROLE_OF_COMMAND.get(words[0] if words else "", "worker"))
    try:
        django.setup()
        code = app(words, exit_on_error=False, result_action="return_value")
    except cyclopts.CycloptsError:
        sys.exit(2)
    except (DoudiError, ImproperlyConfigured) as error:
        name = f"{error.code} " if isinstance(error, DoudiError) else ""
        sys.stderr.write(f"{name}{error}\n")
        sys.exit(1 if isinstance(error, DoudiError) else 2)
    sys.exit(code if isinstance(code, int) else 0)
