"""One YAML file of a pack, read strictly, with the line of every entry.

The dialect is small on purpose: no anchors, no aliases, no tags, no duplicate keys, keys are always text. Only plain
`true`/`false`, `null`, whole numbers and dates become values; everything else, also `1.5` and `no`, stays text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from doudi.engine.values.errors import DoudiError

_LARGEST_BYTES = 1_000_000
_DEEPEST = 40
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PLAIN = {"true": True, "false": False, "null": None, "~": None, "": None}
_SHOWN_AT_MOST = 8

ModelT = TypeVar("ModelT", bound=BaseModel)
Entry = tuple[str | int, ...]
"""The keys and places that lead to an entry."""


class PackError(DoudiError):
    """A file of the pack is missing, unreadable, or says something that can't be."""

    code: ClassVar[str] = "DD-PACK-001"


@dataclass(frozen=True)
class Document:
    """A file of the pack: what it says, and on which line it says so."""

    path: Path
    relative: str
    data: dict[str, Any]
    lines: dict[Entry, int] = field(repr=False)

    def line_of(self, *keys: str | int) -> int:
        """The line on which an entry stands; of the nearest entry around it if there is none."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, 1)

    def where(self, *keys: str | int) -> str:
        """File and line of an entry, as errors name them."""
        return f"{self.relative} line {self.line_of(*keys)}"


def read_document(path: Path, relative: str | None = None) -> Document:
    """Read one YAML file; its top must be a mapping."""
    name = relative or path.name
    return decode_document(read_bytes(path, name), path=path, relative=name)


def read_bytes(path: Path, relative: str) -> bytes:
    """What a file holds, unless it is larger than any file of a pack may be."""
    try:
        size = path.stat().st_size
        if size > _LARGEST_BYTES:
            raise PackError(
                f"the file has {size} bytes; at most 1,000,000 are read.", advice="Split it.", where=relative
            )
        return path.read_bytes()
    except FileNotFoundError:
        raise PackError("there is no such file.", advice="Check its name.", where=relative) from None


def decode_document(content: bytes, *, path: Path, relative: str) -> Document:
    """Read YAML from bytes, which must be UTF-8."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise PackError("the file is not UTF-8.", advice="Save it as UTF-8.", where=relative) from None
    return parse_document(text, path=path, relative=relative)


def parse_document(text: str, *, path: Path, relative: str) -> Document:
    """Read YAML from text; `path` and `relative` only name it."""
    try:
        _refuse_anchors(text, relative)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = _line(mark)
        problem = getattr(error, "problem", None) or "it can't be parsed"
        raise PackError(f"the file is not valid YAML: {problem}.", where=f"{relative} line {line}") from None
    except RecursionError:
        raise PackError("the file is nested too deeply.", advice="Flatten it.", where=relative) from None
    lines: dict[Entry, int] = {}
    data = {} if node is None else _value(node, (), lines, relative)
    if not isinstance(data, dict):
        raise PackError("the top of the file must be a mapping.", advice="Begin with `name: value`.", where=relative)
    return Document(path, relative, data, lines)


def validate(document: Document, model: type[ModelT]) -> ModelT:
    """Check a file against its model. Every complaint names file, line and entry, and never quotes what stood there."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        complaints = [
            f"{document.where(*_known_part(document, item['loc']))}: "
            f"{'.'.join(str(part) for part in item['loc']) or 'the file'}: {item['msg']}"
            for item in found[:_SHOWN_AT_MOST]
        ]
        if len(found) > _SHOWN_AT_MOST:
            complaints.append(f"... and {len(found) - _SHOWN_AT_MOST} more")
        raise PackError("\n".join(complaints), advice="\nCorrect these entries.") from None


def _refuse_anchors(text: str, relative: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None) or getattr(event, "tag", None) or depth > _DEEPEST:
            raise PackError(
                f"anchors, aliases, tags and nesting deeper than {_DEEPEST} are not read.",
                advice="Write the value out.",
                where=f"{relative} line {_line(event.start_mark)}",
            )


def _value(node: yaml.Node, path: Entry, lines: dict[Entry, int], relative: str) -> Any:
    lines.setdefault(path, _line(node.start_mark))
    if isinstance(node, yaml.MappingNode):
        return dict(_entries(node, path, lines, relative))
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, place), lines, relative) for place, item in enumerate(node.value)]
    return node.value if isinstance(node, yaml.ScalarNode) and node.style else _scalar(node, relative)


def _entries(node: yaml.MappingNode, path: Entry, lines: dict[Entry, int], relative: str) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        where = f"{relative} line {_line(key_node.start_mark)}"
        if not isinstance(key_node, yaml.ScalarNode):
            raise PackError("a key must be a plain text.", where=where)
        key = key_node.value
        if key in seen:
            raise PackError(f"the key {key} stands twice.", advice="Keep one of the two.", where=where)
        seen.add(key)
        lines[(*path, key)] = _line(key_node.start_mark)
        yield key, _value(value_node, (*path, key), lines, relative)


def _scalar(node: yaml.Node, relative: str) -> str | int | bool | date | None:
    text: str = node.value
    if text in _PLAIN:
        return _PLAIN[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            where = f"{relative} line {_line(node.start_mark)}"
            raise PackError("there is no such day.", advice="Write year-month-day.", where=where) from None
    return text


def _line(mark: object) -> int:
    """YAML marks count lines from 0; some errors carry none."""
    line = getattr(mark, "line", 0)
    return int(line) + 1


def _known_part(document: Document, location: Entry) -> Entry:
    """The longest part of pydantic's location that stands in the file; it adds steps of its own, such as union tags."""
    known: Entry = ()
    for part in location:
        if (*known, part) in document.lines:
            known = (*known, part)
    return known
