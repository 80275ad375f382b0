"""Contracts of what leaves the signaling kernel: protected sums, each with the devices behind it and an interval."""

from __future__ import annotations

from dataclasses import replace

from models.contracts.column import Column, Contract
from models.contracts.products import AREA, H3, RESOLUTION

DAYTYPES = ("workday", "weekend")
ORIGIN_CLASSES = ("international", "inter_provincial", "intra_city", "intra_district")
"""Where migrants and visitors come from (境外, 省际, 市内, 区内)."""
PURPOSES = ("commute", "return", "other")

PERIOD = Column("period", "str", "name of the period, such as 2015")
DAYTYPE = Column("daytype", "str", "type of day", allowed=DAYTYPES)
HOUR = Column("hour", "int", "local hour of day that begins then", minimum=0, maximum=23)
PERSONS = Column("persons", "float", "estimated persons; missing where suppressed", "person", nullable=True, minimum=0)
LOW = Column("low", "float", "lower end of the 90 % interval", "person", nullable=True, minimum=0)
HIGH = Column("high", "float", "upper end of the 90 % interval", "person", nullable=True, minimum=0)
DEVICES = Column(
    "devices",
    "int",
    "distinct devices observed; missing where suppressed",
    nullable=True,
    minimum=0,
    sensitivity="restricted",
)
SUPPRESSED = Column(
    "suppressed", "bool", "True where too few devices stand behind the value, or it would give one away"
)
ROLE = Column("role", "str", "lives there, or works there", allowed=("resident", "worker", "short_stay"))
ZONE_LEVEL = Column("area_level", "str", "level of both areas", allowed=("district", "town"))
_ESTIMATE = (PERSONS, LOW, HIGH, DEVICES, SUPPRESSED)


def _area(name: str, description: str) -> Column:
    return Column(name, "str", description)


def _people(name: str, description: str) -> Column:
    return replace(PERSONS, name=name, description=description)


