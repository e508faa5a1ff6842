"""What people do, one verb a module: each flow is one transaction that can be read on one screen.

All arguments are keyword-only. `actor` is the org.User who acts, `at` the instant (office.clock.now() at the edge).
`version` is the case's version that the form was made for: another one is refused as stale, with what happened since.
A business refusal is office.errors.Refused; what lies outside one's area is office.errors.NotYours. Amounts are fen.
A `Seen` is one answer: Seen(name, value, person_id=None) - value None means "could not be found out", person_id None
means the household. A `StepDone` says what the result page shows: case_number, version, next steps (who, last day).

    load_night   load_night(lake: Path, run_id, keyring, actor, at) -> LoadReport(opened, merged, ended, kept_open)
    visit        record_visit(actor, at, visited_on, second_visitor_id, outcome, reason, form_token, seen=[Seen],
                     task_id=None | case_number=None, signed_by_id=None, unsigned_reason="",
                     household_seen via Seen with person_id None) -> VisitDone(visit_id, contradictions, closed_finding)
    apply        open_from_visit(actor, at, visit_id, programme, applicant_id) -> StepDone
                 open_at_window(actor, at, programme, area, name, id_number, phone, address, residence) -> StepDone
                 add_member(actor, at, case_number, version, name, id_number, relation, phone="") -> StepDone
                 end_membership(actor, at, case_number, version, person_id, reason) -> StepDone
                 declare_facts(actor, at, case_number, version, facts=[Seen]) -> StepDone
                 record_consents(actor, at, case_number, version, person_ids, signed_on) -> StepDone
                 set_payee_account(actor, at, case_number, version, holder_id, bank_name, account_number) -> StepDone
                 accept_case(actor, at, case_number, version) -> Accepted | NotComplete(missing=[MissingPaper])
    verify       declare_near_relatives(actor, at, case_number, version, relatives=[Relative]) -> StepDone
                 count_home_visit(actor, at, case_number, version, visit_id) -> StepDone
                 run_check(actor, at, case_number, version, lake: Path) -> StepDone
                 assess_case(actor, at, case_number, version) -> StepDone
    publicise    start_publicity(actor, at, case_number, version) -> StepDone (.sheet_token)
                 record_objection(actor, at, case_number, received_on, objector, text, form_token) -> objection id
                 settle_objection(actor, at, objection_id, outcome founded|unfounded, reason) -> StepDone
    decide       give_opinion(actor, at, case_number, version, outcome approve|refuse, reason, amount_fen=None) -> StepDone
                 review(... same ...) -> StepDone
                 confirm(... same ...) -> StepDone (.decision_id; grants the entitlement, or writes the notice of refusal)
                 notify(actor, at, case_number, version, delivered_on, delivery) -> StepDone
    export_snapshot  export_snapshot(out: Path, county, at) -> snapshot id

Reads for the screens (plain dataclasses; reading a person's record leaves an audit row with `purpose`):

    casework.queries   work_list(user, today) -> WorkList(groups: overdue|today|three_days|later -> [TaskRow])
                       list_findings(user, state="open", rule="", text="", page=1, per_page=20) -> Page[FindingRow]
                       finding_detail(user, finding_pk, lang, purpose) -> FindingDetail
                       visit_form(user, task_id=None | case_number=None, lang) -> VisitForm
                       list_cases(user, state="", text="", page=1, per_page=20) -> Page[CaseRow]
                       case_page(user, case_number, today, lang, purpose) -> CasePage
                       public_sheet(token, today) -> SheetView | SheetEnded | None    (no log-in, no scope)
    registry.queries   household_page(user, household_id, purpose) -> HouseholdPage
                       search(user, text, limit=20) -> [SearchHit]
    evidence.queries   facts_of_household(household_id, on) -> [FactLine] (declared, found, seen side by side)
"""
