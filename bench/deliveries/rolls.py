"""A roll of benefits as a department might send it: ten columns; one row in twenty is bad in one of thirty ways.

openIMIS can check four of the columns: whole numbers, telephone numbers and uniqueness. The six ways of `UNCUTTABLE`
make a line that is no row of ten cells; pandas would refuse the whole file for some of them.
"""

import random
from collections.abc import Callable, Iterator

from doudi.engine.sources import Contract
from doudi.engine.values.identity import check_digit

HEADER = (
    "流水号",
    "姓名",
    "证件号码",
    "单位名称",
    "所属月份",
    "类别",
    "应发金额(元)",
    "共同生活人数",
    "缴费月数",
    "联系电话",
)
RECORD, NAME, ID, EMPLOYER, MONTH, KIND, GROSS, PEOPLE, MONTHS_PAID, PHONE = range(10)
BAD_EVERY = 20
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"
_EMPLOYERS = [
    f"示范{place}{trade}" for place in ("县", "市", "镇", "城关") for trade in ("农机厂", "印刷厂", "小学", "环卫所")
]
_KINDS = {"工资": "wage", "养老金": "pension", "失业金": "unemployment"}


def _label(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def contract(file_format: str = "csv") -> Contract:
    """What the department agreed to deliver."""
    money = {"type": "money", "unit": "yuan", "max": 1_000_000}
    kinds = {
        "record_no": {"type": "text", "length_max": 40},
        "name": {"type": "name"},
        "id_number": {"type": "id_number"},
        "employer": {"type": "text", "required": False},
        "month": {"type": "month", "earliest": "2000-01-01"},
        "kind": {"type": "code", "codes": _KINDS},
        "gross": money,
        "people": {"type": "count", "min": 1, "max": 30},
        "months_paid": {"type": "count", "max": 600},
        "phone": {"type": "phone"},
    }
    columns = {
        name: {"headers": [header], "label": _label(header, name), **kind}
        for (name, kind), header in zip(kinds.items(), HEADER, strict=True)
    }
    return Contract.model_validate(
        {
            "id": "roll",
            "label": _label("名册", "Roll"),
            "department": _label("示例局", "Example bureau"),
            "files": f"名册_*.{file_format}",
            "format": file_format,
            "each_row": _label("一人一月", "One person, one month"),
            "absent_row": {"means": "unknown", "label": _label("不说明", "Nothing")},
            "coverage": {"months": 12},
            "freshness_days": 62,
            "drift": {"of_last_min_percent": 70},
            "key": ["record_no"],
            "columns": columns,
        },
        strict=False,
    )


def good_row(number: int, rng: random.Random) -> list[str]:
    """A row without fault; every number gives another one."""
    born = f"{rng.randint(1950, 2005)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    head = f"419901{born}{rng.randint(1, 998):03d}"
    return [
        f"L{number:08d}",
        rng.choice(_SURNAMES) + rng.choice(_GIVEN) + rng.choice(("", *_GIVEN)),
        head + check_digit(head),
        rng.choice(_EMPLOYERS),
        f"2026-{rng.randint(1, 10):02d}",
        rng.choice(list(_KINDS)),
        f"{rng.randint(50, 9000)}.{rng.randint(0, 99):02d}",
        str(rng.randint(1, 7)),
        str(rng.randint(0, 480)),
        f"+86199{rng.randint(0, 99_999_999):08d}",
    ]


def _cell(column: int, text: str) -> Callable[[list[str]], list[str]]:
    return lambda row: [*row[:column], text, *row[column + 1 :]]


def _wrong_check_digit(row: list[str]) -> list[str]:
    return _cell(ID, row[ID][:17] + ("0" if row[ID][17] != "0" else "1"))(row)


BAD_CELLS: dict[str, Callable[[list[str]], list[str]]] = {
    "record number too long": lambda row: _cell(RECORD, row[RECORD] + "x" * 40)(row),
    "formula": lambda row: _cell(RECORD, f"={row[RECORD]}(A1)")(row),
    "no name": _cell(NAME, ""),
    "digits in a name": _cell(NAME, "张3"),
    "control character": _cell(NAME, "张\x07三"),
    "short identity number": _cell(ID, "4199011990010100"),
    "wrong check digit": _wrong_check_digit,
    "Cyrillic X": lambda row: _cell(ID, row[ID][:17] + "Х")(row),
    "impossible birth": _cell(ID, "419901199002310018"),
    "employer too long": _cell(EMPLOYER, "厂" * 201),
    "thirteenth month": _cell(MONTH, "2026-13"),
    "month to come": _cell(MONTH, "2027-03"),
    "month in words": _cell(MONTH, "上个月"),
    "unknown kind": _cell(KIND, "奖金"),
    "not a number": _cell(GROSS, "NaN"),
    "scientific notation": _cell(GROSS, "1e3"),
    "negative amount": _cell(GROSS, "-5.00"),
    "absurd amount": _cell(GROSS, "99999999"),
    "parts of a fen": _cell(GROSS, "12.345"),
    "people in words": _cell(PEOPLE, "二"),
    "half a person": _cell(PEOPLE, "3.5"),
    "months in words": _cell(MONTHS_PAID, "十二"),
    "short telephone number": _cell(PHONE, "12"),
    "telephone in words": _cell(PHONE, "无电话"),
}
UNCUTTABLE: dict[str, Callable[[str], bytes]] = {
    "bytes of no encoding": lambda line: line.encode("gb18030").replace(b",", b",\xff\xff", 1),
    "written in UTF-8": lambda line: line.encode("utf-8"),
    "NUL bytes": lambda line: line.encode("gb18030")[:5] + b"\0\0" + line.encode("gb18030")[5:],
    "too few columns": lambda line: line.rsplit(",", 1)[0].encode("gb18030"),
    "too many columns": lambda line: f"{line},1,2".encode("gb18030"),
    "open mark": lambda line: line.replace(",", ',"', 1).encode("gb18030"),
}
WAYS = (*BAD_CELLS, *UNCUTTABLE)


def rows(count: int, seed: int) -> Iterator[tuple[list[str], str]]:
    """So many rows with the way in which each is bad, or "". A contradiction has the key of the row before."""
    rng = random.Random(seed)
    last = ""
    for number in range(1, count + 1):
        row = good_row(number, rng)
        way = ""
        if number % BAD_EVERY == 0:
            turn = number // BAD_EVERY % (len(WAYS) + 1)
            way = WAYS[turn] if turn < len(WAYS) else "contradiction"
        if way in BAD_CELLS:
            row = BAD_CELLS[way](row)
        elif way == "contradiction":
            row[RECORD] = last
        last = row[RECORD]
        yield row, way


def csv_lines(count: int, seed: int) -> Iterator[tuple[bytes, str]]:
    """Lines in GB18030, with their way of being bad."""
    for row, way in rows(count, seed):
        line = ",".join(row)
        yield (UNCUTTABLE[way](line) if way in UNCUTTABLE else line.encode("gb18030")), way
