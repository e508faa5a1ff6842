"""Two hundred ways in which a row of wages can be bad: what stands in a cell, and how its line is written."""

from collections.abc import Callable

from source_deliveries import WAGES_HEADER, wage_row

RECORD, NAME, ID, EMPLOYER, MONTH, KIND, GROSS, OWN = range(8)
Mutation = Callable[[int], bytes]

_LOST_LETTERS = ["\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\x85", "\ufffd", "\ue000", "\uf8ff"]
_FORMULAS = ["=HYPERLINK(A1)", "@SUM(A1)", "=1+1", "+cmd|' /C calc'!A0", "-2+3=1", "=张三", "-(1)"]
_NO_NUMBERS = ["NaN", "nan", "Infinity", "-inf", "1e3", "1E+3", "0x1f", "1_000", "١٢", "十元", "#N/A", "TRUE", "null"]
_NO_NUMBERS += ["1,00", ".5", "5.", "1 000", "1.2.3", "-", "12元3角", "约500", "1/2", "1;2", "²", "Ⅻ", "1'000"]

_IDENTITIES = ["", "1", "41990119700101", "4199０１", "٤١٩٩", "12345678901234567X", "419901190001019999", "NULL", "无"]
_IDENTITIES += ["4.19901E+17", "419901700101996", "4199011970010100170", "41990119700101001Ⅹ", "41990119700101001Χ"]
_IDENTITIES += ["41990119700101001Х", "41990119700101001*", "O19901197001010017", "419901 19700101 0017", "-4199"]
_MONTHS = ["", "2026-13", "202613", "10/2026", "2026-1-1", "1899-01", "2026-12", "2026年", "上月", "0000-00", "2026-00"]
_MONTHS += ["26-10", "2026-10-32", "20261", "2026.13", "二〇二六年十月", "Oct-2026", "2026-1O", "٢٠٢٦-١٠", "46296"]
_NAMES = [
    "",
    "　",
    "?",
    "张三?",
    "12",
    "张3",
    "<b>张三</b>",
    "=张三",
    "张" * 201,
    "É",
    "Привет",
    "张三；李四",
    "张三/李四",
]

BAD_TEXTS: dict[int, list[str]] = {
    RECORD: ["", " ", "x" * 41, *(f"a{letter}b" for letter in _LOST_LETTERS), *_FORMULAS],
    NAME: [*_NAMES, *(f"张{letter}三" for letter in _LOST_LETTERS)],
    ID: _IDENTITIES,
    EMPLOYER: ["厂" * 300, *_FORMULAS, *(f"清河{letter}厂" for letter in _LOST_LETTERS)],
    MONTH: _MONTHS,
    KIND: ["", "奖金", "wage", "养老金?", "1", "工资+养老金", "gongzi", "工 资"],
    GROSS: ["", "-1", "(5)", "1.234", "99999999", "1" * 30, "-0", "−5", "0.001", *_NO_NUMBERS],
    OWN: ["-0.01", "(1)", "9.999", "999999999", *_NO_NUMBERS],
}


def plain(number: int) -> bytes:
    """A good line."""
    return ",".join(wage_row(number)).encode("gb18030")


def _replaced(column: int, text: str) -> Mutation:
    def line(number: int) -> bytes:
        row = wage_row(number)
        row[column] = text
        return ",".join(row).encode("gb18030")

    return line


def _identity(change: Callable[[str], str]) -> Mutation:
    def line(number: int) -> bytes:
        row = wage_row(number)
        row[ID] = change(row[ID])
        return ",".join(row).encode("gb18030")

    return line


_LINES: dict[str, Mutation] = {
    "wrong check digit": _identity(lambda text: text[:17] + ("0" if text[17] != "0" else "1")),
    "check digit left out": _identity(lambda text: text[:17]),
    "two digits swapped": _identity(lambda text: text[:14] + str((int(text[14]) + 1) % 10) + text[15:]),
    "too few columns": lambda n: plain(n).rsplit(b",", 1)[0],
    "two columns": lambda n: b",".join(plain(n).split(b",")[:2]),
    "too many columns": lambda n: plain(n) + b",1",
    "an empty column more": lambda n: plain(n) + b",",
    "many too many": lambda n: plain(n) + b"," * 500,
    "one cell": lambda n: b"x%d" % n,
    "only delimiters": lambda n: b"," * 7,
    "only a blank": lambda n: b" ",
    "cut lead byte": lambda n: plain(n)[:12] + b"\x81" + b"," * 7,
    "cut at the end": lambda n: plain(n) + b"\x81",
    "bytes of no encoding": lambda n: plain(n).replace(b",", b",\xff\xff", 1),
    "written in UTF-8": lambda n: ",".join(wage_row(n)).encode("utf-8"),
    "written in UTF-16": lambda n: ",".join(wage_row(n)).encode("utf-16-le").replace(b"\n", b"x"),
    "NUL bytes": lambda n: plain(n)[:5] + b"\x00\x00" + plain(n)[5:],
    "only NUL bytes": lambda n: b"\x00" * 30,
    "open mark at the start": lambda n: b'"' + plain(n),
    "open mark in the middle": lambda n: plain(n).replace(b",", b',"', 2),
    "open mark at the end": lambda n: plain(n) + b'"',
    "mark inside": lambda n: plain(n).replace(b",", b',"a"b",', 1),
    "header again": lambda n: ",".join(WAGES_HEADER).encode("gb18030"),
    "far too long": lambda n: plain(n) + b"x" * 70_000,
    "a lone carriage return": _identity(lambda text: f"{text[:2]}\r{text[2:]}"),
    "tabs": lambda n: plain(n).replace(b",", b"\t"),
    "semicolons": lambda n: plain(n).replace(b",", b";"),
    "full-width commas": lambda n: ",".join(wage_row(n)).replace(",", "，").encode("gb18030"),
    "two rows on one line": lambda n: plain(n) + b"," + plain(n),
    "random bytes": lambda n: bytes((n * 7 + k * 31) % 223 + 33 for k in range(60)).replace(b",", b"x"),
    "columns shifted": lambda n: b"," + plain(n).rsplit(b",", 1)[0],
    "columns reversed": lambda n: b",".join(reversed(plain(n).split(b","))),
}
MUTATIONS: dict[str, Mutation] = {
    **{
        f"{WAGES_HEADER[column]}={text!r}": _replaced(column, text)
        for column, texts in BAD_TEXTS.items()
        for text in texts
    },
    **_LINES,
}
