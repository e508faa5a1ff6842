"""What the office works with: its own programmes, and only the facts that these ask for."""

from datetime import date

from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.rules.programme import load_programme, programme_ids
from doudi.office.desk.packwords import programmes
from doudi.office.evidence.rulebook import asked_vocabulary, current_pack, office_programmes


def test_only_programmes_that_the_office_can_carry_out_are_offered() -> None:
    offered = {"tekun", "dibao", "dibao_single", "dibao_as_single", "dibao_edge", "rigid_expense"}
    offered |= {"temporary_assistance", "hardship_worker"}
    assert offered <= set(office_programmes())
    assert {name for name, _ in programmes()} == set(office_programmes())
    # A supplement or a way out is decided with another programme.
    elsewhere = set(programme_ids(current_pack())) - set(office_programmes())
    assert {"category_supplement", "dibao_gradual_exit"} <= elsewhere


def test_facts_of_other_programmes_lengthen_no_form() -> None:
    every, asked = load_vocabulary(current_pack()), asked_vocabulary("dibao")
    assert "supporter_standing" in every.person
    assert "supporter_standing" not in asked.person
    assert "supporter_standing" in asked_vocabulary("tekun").person
    assert "emergency_kind" in asked_vocabulary("temporary_assistance").household
    assert {"motor_vehicles", "dwellings"} <= set(asked.household)
    known = set(programme_ids(current_pack()))
    for definition in [*every.person.values(), *every.household.values()]:
        assert set(definition.asked_for) <= known


def test_dibao_waits_for_no_fact_that_the_office_cannot_record() -> None:
    """In a place whose local methods are not switched on, dibao never waits for what the office can't record."""
    dibao = load_programme(current_pack(), "dibao")
    asked = asked_vocabulary("dibao")
    hidden = (set(dibao.formulas.member_facts) | set(dibao.formulas.household_facts)) - (
        set(asked.person) | set(asked.household)
    )
    gates = ("dibao_membership_by_ties", "dibao_deductions_apply", "dibao_support_fee_imputed")
    assert hidden
    for name in gates:
        value = current_pack().parameter(name, region="419901101002", on=date(2026, 11, 23))
        assert value.value == 0
