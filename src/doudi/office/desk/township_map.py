"""A map of townships drawn on the server from the bureau's own GeoJSON (示意图): plain SVG, no script, no outside tile.

The file has a feature for each township: a Polygon or MultiPolygon with its nine-digit division code in
`properties.code`. Other features are left out. A township is shaded by one of five steps; its number is written on it,
so that nothing is told by colour alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from doudi.engine.values.errors import DoudiError

BYTES_MAX = 8_000_000
WIDTH = 1000
STEPS = 5

Point = tuple[float, float]


class MapError(DoudiError):
    """The bureau's map can't be read."""

    code: ClassVar[str] = "DD-MAP-001"


@dataclass(frozen=True)
class Township:
    """One township on the picture: its outline as an SVG path, and where its number is written."""

    code: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class TownshipMap:
    """The picture's size and its townships."""

    width: int
    height: int
    townships: tuple[Township, ...]


def read_map(path: Path) -> TownshipMap | None:
    """The map, or None where the bureau has none. Read again when the file is another one."""
    if not path.is_file():
        return None
    about = path.stat()
    if about.st_size > BYTES_MAX:
        raise MapError("the map is too large.", advice="Simplify its outlines to under 8 MB.", where=path.name)
    return _read(path, about.st_mtime_ns)


def step_of(count: int, most: int) -> int:
    """0 for none, else 1 to 5 by fifths of the largest number."""
    return 0 if count == 0 else min(STEPS, 1 + (count - 1) * STEPS // most)


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> TownshipMap:
    try:
        features = json.loads(path.read_text("utf-8"))["features"]
        outlines = dict(_outlines(features))
        points = [point for rings in outlines.values() for ring in rings for point in ring]
        left, right = min(x for x, _ in points), max(x for x, _ in points)
        bottom, top = min(y for _, y in points), max(y for _, y in points)
        scale = WIDTH / (right - left)
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError, RecursionError):
        raise MapError(
            "the map can't be read.",
            advice="Give GeoJSON with a Polygon and a nine-digit properties.code for each township.",
            where=path.name,
        ) from None

    def placed(point: Point) -> tuple[int, int]:
        return round((point[0] - left) * scale), round((top - point[1]) * scale * 1.15)

    townships = []
    for code, rings in sorted(outlines.items()):
        drawn = [[placed(point) for point in ring] for ring in rings]
        x, y = _middle(max(drawn, key=len))
        townships.append(Township(code, " ".join(_path(ring) for ring in drawn), x, y))
    return TownshipMap(WIDTH, round((top - bottom) * scale * 1.15), tuple(townships))


def _outlines(features: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[list[Point]]]]:
    for feature in features:
        code, shape = str(feature["properties"].get("code", "")), feature["geometry"]
        if len(code) != 9 or not code.isdigit() or shape["type"] not in ("Polygon", "MultiPolygon"):
            continue
        polygons = [shape["coordinates"]] if shape["type"] == "Polygon" else shape["coordinates"]
        yield code, [[(float(x), float(y)) for x, y, *_ in ring] for polygon in polygons for ring in polygon]


def _path(ring: Sequence[tuple[int, int]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in ring) + "Z"


def _middle(ring: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The centre of gravity of an outline."""
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)
    if twice == 0:
        return ring[0]
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (3 * twice)
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in pairs) / (3 * twice)
    return round(x), round(y)
