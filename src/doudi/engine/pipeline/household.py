"""The counter path: the night's rules on one family, at once, with the explanation."""

from collections.abc import Mapping
from datetime import date

from doudi.engine.pack.pack import Pack
from doudi.engine.rules.assessment import Assessment, assess
from doudi.engine.rules.classification import Classification, classify
from doudi.engine.rules.explain import Explanation, explain
from doudi.engine.rules.family import Family
from doudi.engine.rules.programme import load_programme


def assess_household(
    pack: Pack,
    programme_id: str,
    family: Family,
    as_of: date,
    *,
    lang: str = "zh",
    names: Mapping[str, str] | None = None,
) -> tuple[Assessment, Explanation]:
    """Assess one family for one programme and explain the result in Chinese (`zh`) or English (`en`).

    `names` says what members are to be called in the explanation, by their key. It never reaches the rules.
    """
    programme = load_programme(pack, programme_id)
    return (
        assess(programme, family, pack=pack, as_of=as_of),
        explain(programme, family, pack=pack, as_of=as_of, lang=lang, names=names),
    )


def classify_household(
    pack: Pack, family: Family, as_of: date, *, lang: str = "zh", names: Mapping[str, str] | None = None
) -> tuple[Classification, dict[str, Explanation]]:
    """Classify one family, and explain its tier, what comes with it, and each earlier tier that is still open."""
    found = classify(family, pack=pack, as_of=as_of)
    told = {*found.open_before, *found.additions, *([found.tier] if found.tier else [])}
    return found, {
        name: explain(load_programme(pack, name), family, pack=pack, as_of=as_of, lang=lang, names=names)
        for name in found.assessments
        if name in told
    }
