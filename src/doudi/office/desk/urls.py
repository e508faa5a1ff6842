"""Addresses of the staff screens."""

from django.contrib.auth.decorators import login_not_required
from django.urls import path

from doudi.office.desk.views import demo_bank, demo_clock, money, preferences, returns, runs

urlpatterns = [
    path("preferences/", login_not_required(preferences.preferences), name="preferences"),
    path("demo/clock/", demo_clock.demo_clock, name="demo-clock"),
    path("demo/bank/<int:run_id>/", demo_bank.demo_bank_answer, name="demo-bank"),
    path("money/", money.money, name="money"),
    path("money/funds/new/", money.open_fund, name="money-open-fund"),
    path("money/funds/<int:fund_id>/appropriate/", money.appropriate, name="money-appropriate"),
    path("money/runs/new/", money.prepare, name="money-prepare"),
    path("money/runs/<int:run_id>/", runs.run, name="money-run"),
    path("money/runs/<int:run_id>/discard/", runs.discard, name="money-discard"),
    path("money/runs/<int:run_id>/release/", runs.release, name="money-release"),
    path("money/runs/<int:run_id>/sent/", runs.sent, name="money-sent"),
    path("money/runs/<int:run_id>/bank-file", runs.bank_file, name="money-bank-file"),
    path("money/reconciliation/<int:run_id>/", runs.reconciliation, name="money-reconciliation"),
    path("money/returns/", returns.returns, name="money-returns"),
    path("money/returns/<int:payment_id>/retry/", returns.retry, name="money-retry"),
    path("money/accounts/<int:household_id>/new/", returns.new_account, name="money-new-account"),
    path("money/accounts/<int:change_id>/decide/", returns.decide_account, name="money-decide-account"),
    path("money/suspense/<int:item_id>/", returns.settle, name="money-settle"),
]
