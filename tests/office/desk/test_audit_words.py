"""Why somebody was looked at is told in words that the auditor reads, whichever page or flow it was."""

import re
from pathlib import Path

from django.utils import translation

import doudi.office
from doudi.office.desk.audit_words import PURPOSES, purpose_of

OFFICE = Path(doudi.office.__file__).parent
# A purpose stands in the call that reads: by its name, or as the last word given to the look at a case.
GIVEN = re.compile(r'purpose="([^"]+)"|look_at\(request, [\w.\[\]]+, "([^"]+)"\)')


def test_each_purpose_that_the_office_gives_has_a_word() -> None:
    given: dict[str, str] = {}
    for path in OFFICE.rglob("*.py"):
        if path.name == "audit_words.py":
            continue
        for by_name, of_case in GIVEN.findall(path.read_text("utf-8")):
            given[by_name or of_case] = path.name
    assert len(given) > 50
    assert {purpose: where for purpose, where in given.items() if purpose not in PURPOSES} == {}


def test_a_step_of_a_procedure_is_told_as_one() -> None:
    with translation.override("en"):
        assert str(purpose_of("step opinion")) == "a step of a case"
    assert purpose_of("the family asked at the window") == "the family asked at the window"
