"""Where localities lie to each other. Coordinates are those of the city, never of a person or a shelter."""

from dataclasses import dataclass
from functools import cache
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

from shared import codes

EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class Place:
    """A locality with its neighbours, nearest first, and their distance in km."""

    code: str
    country: str
    timezone: ZoneInfo
    neighbours: tuple[tuple[str, float], ...]


@cache
def places() -> dict[str, Place]:
    """Every locality of the code list."""
    known = codes.load("localities")
    found = {}
    for code, one in known.items():
        near = [
            (other, _kilometres(one, known[other])) for other in one.several("neighbours") if other in known
        ]
        found[code] = Place(
            code,
            one.fact("country"),
            ZoneInfo(one.fact("timezone")),
            tuple(sorted(near, key=lambda pair: pair[1])),
        )
    return found


@cache
def default_timezone(country: str) -> ZoneInfo:
    """The time zone of the country's first locality, for one that is not in the list."""
    zones = [place.timezone for place in places().values() if place.country == country]
    return zones[0] if zones else ZoneInfo("America/Bogota")


def _kilometres(one: codes.Code, other: codes.Code) -> float:
    lat1, lon1, lat2, lon2 = (
        radians(float(place.fact(axis))) for place in (one, other) for axis in ("latitude", "longitude")
    )
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return round(2 * EARTH_KM * asin(sqrt(half)), 1)
