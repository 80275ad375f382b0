"""Contracts of the frames that are computed, and of what a layer hands to a browser."""

from __future__ import annotations

from dataclasses import replace

from models.contracts.column import Column, Contract
from models.contracts.tables import DISTRICT, LAT, LEGAL_PERSON_COLUMNS, LON, SECTION

H3 = Column("h3", "uint64", "H3 index")
RESOLUTION = Column("resolution", "int", "H3 resolution", minimum=0, maximum=15)
MONTH = Column("month", "str", "month, YYYY-MM", pattern=r"\d{4}-(0[1-9]|1[0-2])")
AREA = (
    Column("area_code", "str", "code of the district, town cell or grid"),
    Column("area_level", "str", "level of the area", allowed=("city", "district", "town", "grid")),
)
AREA_KM2 = Column("area_km2", "float", "area in the working CRS or true cell area", "km2", minimum=0)
SUBJECTS = Column("subjects", "int", "legal persons", minimum=0)
MEASURES = (
    SUBJECTS,
    Column("capital_cny_sum", "float", "sum of the readable registered capital", "CNY", nullable=True, minimum=0),
    Column(
        "capital_cny_median",
        "float",
        "median of the readable registered capital",
        "CNY",
        nullable=True,
        minimum=0,
    ),
    Column("dominant_section", "str", "most frequent industry section", nullable=True, pattern=SECTION),
    Column(
        "section_entropy",
        "float",
        "Shannon entropy of the sections",
        "bit",
        nullable=True,
        minimum=0,
        maximum=4.4,
    ),
    Column(
        "located_share",
        "float",
        "share located exactly enough to be placed",
        nullable=True,
        minimum=0,
        maximum=1,
    ),
    Column("capital_known", "int", "legal persons with a readable capital", nullable=True, minimum=0),
    Column("section_known", "int", "legal persons with an industry section", nullable=True, minimum=0),
    Column("mean_error_radius_m", "float", "mean error radius of the locations", "m", nullable=True, minimum=0),
    AREA_KM2,
)
LOCATION = (
    Column(
        "match_level",
        "int",
        "1 exact, 2 nearest number or POI, 3 road or village, 4 community or zone, "
        "5 town or street seat, 6 district only",
        nullable=True,
        minimum=1,
        maximum=6,
    ),
    Column("error_radius_m", "float", "radius that holds the true place", "m", nullable=True, minimum=0),
    Column("match_confidence", "float", "confidence of the match", nullable=True, minimum=0, maximum=1),
    Column("match_reasons", "str", "reason codes joined by ;", nullable=True),
    Column("matched_text", "str", "part of the address that decided", nullable=True, sensitivity="internal"),
    Column("place_id", "str", "place of the gazetteer", nullable=True),
    DISTRICT,
    Column("town", "str", "town or street", nullable=True),
)
SUBJECT_COLUMNS = (
    *LEGAL_PERSON_COLUMNS,
    *LOCATION,
    Column("grid_code", "str", "supervision grid cell that holds the point", nullable=True),
    Column("outside", "bool", "located, but in no grid cell"),
    Column("located", "bool", "placed on the map; False stands in the queue"),
    *(Column(f"h3_r{r}", "uint64", f"H3 cell of resolution {r}", nullable=True) for r in (7, 8, 9)),
)

