"""Contracts of the road speeds measured from signaling: sections of main roads, and their speeds by hour."""

from __future__ import annotations

from models.contracts.column import Column, Contract
from models.contracts.population import DAYTYPES, DEVICES, HOUR, PERIOD, SUPPRESSED

ROAD_DIRECTIONS = ("forward", "backward")
"""Along the line of the road from its kilometre 0, and against it."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""Days of the week (星期); a day that the city's calendar moves counts to its type of day only."""

DAY = Column("daytype", "str", "type of day, or day of the week of usual days", allowed=(*DAYTYPES, *WEEKDAYS))
SECTION_ID = Column("section_id", "str", "code of the section and direction")
ROAD_ID = Column("road_id", "str", "code of the road the section belongs to")


def _kmh(name: str, description: str) -> Column:
    return Column(name, "float", description, "km/h", nullable=True, minimum=0)


ROAD_PRODUCTS = (
    Contract(
        "road_sections",
        "product",
        "one section of a main road in one direction, as long as the spacing of handovers allows (路段)",
        (
            PERIOD,
            SECTION_ID,
            ROAD_ID,
            Column("name", "str", "name of the road"),
            Column("road_class", "str", "class of the road"),
            Column("direction", "str", "along the road or against it", allowed=ROAD_DIRECTIONS),
            Column("from_km", "float", "where it begins, from the start of the road", "km", minimum=0),
            Column("to_km", "float", "where it ends, from the start of the road", "km", minimum=0),
            Column("length_m", "float", "length in the working CRS", "m", minimum=0),
            Column("geometry", "geometry", "line in the direction of travel", geometry_types=("LineString",)),
        ),
        ("period", "section_id"),
    ),
    Contract(
        "road_speeds",
        "product",
        "space-mean speed of one road section at one hour of one type of day or day of the week (路段车速)",
        (
            PERIOD,
            SECTION_ID,
            ROAD_ID,
            DAY,
            HOUR,
            _kmh("speed_kmh", "space-mean speed; missing where suppressed"),
            _kmh("low", "lower end of the 90 % interval of the speed"),
            _kmh("high", "upper end of the 90 % interval of the speed"),
            _kmh("free_flow_kmh", "speed of free flow, from the nights; missing where too few drive at night"),
            Column("tti", "float", "travel time index: free-flow speed over speed", nullable=True, minimum=0),
            Column("jam", "bool", "True where the index reaches that of a jam", nullable=True),
            DEVICES,
            SUPPRESSED,
        ),
        ("period", "section_id", "daytype", "hour"),
    ),
)
