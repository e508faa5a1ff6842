"""Lines are cut, decoded and told apart by the block just as one by one."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from doudi.engine.sources.encoding import Encoding, find_foreign_lines, is_foreign_line, to_utf8
from doudi.engine.sources.lines import Lines

pieces = st.one_of(
    st.binary(max_size=6),
    st.text("张三赵é٣𠮷䶮a1, ", max_size=6).map(lambda text: text.encode("gb18030")),
    st.text("张三赵é٣𠮷䶮a1, ", max_size=6).map(lambda text: text.encode("utf-8")),
    st.sampled_from([b"\x81", b"\x810", b"\x810\x81", b"\xff", b"\xe5\xbc", b"\r", b'"', b"\x00"]),
)
line = st.lists(pieces, max_size=5).map(lambda found: b"".join(found).replace(b"\n", b""))


def one_by_one(lines: list[bytes], encoding: Encoding) -> tuple[bytes, list[bool]]:
    kept, is_valid = b"", []
    for content in lines:
        try:
            kept += (content + b"\n").decode(encoding).encode("utf-8")
            is_valid.append(True)
        except UnicodeError:
            is_valid.append(False)
    return kept, is_valid


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@given(lines=st.lists(line, min_size=1, max_size=12))
@example(lines=[b"\x810", b"a"])
@example(lines=[b"a", b"\x81"])
@settings(max_examples=150, deadline=None)
def test_a_block_is_decoded_as_its_lines_are_and_only_the_bad_ones_fall_out(
    encoding: Encoding, lines: list[bytes]
) -> None:
    buffer = b"".join(content + b"\n" for content in lines)
    starts = np.cumsum([0, *(len(content) + 1 for content in lines)])[:-1]
    text, is_valid = to_utf8(buffer, starts, encoding)
    assert (text, is_valid.tolist()) == one_by_one(lines, encoding)


@given(st.lists(line, min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_lines_of_another_encoding_are_found_as_one_by_one(lines: list[bytes]) -> None:
    buffer = b"".join(content + b"\n" for content in lines)
    cut = Lines.cut(buffer, ending=ord("\n"), delimiter=ord(","))
    found = find_foreign_lines(buffer, cut.starts, cut.stops)
    assert found.tolist() == [is_foreign_line(content) for content in lines]


@given(st.lists(line, max_size=12), st.sampled_from([b"\n", b"\r\n"]))
@settings(max_examples=150, deadline=None)
def test_a_block_is_cut_into_its_lines_and_each_is_counted(lines: list[bytes], ending: bytes) -> None:
    buffer = b"".join(content + ending for content in lines)
    cut = Lines.cut(buffer, ending=ord("\n"), delimiter=ord(","))
    assert [cut.content(place, place) for place in range(len(cut))] == (
        [content.removesuffix(b"\r") for content in lines] if ending == b"\n" else lines
    )
    assert cut.delimiters.tolist() == [content.count(b",") for content in lines]
    assert cut.count(ord('"')).tolist() == [content.count(b'"') for content in lines]
    is_odd = np.arange(len(lines)) % 2 == 1
    assert cut.only(is_odd) == b"".join(content + ending for content in lines[1::2])