POPULATION_PRODUCTS = (
    Contract(
        "present_by_hour",
        "product",
        "people present in one H3 cell at one hour of one type of day (现有人口)",
        (PERIOD, H3, RESOLUTION, DAYTYPE, HOUR, *_ESTIMATE),
        ("period", "h3", "daytype", "hour"),
    ),
    Contract(
        "residents_by_hex",
        "product",
        "people who live or work in one H3 cell (常住人口, 就业人口)",
        (
            PERIOD,
            H3,
            RESOLUTION,
            ROLE,
            *_ESTIMATE,
        ),
        ("period", "h3", "role"),
    ),
    Contract(
        "people_by_area",
        "product",
        "people who live or work in one town, district or the city: sums of the finest hexagons (常住人口, 就业人口)",
        (PERIOD, *AREA, ROLE, *_ESTIMATE),
        ("period", "area_code", "area_level", "role"),
    ),
    Contract(
        "jobs_housing",
        "product",
        "jobs and working residents of one area (职住关系)",
        (
            PERIOD,
            *AREA,
            _people("working_residents", "residents with a workplace"),
            _people("jobs", "people who work in the area"),
            _people("both", "residents who work in the area"),
            Column("jobs_housing_ratio", "float", "jobs over working residents", nullable=True, minimum=0),
            Column("self_containment", "float", "both over working residents", nullable=True, minimum=0, maximum=1),
            Column("job_self_sufficiency", "float", "both over jobs", nullable=True, minimum=0, maximum=1),
            Column("mean_distance_km", "float", "mean way to work", "km", nullable=True, minimum=0),
            DEVICES,
            SUPPRESSED,
        ),
        ("period", "area_code", "area_level"),
    ),
    Contract(
        "commute_flows",
        "product",
        "commuters from the area they live in to the area they work in (通勤)",
        (
            PERIOD,
            _area("from_code", "area of the home"),
            _area("to_code", "area of the workplace"),
            ZONE_LEVEL,
            *_ESTIMATE,
        ),
        ("period", "from_code", "to_code", "area_level"),
    ),
    Contract(
        "trips_by_hour",
        "product",
        "journeys between two areas by hour, purpose and type of day (出行)",
        (
            PERIOD,
            _area("from_code", "area of origin"),
            _area("to_code", "area of destination"),
            ZONE_LEVEL,
            DAYTYPE,
            HOUR,
            Column("purpose", "str", "where the journey leads", allowed=PURPOSES),
            PERSONS,
            DEVICES,
            SUPPRESSED,
        ),
        ("period", "from_code", "to_code", "area_level", "daytype", "hour", "purpose"),
    ),
    Contract(
        "migration_flows",
        "product",
        "people who moved into or out of one area between two periods (迁入, 迁出)",
        (
            Column("period_from", "str", "name of the earlier period"),
            Column("period_to", "str", "name of the later period"),
            *AREA,
            Column("direction", "str", "into or out of the area", allowed=("in", "out")),
            Column("origin_class", "str", "where they came from or went", allowed=ORIGIN_CLASSES),
            Column("other_code", "str", "area at the other end, where it lies in the city", nullable=True),
            *_ESTIMATE,
        ),
        ("period_from", "period_to", "area_code", "area_level", "direction", "origin_class", "other_code"),
    ),
    Contract(
        "migration_origins",
        "product",
        "people who moved into or out of the city by the province or district at the other end (迁入来源, 迁出去向)",
        (
            Column("period_from", "str", "name of the earlier period"),
            Column("period_to", "str", "name of the later period"),
            Column("direction", "str", "into or out of the city", allowed=("in", "out")),
            Column("origin_class", "str", "where they came from or went", allowed=ORIGIN_CLASSES),
            Column("region_code", "str", "two digits of a province, or six of a district of the own one"),
            Column("lon", "float", "longitude of the region", "degree", nullable=True),
            Column("lat", "float", "latitude of the region", "degree", nullable=True),
            PERSONS,
            LOW,
            HIGH,
            DEVICES,
        ),
        ("period_from", "period_to", "direction", "origin_class", "region_code"),
    ),
    Contract(
        "migration_balance",
        "product",
        "balance of the residents of one area between two periods, with its residual",
        (
            Column("period_from", "str", "name of the earlier period"),
            Column("period_to", "str", "name of the later period"),
            *AREA,
            _people("residents_from", "residents in the earlier period"),
            _people("residents_to", "residents in the later period"),
            _people("moved_in", "people who moved in"),
            _people("moved_out", "people who moved out"),
            Column("births", "float", "births, where the city records them", "person", nullable=True, minimum=0),
            Column("deaths", "float", "deaths, where the city records them", "person", nullable=True, minimum=0),
            Column("unexplained", "float", "what the balance leaves over", "person", nullable=True),
            Column("net_rate", "float", "net migration over mean residents", nullable=True),
            Column("effectiveness", "float", "|in - out| over in + out", nullable=True, minimum=0, maximum=1),
            SUPPRESSED,
        ),
        ("period_from", "period_to", "area_code", "area_level"),
    ),
    Contract(
        "workers_private",
        "product",
        "people who work in one town, differentially private (差分隐私就业人口)",
        (
            PERIOD,
            *AREA,
            _people("workers", "people who work in the area, with noise"),
            LOW,
            HIGH,
            Column("epsilon", "float", "privacy spent on the table", minimum=0),
        ),
        ("period", "area_code", "area_level"),
    ),
    Contract(
        "visitors",
        "product",
        "visitors present on a mean day in one area, by where they come from (访客)",
        (PERIOD, *AREA, Column("origin_class", "str", "where they come from", allowed=ORIGIN_CLASSES), *_ESTIMATE),
        ("period", "area_code", "area_level", "origin_class"),
    ),
    Contract(
        "coverage_quality",
        "product",
        "how well the network sees one H3 cell",
        (
            PERIOD,
            H3,
            RESOLUTION,
            Column("covered", "bool", "whether any network cell serves it"),
            Column(
                "serving_cells", "float", "effective number of network cells that serve it", nullable=True, minimum=0
            ),
            Column(
                "spread_km", "float", "mean distance over which its people are spread", "km", nullable=True, minimum=0
            ),
            Column(
                "told_apart", "bool", "whether its people are told from those of its neighbours, so that it is shown"
            ),
        ),
        ("period", "h3"),
    ),
    Contract(
        "weight_quality",
        "product",
        "how unequal the weights of one area's residents are, and how many equal ones they are worth",
        (
            PERIOD,
            *AREA,
            Column("design_effect", "float", "1 + cv^2 of the weights (Kish 1965)", nullable=True, minimum=1),
            Column(
                "mean_weight",
                "float",
                "persons per device",
                "person",
                nullable=True,
                minimum=0,
                sensitivity="restricted",
            ),
            Column(
                "effective_devices",
                "float",
                "devices over the design effect",
                nullable=True,
                minimum=0,
                sensitivity="restricted",
            ),
            DEVICES,
            SUPPRESSED,
        ),
        ("period", "area_code", "area_level"),
    ),
    Contract(
        "signaling_quality",
        "product",
        "one figure about the raw events of a period: counts of flags, coverage, weights",
        (
            PERIOD,
            Column("figure", "str", "name of the figure"),
            Column("value", "float", "its value", nullable=True),
            Column("unit", "str", "its unit"),
        ),
        ("period", "figure"),
    ),
)
