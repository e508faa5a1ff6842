"""What an explanation calls its grounds is what the result rests on, and nothing else."""

from dataclasses import replace

import pytest

from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.cases import load_cases
from doudi.engine.rules.explain import explain
from doudi.engine.rules.programme import load_programme

PACK = load_pack()
PROGRAMMES = sorted(
    document.relative.split("/")[1]
    for document in PACK.documents("programmes")
    if document.relative.endswith("formulas.yaml")
)


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_condition_that_is_decided_names_no_fact_as_unknown(name: str) -> None:
    programme = load_programme(PACK, name)
    cases = load_cases(PACK, programme)
    assert cases
    for case in cases:
        told = explain(programme, case.family, pack=PACK, as_of=case.as_of, lang="zh", with_flips=False)
        for condition in told.to_dict()["conditions"]:
            unknown = [fact for fact in condition["facts"] if fact["value"] == "不清楚"]
            assert condition["state"] == "unknown" or not unknown, (case.name, condition["name"])
            assert condition["facts"] or condition["parameters"] or condition["state"] != "unknown"


def test_a_rural_family_is_not_told_the_urban_standard_nor_facts_that_no_rule_here_reads() -> None:
    programme = load_programme(PACK, "dibao")
    case = next(c for c in load_cases(PACK, programme) if c.expected.outcome == "eligible")
    told = explain(programme, case.family, pack=PACK, as_of=case.as_of, lang="zh", with_flips=False).to_dict()
    income = next(c for c in told["conditions"] if c["name"] == "meets_income_test")
    used = {parameter["parameter"] for parameter in income["parameters"]}
    assert "dibao_standard_rural" in used
    assert "dibao_standard_urban" not in used
    assert not [fact for fact in income["facts"] if "supporter" in fact["fact"]]


def test_a_member_who_is_not_counted_gives_no_ground_but_the_exclusion() -> None:
    programme = load_programme(PACK, "dibao")
    case = next(c for c in load_cases(PACK, programme) if len(c.family.members) > 2)
    last = case.family.members[-1]
    exclusion = replace(last.facts["membership_exclusion"], value="serving_sentence")
    gone = replace(last, facts={**last.facts, "membership_exclusion": exclusion})
    family = replace(case.family, members=(*case.family.members[:-1], gone))
    told = explain(programme, family, pack=PACK, as_of=case.as_of, lang="zh", with_flips=False).to_dict()
    income = next(c for c in told["conditions"] if c["name"] == "meets_income_test")
    assert {fact["fact"] for fact in income["facts"] if fact["member"] == gone.key} == {"membership_exclusion"}
