"""The places of the city: townships, urban communities and villages, all of invented names."""

from collections.abc import Mapping, Sequence
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
# Further parts of a city have fewer and larger townships than its first.
_TOWNSHIPS_IN_A_PART = 4
_COMMUNITIES_THERE, _VILLAGES_THERE = 6, 24
_TOWNS, _RURAL_TOWNSHIPS = range(108, 200), range(206, 300)
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
_TOWNSHIP_FRONT = (
    ("清", "Qing"), ("安", "An"), ("长", "Chang"), ("永", "Yong"), ("新", "Xin"), ("金", "Jin"),
    ("兴", "Xing"), ("嘉", "Jia"), ("瑞", "Rui"), ("丰", "Feng"), ("宁", "Ning"), ("泰", "Tai"),
)  # fmt: skip
_TOWNSHIP_BACK = (
    ("泉", "quan"), ("溪", "xi"), ("峰", "feng"), ("湖", "hu"), ("坡", "po"), ("林", "lin"),
    ("川", "chuan"), ("亭", "ting"), ("洼", "wa"), ("陵", "ling"),
)  # fmt: skip
_ORDER = "一二三四五六"


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


def places_of(size: str, pack: Pack, part: int = 0) -> Places:
    """The places of one part of the city: those that the pack names, in a larger city more, in further parts others.

    No two parts share a place. In a part no two villages have one name; villages of two parts may.
    """
    return _further_part(part) if part else _first_part(size, pack)


def all_places(parts: Sequence[Places]) -> Places:
    """The places of all parts together."""
    names = {code: name for places in parts for code, name in places.names.items()}
    return Places(
        tuple(code for places in parts for code in places.townships),
        tuple(code for places in parts for code in places.urban),
        tuple(code for places in parts for code in places.rural),
        names,
    )


def _first_part(size: str, pack: Pack) -> Places:
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


def _further_part(part: int) -> Places:
    county = _SMALL_TOWNSHIPS[0][:6]
    names: dict[str, tuple[str, str]] = {}
    townships, urban, rural = [], [], []
    for place in range(_TOWNSHIPS_IN_A_PART):
        count = (part - 1) * _TOWNSHIPS_IN_A_PART + place
        is_town = count < len(_TOWNS)
        number = _TOWNS[count] if is_town else _RURAL_TOWNSHIPS[count - len(_TOWNS)]
        code = f"{county}{number}"
        zh, en = _township_name(count)
        names[code] = (f"{zh}镇", f"{en} Town") if is_town else (f"{zh}乡", f"{en} Township")
        townships.append(code)
        for step in range(1, 1 + _COMMUNITIES_THERE + _VILLAGES_THERE):
            area = f"{code}{step:03d}"
            if step <= _COMMUNITIES_THERE:
                names[area] = (f"{zh}{_ORDER[step - 1]}社区", f"{en} Community {step}")
                urban.append(area)
            else:
                names[area] = _village_name(count * _VILLAGES_THERE + step - _COMMUNITIES_THERE - 1)
                rural.append(area)
    return Places(tuple(townships), tuple(urban), tuple(rural), names)


def _township_name(count: int) -> tuple[str, str]:
    front, back = _TOWNSHIP_FRONT[count % len(_TOWNSHIP_FRONT)], _TOWNSHIP_BACK[count // len(_TOWNSHIP_FRONT)]
    return front[0] + back[0], front[1] + back[1]


def _village_name(drawn: int) -> tuple[str, str]:
    # 37 has no factor in common with the number of names, so each is drawn once before any comes again.
    step = drawn * 37 % (len(_FRONT) * len(_MIDDLE) * len(_BACK))
    front, rest = _FRONT[step % len(_FRONT)], step // len(_FRONT)
    middle, back = _MIDDLE[rest % len(_MIDDLE)], _BACK[rest // len(_MIDDLE)]
    return f"{front[0]}{middle[0]}{back[0]}村", f"{front[1]}{middle[1]}{back[1]} Village"


def _more_names() -> dict[str, tuple[str, str]]:
    """A community and villages in each further township; no two of one name."""
    found: dict[str, tuple[str, str]] = {}
    drawn = 0
    for code, zh, en in _MORE_TOWNSHIPS:
        found[code] = (zh, en)
        found[f"{code}001"] = (f"{zh[:2]}街社区", f"{en.split()[0]}jie Community")
        for place in range(2, 2 + _VILLAGES_IN_A_TOWNSHIP):
            found[f"{code}{place:03d}"] = _village_name(drawn)
            drawn += 1
    return found
