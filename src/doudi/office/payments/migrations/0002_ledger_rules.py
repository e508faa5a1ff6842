"""The ledger's rules, kept by the database itself.

A transaction is checked once, when it commits (or when constraints are made immediate): as many postings as it
declared, sum zero in every fund, no fund below zero, and the money of each payment whole and in one place. Postings
can join a transaction only while it is being written, and never beyond the declared number: so the check cannot be
passed first and spoilt afterwards. A posting always moves a payment's whole amount.
"""

from django.db import migrations

from doudi.office.rowsecurity import AppendOnly, ProtectByArea

TRANSACTION_CHECK = """
CREATE FUNCTION payments_check_transaction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  written bigint;
BEGIN
  SELECT count(*) INTO written FROM public.payments_posting WHERE transaction_id = NEW.id;
  IF written <> NEW.posting_count THEN
    RAISE EXCEPTION 'ledger transaction % declares % postings and has %', NEW.id, NEW.posting_count, written
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_transaction_is_whole';
  END IF;
  IF EXISTS (SELECT 1 FROM public.payments_posting WHERE transaction_id = NEW.id
             GROUP BY fund_id HAVING sum(amount_fen) <> 0) THEN
    RAISE EXCEPTION 'ledger transaction % does not sum to zero in each fund', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_transaction_sums_to_zero';
  END IF;
  IF NEW.reverses_id IS NOT NULL AND EXISTS (
       SELECT 1 FROM public.payments_posting WHERE transaction_id IN (NEW.id, NEW.reverses_id)
       GROUP BY fund_id, account, payment_id HAVING sum(amount_fen) <> 0) THEN
    RAISE EXCEPTION 'ledger transaction % does not mirror the one it reverses', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_reversal_mirrors';
  END IF;
  -- Two commits must not both count the same money: who checks a fund holds its row until the end.
  PERFORM 1 FROM public.payments_fund
    WHERE id IN (SELECT fund_id FROM public.payments_posting WHERE transaction_id = NEW.id)
    ORDER BY id FOR UPDATE;
  IF EXISTS (SELECT 1 FROM public.payments_posting
             WHERE account = 'available'
               AND fund_id IN (SELECT fund_id FROM public.payments_posting WHERE transaction_id = NEW.id)
             GROUP BY fund_id HAVING sum(amount_fen) < 0) THEN
    RAISE EXCEPTION 'ledger transaction % takes more than the fund has', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_fund_never_below_zero';
  END IF;
  IF EXISTS (
       SELECT 1
       FROM (SELECT payment_id, account, sum(amount_fen) AS held, max(abs(amount_fen)) AS whole
             FROM public.payments_posting
             WHERE payment_id IN (SELECT payment_id FROM public.payments_posting WHERE transaction_id = NEW.id)
             GROUP BY payment_id, account) AS place
       GROUP BY payment_id
       HAVING min(held) < 0 OR count(*) FILTER (WHERE held <> 0) > 1 OR max(held) NOT IN (0, max(whole))) THEN
    RAISE EXCEPTION 'ledger transaction % leaves a payment in two places or not whole', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_payment_is_in_one_place';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_transaction_checked AFTER INSERT ON payments_ledgertransaction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_transaction();
"""

TRANSACTION_CHECK_UNDONE = """
DROP TRIGGER payments_transaction_checked ON payments_ledgertransaction;
DROP FUNCTION payments_check_transaction();
"""

# Set by a trigger and not by a default, so that nobody can name another transaction than the one that is running.
JOIN_CHECK = """
ALTER TABLE payments_ledgertransaction ADD COLUMN written_in xid8;
CREATE FUNCTION payments_note_transaction() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  NEW.written_in := pg_current_xact_id();
  RETURN NEW;
END $$;
CREATE TRIGGER payments_transaction_noted BEFORE INSERT ON payments_ledgertransaction
  FOR EACH ROW EXECUTE FUNCTION payments_note_transaction();

CREATE FUNCTION payments_check_joining() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (
       SELECT 1
       FROM (SELECT DISTINCT transaction_id FROM added) AS joined
       LEFT JOIN public.payments_ledgertransaction AS ledger ON ledger.id = joined.transaction_id
       WHERE ledger.written_in IS DISTINCT FROM pg_current_xact_id()
          OR ledger.posting_count < (SELECT count(*) FROM public.payments_posting AS posting
                                     WHERE posting.transaction_id = joined.transaction_id)) THEN
    RAISE EXCEPTION 'a posting cannot join a ledger transaction that is closed'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_transaction_is_closed';
  END IF;
  -- Here and not at commit, because only here the writer's scope shows the payments for certain.
  IF EXISTS (SELECT 1 FROM added LEFT JOIN public.payments_payment AS payment ON payment.id = added.payment_id
             WHERE added.payment_id IS NOT NULL AND abs(added.amount_fen) IS DISTINCT FROM payment.amount_fen) THEN
    RAISE EXCEPTION 'a posting must move the whole amount of a payment in the scope of the writer'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_posting_moves_whole_payments';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payments_posting_joins AFTER INSERT ON payments_posting
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments_check_joining();
"""

