"""Promises P1, P2 and P4 in any order of steps that people and the bank can take."""

import itertools
from contextlib import suppress

from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.office.payments.families import AT, COUNTY, Office, family, faults

from doudi.engine.values.period import Month
from doudi.office.errors import Refused
from doudi.office.flows import pay
from doudi.office.payments import queries
from doudi.office.payments.bank_file import yuan
from doudi.office.payments.demo_bank import compose
from doudi.office.payments.models import Payment, PayRun, SuspenseItem
from doudi.office.payments.return_file import BankLine

MONTHS = [Month(2026, 10), Month(2026, 11), Month(2026, 12)]


def machine(office: Office) -> type[RuleBasedStateMachine]:
    """The machine for one office; each example begins afresh by rolling back to a savepoint.

    A refusal is an answer as good as any; that it changes nothing is for the invariants to say.
    """

    class Money(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.block = transaction.atomic()
            self.block.__enter__()
            self.numbers = itertools.count(1)
            self.appropriated_fen = 0

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)

        @initialize(amounts=st.lists(st.integers(1, 60_000), min_size=1, max_size=4), start=st.sampled_from(MONTHS))
        def begin(self, amounts: list[int], start: Month) -> None:
            self.appropriate(1_000_000)
            for amount in amounts:
                family(office, amount_fen=amount, start=start)
            office.sent_run()

        @rule()
        def prepare_release_and_send(self) -> None:
            with suppress(Refused):
                office.sent_run()

        @rule(amount=st.integers(1, 200_000))
        def appropriate(self, amount: int) -> None:
            office.appropriate(amount, document=f"文件{next(self.numbers)}")
            self.appropriated_fen += amount

        @rule(amount=st.integers(1, 60_000), start=st.sampled_from(MONTHS), has_account=st.booleans())
        def decide(self, amount: int, start: Month, has_account: bool) -> None:
            family(office, amount_fen=amount, start=start, has_account=has_account)

        @rule(month=st.sampled_from(MONTHS))
        def prepare(self, month: Month) -> None:
            with suppress(Refused):
                pay.prepare_run(actor=office.first, county=COUNTY, programme="dibao", month=month, at=AT)

        @rule(data=st.data())
        def discard(self, data) -> None:
            if data.draw(st.integers(0, 3)) < 3:
                return
            with suppress(Refused):
                pay.discard_run(actor=office.first, run_id=_any_run(data, "draft"), reason="重做", at=AT)

        @rule(data=st.data(), by_preparer=st.integers(0, 5).map(lambda drawn: drawn == 5))
        def release(self, data, by_preparer: bool) -> None:
            actor = office.first if by_preparer else office.second
            with suppress(Refused):
                pay.release_run(actor=actor, run_id=_any_run(data, "draft"), at=AT, keyring=office.keyring)

        @rule(data=st.data())
        def send(self, data) -> None:
            with suppress(Refused):
                run_id = _any_run(data, "released")
                file = pay.download_bank_file(actor=office.second, run_id=run_id, keyring=office.keyring)
                pay.mark_sent(actor=office.second, run_id=run_id, handed_over=file, at=AT, keyring=office.keyring)

        @rule(data=st.data(), genuine=st.integers(0, 9).map(lambda drawn: drawn != 9), twice=st.booleans())
        def answer(self, data, genuine: bool, twice: bool) -> None:
            run = PayRun.objects.filter(pk=_any_run(data, "sent", "reconciled")).select_related("bank_file").first()
            if run is None or not hasattr(run, "bank_file"):
                return
            lines = data.draw(st.lists(_bank_lines(run), max_size=6))
            file = compose(
                run=run.number,
                bank_file_sha256=run.bank_file.sha256 if genuine else "0" * 64,
                number=f"B{next(self.numbers)}",
                lines=[",".join((x.reference, yuan(x.amount_fen or 0), _WORDS[x.result], "")) for x in lines],
                paid_fen=sum(x.amount_fen or 0 for x in lines if x.result == "success"),
            )
            for _ in range(2 if twice else 1):
                with suppress(Refused):
                    office.take_in(file)

        @rule(data=st.data(), outcome=st.sampled_from(["paid", "returned", "noted"]))
        def settle(self, data, outcome: str) -> None:
            items = list(SuspenseItem.objects.filter(outcome="").order_by("pk").values_list("pk", flat=True))
            if items:
                with suppress(Refused):
                    pay.settle_suspense(
                        actor=office.second, item_id=data.draw(st.sampled_from(items)), outcome=outcome, reason="核实",
                        at=AT,
                    )  # fmt: skip

        @rule(data=st.data())
        def permit_retry(self, data) -> None:
            payments = list(Payment.objects.order_by("pk").values_list("pk", flat=True))
            if payments:
                with suppress(Refused):
                    pay.permit_retry(
                        actor=office.first, payment_id=data.draw(st.sampled_from(payments)), reason="已核对", at=AT
                    )

        @invariant()
        def the_database_agrees(self) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")

        @invariant()
        def every_fen_is_in_one_place(self) -> None:
            row = queries.fund(office.fund.pk, COUNTY)
            assert row is not None
            assert row.appropriated_fen == self.appropriated_fen
            parts = (row.available_fen, row.in_transit_fen, row.paid_fen, row.returned_fen, row.suspense_fen)
            assert min(parts) >= 0
            assert sum(parts) == self.appropriated_fen

        @invariant()
        def the_ledger_is_sound(self) -> None:
            assert faults(office) == {}

    return Money


_WORDS = {"success": "成功", "failure": "失败"}


def _any_run(data, *states: str) -> int:
    """Mostly a run in one of these states; now and then any other, or one that there is not."""
    fitting = list(PayRun.objects.filter(state__in=states).order_by("pk").values_list("pk", flat=True))
    others = [0, *PayRun.objects.order_by("pk").values_list("pk", flat=True)]
    return data.draw(st.sampled_from(fitting * 4 + others))


def _bank_lines(run: PayRun) -> st.SearchStrategy[BankLine]:
    """What a bank may say of the run: mostly right, sometimes another amount or a reference that is not there."""
    known = list(run.payments.order_by("line").values_list("reference", "amount_fen"))
    amounts = st.sampled_from([0, 0, 0, 0, 0, 0, 1])
    return st.builds(
        lambda chosen, more, result: BankLine(3, chosen[0], chosen[1] + more, result, ""),
        st.sampled_from([*known, *known, *known, ("419901-dibao-209912-01-000001-00", 1)]),
        amounts,
        st.sampled_from(["success", "failure"]),
    )


def run_any_order(office: Office, *, examples: int, steps: int) -> None:
    """Invent so many sequences of so many steps; the same ones each time."""
    run_state_machine_as_test(
        machine(office),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_p1_p2_p4_hold_in_any_order_of_steps(office: Office) -> None:
    run_any_order(office, examples=12, steps=30)