PRODUCTS = (
    Contract("subjects", "product", "one legal person with its place", SUBJECT_COLUMNS, ("uscc",)),
    Contract(
        "unlocated",
        "product",
        "one legal person that could not be placed",
        (
            Column("uscc", "str", "unified social credit code", sensitivity="internal"),
            Column("name", "str", "registered name", sensitivity="internal"),
            Column("address", "str", "address as registered", nullable=True, sensitivity="internal"),
            Column("district_given", "str", "district as registered", nullable=True),
            Column("reasons", "str", "reason codes joined by ;", nullable=True),
            Column("candidates", "str", "ranked candidates, a JSON list", nullable=True, sensitivity="internal"),
        ),
        ("uscc",),
    ),
    Contract(
        "cells",
        "product",
        "one H3 cell of the city",
        (
            H3,
            RESOLUTION,
            DISTRICT,
            Column("grid_code", "str", "grid cell that holds the centre", nullable=True),
            AREA_KM2,
            replace(LON, nullable=False, description="longitude of the centre"),
            replace(LAT, nullable=False, description="latitude of the centre"),
        ),
        ("h3",),
    ),
    Contract("subjects_by_cell", "product", "legal persons of one H3 cell", (H3, RESOLUTION, *MEASURES), ("h3",)),
    Contract(
        "subjects_by_area",
        "product",
        "legal persons of one area",
        (*AREA, *MEASURES),
        ("area_code", "area_level"),
    ),
    Contract(
        "registrations_by_cell_month",
        "product",
        "registrations of one month in one H3 cell",
        (H3, RESOLUTION, MONTH, SUBJECTS),
        ("h3", "month"),
    ),
    Contract(
        "registrations_by_area_month",
        "product",
        "registrations of one month in one area",
        (*AREA, MONTH, SUBJECTS),
        ("area_code", "area_level", "month"),
    ),
    Contract(
        "residents_by_area",
        "product",
        "residents of one area at a census",
        (
            *AREA,
            Column("residents", "float", "residents", "person", minimum=0),
            Column("reference_date", "date", "day of the census"),
            Column("area_definition", "str", "what the area contained at that day"),
        ),
        ("area_code", "area_level", "reference_date"),
    ),
    Contract(
        "residents_change",
        "product",
        "change of residents between two censuses",
        (
            Column("area_code", "str", "code of the area today"),
            Column(
                "residents_from",
                "float",
                "residents at the earlier census",
                "person",
                nullable=True,
                minimum=0,
            ),
            Column("residents_to", "float", "residents at the later census", "person", nullable=True, minimum=0),
            Column("change", "float", "difference", "person", nullable=True),
            Column("change_rate", "float", "difference as a share of the earlier value", nullable=True),
            Column("comparable", "bool", "True where both censuses describe the same area"),
            Column("note", "str", "why not, or how it was made comparable", nullable=True),
        ),
        ("area_code",),
    ),
)

_FLAG = Column("flag", "int", "0 observed, 1 zero, 2 suppressed, 3 no data, 4 estimated", minimum=0, maximum=4)
_VALUE = Column("value", "float", "value; missing where there is no data", nullable=True)
_OBSERVED = Column(
    "observed", "int", "observed devices, for disclosure", nullable=True, minimum=0, sensitivity="restricted"
)

LAYERS = (
    Contract(
        "layer_hex",
        "layer",
        "one hexagon of a layer",
        (Column("id", "uint64", "H3 index"), _VALUE, _FLAG, _OBSERVED),
        ("id",),
    ),
    Contract(
        "layer_area",
        "layer",
        "one area of a layer",
        (Column("id", "str", "code of the area"), _VALUE, _FLAG, _OBSERVED),
        ("id",),
    ),
    Contract(
        "layer_flow",
        "layer",
        "one pair of areas of a layer",
        (
            Column("id", "str", "codes of both areas, from>to"),
            _VALUE,
            _FLAG,
            _OBSERVED,
            Column("from_code", "str", "area it begins in"),
            Column("to_code", "str", "area it ends in"),
        ),
        ("id",),
    ),
    Contract(
        "layer_road",
        "layer",
        "one road section of a layer",
        (Column("id", "str", "code of the section"), _VALUE, _FLAG, _OBSERVED),
        ("id",),
    ),
    Contract(
        "layer_point",
        "layer",
        "one point of a layer",
        (
            Column("id", "int", "row number", minimum=0),
            _VALUE,
            _FLAG,
            _OBSERVED,
            replace(LON, nullable=False),
            replace(LAT, nullable=False),
        ),
        ("id",),
    ),
)
