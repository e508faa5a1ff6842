"""An invented map 示意图 of the county: townships that share their borders, and their villages as points."""

import json
import math
import random
from pathlib import Path
from typing import Any

from doudi.demo.places import Places

_CENTRE = (113.5, 33.0)
_RADIUS_DEGREES = 0.16
_POINTS_ON_A_SIDE = 7

Point = tuple[float, float]


def write_map(path: Path, places: Places, seed: int) -> None:
    """Write GeoJSON: a polygon for each township, a point for each village. It resembles no real place."""
    rng = random.Random(f"{seed}:map")
    count, names = len(places.townships), places.names
    calm = min(1.0, 3 / count)  # many townships lie close: their borders may not wander far
    hub = _point(rng.uniform(0, 0.1), rng.uniform(0, 2 * math.pi))
    angles = [2 * math.pi * place / count + calm * rng.uniform(-0.2, 0.2) for place in range(count)]
    spokes = [[hub, *_spoke(rng, angle, calm)] for angle in angles]
    features: list[dict[str, Any]] = []
    for place, code in enumerate(places.townships):
        after = (place + 1) % count
        start, end = angles[place], angles[after] + (2 * math.pi if after == 0 else 0)
        rim = _rim(rng, start, end)
        ring = [*spokes[place], *rim, *reversed(spokes[after])]
        ring[-1] = ring[0]
        features.append(
            _feature(code, names[code], {"type": "Polygon", "coordinates": [[list(point) for point in ring]]})
        )
        villages = [area for area in places.areas if area.startswith(code)]
        for step, village in enumerate(villages, start=1):
            angle = start + (end - start) * step / (len(villages) + 1)
            spot = _point(rng.uniform(0.45, 0.7), angle)
            features.append(_feature(village, names[village], {"type": "Point", "coordinates": list(spot)}))
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _feature(code: str, name: tuple[str, str], geometry: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "zh": name[0], "en": name[1]}, "geometry": geometry}


def _point(share: float, angle: float) -> Point:
    lon, lat = _CENTRE
    return (
        round(lon + _RADIUS_DEGREES * share * math.cos(angle), 5),
        round(lat + _RADIUS_DEGREES * share * math.sin(angle) * 0.85, 5),
    )


def _spoke(rng: random.Random, angle: float, calm: float) -> list[Point]:
    """The border between two townships, from near the hub to the rim."""
    inner = [_point(0.25 + 0.75 * step / 4, angle + calm * rng.uniform(-0.12, 0.12)) for step in range(4)]
    return [*inner, _point(1.0, angle)]


def _rim(rng: random.Random, start: float, end: float) -> list[Point]:
    steps = range(1, _POINTS_ON_A_SIDE)
    return [_point(rng.uniform(0.85, 1.1), start + (end - start) * step / _POINTS_ON_A_SIDE) for step in steps]