JOIN_CHECK_UNDONE = """
DROP TRIGGER payments_posting_joins ON payments_posting;
DROP FUNCTION payments_check_joining();
DROP TRIGGER payments_transaction_noted ON payments_ledgertransaction;
DROP FUNCTION payments_note_transaction();
ALTER TABLE payments_ledgertransaction DROP COLUMN written_in;
"""

# What was instructed cannot be rewritten; only where the money is may change, and only forwards.
FREEZE = """
CREATE FUNCTION payments_freeze_payment() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (to_jsonb(NEW) - 'state') <> (to_jsonb(OLD) - 'state') THEN
    RAISE EXCEPTION 'payment % is frozen: only its state may change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_payment_is_frozen';
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
       ('draft', 'in_transit'), ('draft', 'withdrawn'),
       ('in_transit', 'paid'), ('in_transit', 'returned'), ('in_transit', 'suspense'),
       ('paid', 'suspense'), ('returned', 'suspense'),
       ('suspense', 'paid'), ('suspense', 'returned')) THEN
    RAISE EXCEPTION 'payment % cannot go from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_payment_goes_forwards';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_payment_frozen BEFORE UPDATE ON payments_payment
  FOR EACH ROW EXECUTE FUNCTION payments_freeze_payment();

CREATE FUNCTION payments_freeze_run() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF (NEW.number, NEW.county, NEW.programme, NEW.month, NEW.sequence, NEW.fund_id, NEW.line_count, NEW.total_fen,
      NEW.prepared_at, NEW.prepared_by_id)
     IS DISTINCT FROM
     (OLD.number, OLD.county, OLD.programme, OLD.month, OLD.sequence, OLD.fund_id, OLD.line_count, OLD.total_fen,
      OLD.prepared_at, OLD.prepared_by_id) THEN
    RAISE EXCEPTION 'pay run % is frozen: only its state may change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_run_is_frozen';
  END IF;
  IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
       ('draft', 'discarded'), ('draft', 'released'), ('released', 'sent'),
       ('sent', 'reconciled'), ('reconciled', 'sent')) THEN
    RAISE EXCEPTION 'pay run % cannot go from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_run_goes_forwards';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payments_run_frozen BEFORE UPDATE ON payments_payrun
  FOR EACH ROW EXECUTE FUNCTION payments_freeze_run();
"""

FREEZE_UNDONE = """
DROP TRIGGER payments_run_frozen ON payments_payrun;
DROP FUNCTION payments_freeze_run();
DROP TRIGGER payments_payment_frozen ON payments_payment;
DROP FUNCTION payments_freeze_payment();
"""

APPEND_ONLY = (
    "payments_ledgertransaction",
    "payments_posting",
    "payments_bankfile",
    "payments_returnfile",
    "payments_returnline",
    "payments_retrypermit",
    "payments_unpayablemonth",
)
PROTECTED = (
    "payments_payment",
    "payments_unpayablemonth",
    "payments_bankfile",
    "payments_returnfile",
    "payments_returnline",
    "payments_suspenseitem",
    "payments_retrypermit",
    "payments_payeechange",
)


class Migration(migrations.Migration):
    """Triggers, row security and append-only tables of money."""

    dependencies = [("payments", "0001_initial"), ("org", "0002_row_security")]

    operations = [
        migrations.RunSQL(JOIN_CHECK, JOIN_CHECK_UNDONE),
        migrations.RunSQL(TRANSACTION_CHECK, TRANSACTION_CHECK_UNDONE),
        migrations.RunSQL(FREEZE, FREEZE_UNDONE),
        *[AppendOnly(table) for table in APPEND_ONLY],
        *[ProtectByArea(table) for table in PROTECTED],
    ]
