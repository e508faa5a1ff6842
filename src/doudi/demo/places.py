"""The places of the city: townships, urban communities and villages, all of invented names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from doudi.engine.pack.pack import Pack

_SMALL_URBAN = ("419901101001", "419901102001")
_SMALL_RURAL = (
    "419901101002",
    "419901101003",
    "419901102002",
    "419901102003",
    "419901201001",
    "419901201002",
    "419901201003",
)
_SMALL_TOWNSHIPS = ("419901101", "419901102", "419901201")
_MORE_TOWNSHIPS = (
    ("419901103", "白塔镇", "Baita Town"),
    ("419901104", "官渡镇", "Guandu Town"),
    ("419901105", "双桥镇", "Shuangqiao Town"),
    ("419901106", "青石镇", "Qingshi Town"),
    ("419901107", "龙泉镇", "Longquan Town"),
    ("419901202", "槐林乡", "Huailin Township"),
    ("419901203", "竹沟乡", "Zhugou Township"),
    ("419901204", "平安乡", "Ping'an Township"),
    ("419901205", "大河乡", "Dahe Township"),
)
_VILLAGES_IN_A_TOWNSHIP = 9
_FRONT = (
    ("东", "Dong"),
    ("西", "Xi"),
    ("南", "Nan"),
    ("北", "Bei"),
    ("前", "Qian"),
    ("后", "Hou"),
    ("上", "Shang"),
    ("下", "Xia"),
)
_MIDDLE = (
    ("杨", "yang"),
    ("柳", "liu"),
    ("枣", "zao"),
    ("梨", "li"),
    ("石", "shi"),
    ("桥", "qiao"),
    ("井", "jing"),
    ("塘", "tang"),
)
_BACK = (("庄", "zhuang"), ("岗", "gang"), ("楼", "lou"), ("寨", "zhai"), ("营", "ying"), ("坪", "ping"))


@dataclass(frozen=True)
class Places:
    """Codes of the townships and of the areas in them, and every name (Chinese, English) by code."""

    townships: tuple[str, ...]
    urban: tuple[str, ...]
    rural: tuple[str, ...]
    names: Mapping[str, tuple[str, str]]

    @property
    def areas(self) -> tuple[str, ...]:
        return (*self.urban, *self.rural)


def places_of(size: str, pack: Pack) -> Places:
    """The places that the pack names; a larger city has more of them."""
    codes = (*_SMALL_TOWNSHIPS, *_SMALL_URBAN, *_SMALL_RURAL)
    names = {code: (pack.region_name(code, "zh"), pack.region_name(code, "en")) for code in codes}
    if size == "small":
        return Places(_SMALL_TOWNSHIPS, _SMALL_URBAN, _SMALL_RURAL, names)
    more = _more_names()
    townships = (*_SMALL_TOWNSHIPS, *(code for code in more if len(code) == len("419901103")))
    urban = [*_SMALL_URBAN, *(code for code in more if len(code) > len("419901103") and code.endswith("001"))]
    rural = [*_SMALL_RURAL, *(code for code in more if len(code) > len("419901103") and not code.endswith("001"))]
    return Places(townships, tuple(urban), tuple(rural), {**names, **more})


def write_divisions(path: Path, places: Places, pack: Pack) -> None:
    """Write the names that the pack doesn't have, as a bureau's own `divisions.yaml` for `--region-dir`."""
    known = set(pack.divisions())
    lines = ["# Names of the demonstration county's further townships and villages; all invented.", "divisions:"]
    lines += [
        f'  - {{code: "{code}", name: {{zh: {zh}, en: "{en}"}}}}'
        for code, (zh, en) in sorted(places.names.items())
        if code not in known
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _more_names() -> dict[str, tuple[str, str]]:
    """A community and villages in each further township; no two of one name."""
    found: dict[str, tuple[str, str]] = {}
    drawn = 0
    for code, zh, en in _MORE_TOWNSHIPS:
        found[code] = (zh, en)
        found[f"{code}001"] = (f"{zh[:2]}街社区", f"{en.split()[0]}jie Community")
        for place in range(2, 2 + _VILLAGES_IN_A_TOWNSHIP):
            # 37 has no factor in common with the number of names, so each is drawn once before any comes again.
            step = drawn * 37 % (len(_FRONT) * len(_MIDDLE) * len(_BACK))
            front, rest = _FRONT[step % len(_FRONT)], step // len(_FRONT)
            middle, back = _MIDDLE[rest % len(_MIDDLE)], _BACK[rest // len(_MIDDLE)]
            found[f"{code}{place:03d}"] = (
                f"{front[0]}{middle[0]}{back[0]}村",
                f"{front[1]}{middle[1]}{back[1]} Village",
            )
            drawn += 1
    return found
