"""A pack's file is read strictly, and every complaint names its file and line."""

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doudi.engine.pack.citation import Citation, Label, Strict
from doudi.engine.pack.document import Document, PackError, parse_document, read_document, validate


def read(text: str) -> Document:
    return parse_document(text, path=Path("a.yaml"), relative="dibao/a.yaml")


def test_only_plain_words_become_values() -> None:
    document = read(
        "a: true\nb: no\nc: 12\nd: 012\ne: 1.5\nf: 2026-07-01\ng: '12'\nh: ~\ni:\nj: 1e3\nk: 12:30\nl: 1_000\n"
    )
    assert document.data == {
        "a": True,
        "b": "no",
        "c": 12,
        "d": "012",
        "e": "1.5",
        "f": date(2026, 7, 1),
        "g": "12",
        "h": None,
        "i": None,
        "j": "1e3",
        "k": "12:30",
        "l": "1_000",
    }


def test_keys_are_text_also_when_they_look_like_numbers() -> None:
    assert read("41: a\n2026-01-01: b\ntrue: c\n").data == {"41": "a", "2026-01-01": "b", "true": "c"}


def test_every_entry_knows_its_line() -> None:
    document = read("a: 1\nb:\n  c:\n    - d: 2\n    - d: 3\n")
    assert [document.line_of("a"), document.line_of("b", "c"), document.line_of("b", "c", 1, "d")] == [1, 3, 5]
    assert document.line_of("b", "c", 1, "missing") == 5
    assert document.where("b") == "dibao/a.yaml line 2"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a: 1\na: 2\n", "line 2.*stands twice"),
        ("a: {b: 1, b: 2}\n", "stands twice"),
        ("a: &x [1]\nb: *x\n", "line 1: anchors"),
        ("a: !!python/object:os.system ls\n", "anchors, aliases, tags"),
        ("a: [1\n", "not valid YAML"),
        ("- 1\n", "must be a mapping"),
        ("a: 2026-02-30\n", "no such day"),
        ("? [1, 2]\n: 3\n", "plain text"),
        ("a: " + "[" * 60 + "]" * 60 + "\n", "nesting deeper"),
        ("a: 1\n---\nb: 2\n", "not valid YAML"),
        ("a: \x00\n", "not valid YAML"),
    ],
)
def test_what_could_mislead_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(PackError, match=complaint) as caught:
        read(text)
    assert "dibao/a.yaml" in str(caught.value)


def test_a_bomb_of_aliases_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(PackError, match="anchors"):
        read("\n".join(lines))


def test_a_file_too_large_or_not_utf8_or_missing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    with pytest.raises(PackError, match="no such file"):
        read_document(path)
    path.write_bytes(b"a: \xff\n")
    with pytest.raises(PackError, match="UTF-8"):
        read_document(path)
    path.write_bytes(b"#" * 1_000_001)
    with pytest.raises(PackError, match="1,000,000"):
        read_document(path)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    # Any other error than a PackError would fail the test.
    with contextlib.suppress(PackError):
        assert isinstance(read(text).data, dict)


class _Sample(Strict):
    name: Label
    citation: Citation
    amount: int


GOOD = """\
name: {zh: 低保, en: dibao}
citation: {instrument: 最低生活保障审核确认办法, article: 第二十条, document_number: 民发〔2021〕57号, mark: V}
amount: 3
"""


def test_a_good_file_becomes_its_model() -> None:
    sample = validate(read(GOOD), _Sample)
    assert sample.name.in_language("zh-hans") == "低保"
    assert sample.name.in_language("en") == "dibao"
    assert str(sample.citation) == "《最低生活保障审核确认办法》（民发〔2021〕57号）第二十条"


def test_complaints_name_the_line_and_never_quote_the_value() -> None:
    bad = GOOD.replace("amount: 3", "amount: 张三\nextra: 李四").replace("mark: V", "mark: Z")
    with pytest.raises(PackError) as caught:
        validate(read(bad), _Sample)
    text = str(caught.value)
    assert "dibao/a.yaml line 3: amount" in text
    assert "dibao/a.yaml line 2: citation.mark" in text
    assert "dibao/a.yaml line 4: extra" in text
    assert "张三" not in text
    assert "李四" not in text
