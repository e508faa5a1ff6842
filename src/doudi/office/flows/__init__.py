"""What people do, one verb a module: each flow is one transaction that can be read on one screen.

All arguments are keyword-only. `actor` is the org.User who acts, `at` the instant (office.clock.now() at the edge).
`version` is the case's version that the form was made for: another one is refused as stale, with what happened since.
A business refusal is office.errors.Refused (Unacceptable for what was typed, NotAllowed for the role); what lies
outside of one's area is NotYours. Amounts are fen. `Seen(name, value, person_id=None)` (evidence.terms) is one answer:
value None means "could not be found out", person_id None means the household. `StepDone` (flows.outcome) is what the
result page shows: case_number, version, next_steps (step, label, role, due_on, due_is_provisional, allowed_from),
sheet_token, assessment_id, decision_id.

    load_night.load_night(lake, run_id, keyring, actor, at) -> LoadReport    actor: service account; its area is loaded
    visit.take_up(actor, at, task_id)                                        "I am on it"
    visit.record_visit(actor, at, visited_on, second_visitor_id, outcome confirmed|cleared|unknown, reason, form_token,
                       seen=[Seen], task_id=None | case_number=None, signed_by_id=None, unsigned_reason="",
                       photos=[NewPhoto], lang)
                       -> VisitDone(visit_id, household_id, contradictions, finding_state, home_visit_is_done)
    visit_record.add_photos(actor, at, visit_id, photos=[NewPhoto]) -> ids   by its visitors; drawn anew, encrypted
    visit_record.remove_photo(..., photo_id, reason) | say_of_visit(..., agrees, text="")   the second visitor's word
    visit.close_unanswered(actor, at, finding_pk, reason)                    after two visits that met nobody
    visit.note_no_application(actor, at, task_id)                            the family does not wish to apply now
    apply.open_from_visit(actor, at, visit_id, programme, applicant_id) -> StepDone
    apply.open_at_window(actor, at, programme, area, name, id_number, phone, address, residence) -> StepDone
    apply.add_member(actor, at, case_number, version, name, id_number, relation, phone="") -> StepDone
    apply.end_membership(actor, at, case_number, version, person_id, reason) -> StepDone
    apply.declare_facts(actor, at, case_number, version, facts=[Seen]) -> StepDone
    consent.record_consents(actor, at, case_number, version, person_ids, signed_on, valid_until=None, scope="all")
           | withdraw_consent(actor, at, case_number, version, person_id, withdrawn_on) -> StepDone
    apply.set_payee_account(actor, at, case_number, version, holder_id, bank_name, account_number) -> StepDone
    apply.accept_case(actor, at, case_number, version) -> Acceptance(case_number, version, missing, next_steps)
    verify.declare_near_relatives(actor, at, case_number, version, relatives=[Relative]) -> StepDone   [] says "none"
    verify.count_home_visit(actor, at, case_number, version, visit_id) -> StepDone
    verify.run_check(actor, at, case_number, version, lake=None) -> StepDone                           by the reviewer
    verify.assess_case(actor, at, case_number, version) -> StepDone
    decide.give_opinion(actor, at, case_number, version, outcome approve|refuse, reason, amount_fen=None) -> StepDone
    publicise.start_publicity(actor, at, case_number, version) -> StepDone
    publicise.record_objection(actor, at, case_number, received_on, objector, text, form_token) -> objection id
    publicise.settle_objection(actor, at, objection_id, outcome founded|unfounded, reason) -> StepDone
    decide.review(... as give_opinion ...) -> StepDone
    decide.confirm(... as give_opinion ...) -> StepDone    ends the case: grants, or refuses with a notice
    decide.notify(actor, at, case_number, version, delivered_on, delivery) -> StepDone
    apply.complete_papers(actor, at, case_number, version, note="")      papers that were allowed to follow
    note.note_step(actor, at, case_number, version, step, note)          a step of kind `record`
    classify.look_up_tiers(actor, at, case_number, lang) -> Tiers; choose_programme(..., programme, reason) -> StepDone
    keep_time.stop_clock(..., stop, reason) | resume_clock | extend_limit(..., extension, reason)
              | withdraw(..., signed_by_id, signed_on, reason) -> StepDone
    meet.hold_meeting(..., held_on, agenda, minutes, amount_fen, called=[Called]) -> StepDone
    end.propose_ending | decide_ending | deliver_ending | object_to_ending | answer_ending | note_follow_up
    registry.split_household | merge_households | move_household | change_head | let_leave | correct_person
           (each with household_id and ground=Ground(on, reason, paper)) | undo_change(change_id, reason) -> Change
    newcomers.look_for(..., papers) -> Candidates | join_newcomer(..., household_id, papers, relation, cause, ground)
    move_between.ask_to_move | accept_move | refuse_move | withdraw_move      two townships, two people
    relatives.declare_relative | withdraw_relative; unmask.unmask(actor, household_id, person_id, reason) -> number
    review_pairs.say(actor, at, pair_id, verdict same|different|unsure, reason, digest) -> state   "same" takes two
    review_pairs.confirm(actor, at, pair_id, reason, digest); withdraw(actor, at, pair_id, reason)
    export_snapshot.export_snapshot(out, county, actor, at) -> snapshot id

Reads for the screens are plain dataclasses; reading a person's record leaves an audit row with `purpose`. A Listing is
a sequence that reads, and records, only the page that is sliced out of it.

    casework.queries.work_list(user, today) -> WorkList(overdue, today, three_days, later, waiting: of TaskRow)
    casework.queries.list_findings(user, state="open", rule="", family="", area="", text="") -> Listing of FindingRow
    casework.queries.finding_detail(user, finding_pk, today, lang, purpose) -> FindingDetail
    casework.queries.visit_form(user, task_id=None | case_number=None, today, lang, purpose) -> VisitForm
    evidence.pair_queries.list_pairs(user, state="open", kind="", source="", area="") -> Listing of PairRow
    evidence.pair_queries.pair_detail(user, pair_id, purpose) -> PairDetail
    casework.queries.list_cases(user, today, state="open", programme="", area="", text="") -> Listing of CaseRow
    casework.queries.case_page(user, case_number, today, lang, purpose) -> CasePage (.can: flows to offer)
    casework.queries.public_sheet(token, today) -> SheetView | SheetEnded | None      (no log-in, no scope)
    registry.queries.household_page(user, household_id, on, purpose) -> HouseholdPage
    registry.search.search(user, text, keyring, after="") -> Found: one page of SearchHit
    evidence.queries.facts_of_household(household, members, lang) -> [FactLine]: declared, found, seen, chosen
    evidence.rulebook.current_pack(), current_vocabulary()
"""
