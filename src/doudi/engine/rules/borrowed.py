"""Formulas that a programme reads from another one, so that an idea of the law is written once.

`dibao__counted_income` in a formula is the formula `counted_income` of the programme dibao, and `dibao__qualifies`
says whether all conditions of dibao hold. What is borrowed keeps its own document, citation and line, so the
explanation, the missing facts and what would change the outcome reach through to the facts below it.
"""

import re

from doudi.engine.pack.citation import Citation, Label
from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.rules.documents import FormulaText, ProgrammeFile
from doudi.engine.rules.errors import FormulaNameError
from doudi.engine.rules.formula_set import Given, read_formulas

BORROWED = re.compile(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)*)__[a-z]")
QUALIFIES = "qualifies"


def formulas_with_borrowed(pack: Pack, programme_id: str) -> list[Given]:
    """A programme's own formulas, and all those of the programmes that they name, directly or not."""
    own = read_formulas(pack.document(f"programmes/{programme_id}/formulas.yaml"))
    found = list(own)
    lenders: set[str] = {programme_id}
    waiting = list(own)
    while waiting:
        reader = waiting.pop()
        for lender in sorted(set(BORROWED.findall(reader.text.formula)) - lenders):
            lent = _lent(pack, lender, reader)
            lenders.add(lender)
            found += lent
            waiting += lent
    return found


def _lent(pack: Pack, lender: str, reader: Given) -> list[Given]:
    known = {document.relative for document in pack.documents("programmes")}
    path = f"programmes/{lender}/programme.yaml"
    if path not in known:
        raise FormulaNameError(
            f"there is no programme {lender} to read from.", advice="Check the name before the __.", where=reader.where
        )
    document = pack.document(path)
    file = validate(document, ProgrammeFile)
    given = read_formulas(pack.document(f"programmes/{lender}/formulas.yaml"))
    names = {one.name: f"{lender}__{one.name}" for one in given}
    lent = [one._replace(name=names[one.name], reads_as=names) for one in given]
    return [*lent, _qualifies(lender, file, document, names)]


def _qualifies(lender: str, file: ProgrammeFile, document: Document, names: dict[str, str]) -> Given:
    label = Label(zh=f"符合{file.label.zh}的条件", en=f"qualifies for {file.label.en}")
    citation: Citation = file.citation
    formula = " and ".join(condition.formula for condition in file.conditions)
    text = FormulaText(entity="household", type="bool", label=label, citation=citation, formula=formula)
    return Given(f"{lender}__{QUALIFIES}", text, document, ("conditions",), names)
