"""What the pack calls programmes, sources and places, in the language of the letter."""

from functools import lru_cache
from typing import Any

from doudi.engine.rules.programme import load_programme
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import Area
from doudi.office.paper.wording import Wording

_OWN_SOURCES = ("declared", "visit", "office", "recheck", "county")


def programme_name(programme: str, lang: str) -> str:
    """The programme's name without its variant in brackets, which a family need not know."""
    label: str = _labels("programmes", "programme.yaml")[programme][lang]
    return label.partition("（")[0].partition(" (")[0]


def issuer_name(programme: str, county: str, lang: str) -> str | None:
    """Who writes letters of a programme, as its pack says; None where civil affairs does."""
    issuer = load_programme(current_pack(), programme).issuer
    return None if issuer is None else issuer.in_language(lang).format(county=county)


def source_name(source: str, say: Wording) -> str:
    """The department's delivery, or how the office itself knows."""
    if source in _OWN_SOURCES:
        return say(f"source_{source}")
    known = _labels("sources", "contract.yaml")
    return str(known[source][say.lang]) if source in known else source


def department_name(source: str, say: Wording) -> str:
    """Which department a delivery comes from."""
    contracts: dict[str, Any] = {doc.data["id"]: doc.data for doc in current_pack().documents("sources")}
    return str(contracts[source]["department"][say.lang]) if source in contracts else source_name(source, say)


def place_name(code: str, lang: str) -> str:
    """A place with what it lies in, from the county down: county, township, village."""
    pack = current_pack()
    named = set(pack.divisions())
    own = dict(Area.objects.filter(code__in=_levels(code)).values_list("code", "name"))
    parts = [pack.region_name(each, lang) if each in named else own.get(each, "") for each in _levels(code)]
    ordered = [part for part in parts if part]
    return "".join(ordered) if lang == "zh" else ", ".join(reversed(ordered))


def _levels(code: str) -> list[str]:
    return [code[:length] for length in (6, 9, 12) if length <= len(code)]


@lru_cache(maxsize=4)
def _labels(folder: str, file_name: str) -> dict[str, Any]:
    """Labels by id of every document of this name in the pack."""
    found: list[Any] = [
        each.data for each in current_pack().documents(folder) if each.relative.endswith(f"/{file_name}")
    ]
    return {data["id"]: data["label"] for data in found}
