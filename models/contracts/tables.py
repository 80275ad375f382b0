"""Contracts of the frames a city records: each is a table of the store."""

from __future__ import annotations

from models.contracts.column import Column, Contract

POLYGON = ("Polygon", "MultiPolygon")
SECTION = "[A-T]"
SOURCE = Column("source_id", "str", "id of the source the row came from")
LON = Column("lon", "float", "longitude, WGS84", "degree", nullable=True, minimum=-180, maximum=180)
LAT = Column("lat", "float", "latitude, WGS84", "degree", nullable=True, minimum=-90, maximum=90)
DISTRICT = Column("district_code", "str", "administrative code of the district", nullable=True, pattern=r"\d{6}")
VALID = (
    Column("valid_from", "date", "first day the row holds", nullable=True),
    Column("valid_to", "date", "last day the row holds; missing while it still does", nullable=True),
)


def _text(name: str, description: str, *, nullable: bool = True, internal: bool = False) -> Column:
    return Column(name, "str", description, nullable=nullable, sensitivity="internal" if internal else "open")


def _geometry(*types: str, nullable: bool = False) -> Column:
    return Column("geometry", "geometry", "shape, WGS84", "degree", nullable=nullable, geometry_types=types)


LEGAL_PERSON_COLUMNS = (
    Column("uscc", "str", "unified social credit code", sensitivity="internal", pattern="[0-9A-HJ-NPQRTUWXY]{18}"),
    _text("name", "registered name", nullable=False, internal=True),
    Column("established_on", "date", "day of registration", nullable=True),
    _text("entity_type", "type as registered"),
    Column(
        "representative_key",
        "str",
        "keyed hash of the legal representative; never a name",
        nullable=True,
        sensitivity="restricted",
        pattern="[0-9a-f]{16}",
    ),
    Column("capital_cny", "float", "registered capital in yuan", "CNY", nullable=True, minimum=0),
    Column("capital_amount", "float", "registered capital in its own currency", nullable=True, minimum=0),
    Column("capital_currency", "str", "ISO 4217 code of the currency", nullable=True, pattern="[A-Z]{3}"),
    Column(
        "capital_flag",
        "str",
        "how the capital text could be read",
        nullable=True,
        allowed=("ok", "missing", "implausible", "unreadable"),
    ),
    _text("capital_text", "capital as registered", internal=True),
    _text("scope_text", "business scope as registered", internal=True),
    Column("industry_section", "str", "section of GB/T 4754", nullable=True, pattern=SECTION),
    Column("industry_confidence", "float", "confidence of the section", nullable=True, minimum=0, maximum=1),
    _text("industry_words", "words of the scope that decided"),
    Column("industry_method", "str", "where the section comes from", nullable=True, allowed=("given", "scope")),
    _text("status", "status as registered"),
    _text("district_given", "district as registered"),
    _text("address", "address as registered", internal=True),
    LON,
    LAT,
    _text("coord_datum", "datum the coordinates were delivered in"),
    SOURCE,
    _text("source_file", "file the row came from", nullable=False),
    Column("source_row", "int", "physical line of the row in its file, header = 1", minimum=1),
)

TABLES = (
    Contract("legal_persons", "table", "one registered legal person", LEGAL_PERSON_COLUMNS, ("uscc",)),
    Contract(
        "districts",
        "table",
        "one district of the city",
        (
            Column("district_code", "str", "administrative code", pattern=r"\d{6}"),
            _text("name", "official name", nullable=False),
            _text("name_en", "name in English or pinyin"),
            *VALID,
            SOURCE,
            _geometry(*POLYGON),
        ),
        ("district_code",),
    ),
    Contract(
        "towns",
        "table",
        "one town or street, by its seat",
        (
            _text("town_code", "code of the town", nullable=False),
            _text("name", "name", nullable=False),
            _text("name_en", "name in English or pinyin"),
            DISTRICT,
            Column("population", "int", "residents, of mixed dates", "person", nullable=True, minimum=1),
            SOURCE,
            _geometry("Point"),
        ),
        ("town_code",),
    ),
    Contract(
        "grids",
        "table",
        "one supervision grid cell",
        (
            _text("grid_code", "hierarchical code", nullable=False),
            _text("name", "name", nullable=False),
            Column("level", "str", "level of the cell", allowed=("district", "town", "grid")),
            _text("parent_code", "code of the cell above"),
            Column("derived", "bool", "True where the cell was computed, not delivered"),
            SOURCE,
            _geometry(*POLYGON),
        ),
        ("grid_code",),
    ),
    Contract(
        "base_stations",
        "table",
        "one base station during one period",
        (
            Column("station_id", "str", "id given by the operator", sensitivity="internal"),
            Column("valid_from", "date", "first day the row holds"),
            Column("valid_to", "date", "last day the row holds; missing while it still does", nullable=True),
            _text("technology", "radio technology"),
            Column(
                "azimuth_deg",
                "float",
                "main direction, clockwise from north",
                "degree",
                nullable=True,
                minimum=0,
                maximum=360,
            ),
            SOURCE,
            _geometry("Point"),
        ),
        ("station_id", "valid_from"),
    ),
    Contract(
        "facilities",
        "table",
        "one public or commercial facility",
        (
            _text("facility_id", "id", nullable=False),
            _text("name", "name", nullable=False),
            _text("facility_type", "type as delivered", nullable=False),
            _text("address", "address as delivered"),
            DISTRICT,
            SOURCE,
            _geometry("Point", nullable=True),
        ),
        ("facility_id",),
    ),
    Contract(
        "housing_projects",
        "table",
        "one housing project or compound",
        (
            _text("project_id", "id, for example the pre-sale permit", nullable=False),
            _text("name", "name", nullable=False),
            _text("developer", "developer"),
            _text("address", "address as delivered"),
            Column("units", "int", "units in the project", nullable=True, minimum=0),
            Column("units_sold", "int", "units sold", nullable=True, minimum=0),
            Column("price_cny_m2", "float", "price per square metre", "CNY/m2", nullable=True, minimum=0),
            Column("opened_on", "date", "day of the permit or opening", nullable=True),
            DISTRICT,
            SOURCE,
            _geometry("Point", nullable=True),
        ),
        ("project_id",),
    ),
    Contract(
        "roads",
        "table",
        "one road section between two junctions",
        (
            _text("road_id", "id", nullable=False),
            _text("name", "name"),
            Column(
                "road_class",
                "str",
                "class",
                allowed=("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "other"),
            ),
            Column("oneway", "bool", "True where traffic flows in drawing direction only"),
            Column("lanes", "int", "lanes", nullable=True, minimum=1, maximum=20),
            Column("maxspeed_kmh", "float", "speed limit", "km/h", nullable=True, minimum=1, maximum=200),
            Column("length_m", "float", "length in the working CRS", "m", minimum=0),
            SOURCE,
            _geometry("LineString"),
        ),
        ("road_id",),
    ),
    Contract(
        "waters",
        "table",
        "one river, stream or water body",
        (
            _text("water_id", "id", nullable=False),
            _text("name", "name"),
            Column("kind", "str", "kind", allowed=("river", "stream", "lake", "reservoir")),
            SOURCE,
            _geometry("LineString", "MultiLineString", *POLYGON),
        ),
        ("water_id",),
    ),
    Contract(
        "census_values",
        "table",
        "one value of a census or yearbook",
        (
            _text("area_code", "administrative code as of the vintage", nullable=False),
            _text("area_name", "name as of the vintage", nullable=False),
            Column("area_level", "str", "level of the area", allowed=("city", "district", "town")),
            _text("area_definition", "what the area contained at the reference date", nullable=False),
            _text("indicator", "name of the indicator", nullable=False),
            Column("value", "float", "value"),
            _text("unit", "unit of the value", nullable=False),
            Column("reference_date", "date", "day the value describes"),
            _text("vintage", "publication the value was taken from", nullable=False),
            SOURCE,
        ),
        ("area_code", "indicator", "reference_date", "vintage", "source_id"),
    ),
    Contract(
        "places",
        "table",
        "one named place of the gazetteer",
        (
            _text("place_id", "id", nullable=False),
            _text("name", "name", nullable=False),
            Column(
                "kind",
                "str",
                "kind",
                allowed=("district", "town", "village", "road", "poi", "address", "zone"),
            ),
            DISTRICT,
            _text("town", "town or street it lies in"),
            _text("address", "address"),
            LON,
            LAT,
            SOURCE,
        ),
        ("place_id",),
    ),
    Contract(
        "area_changes",
        "table",
        "one dated change of an administrative area",
        (
            _text("old_code", "code before the change"),
            _text("old_name", "name before the change", nullable=False),
            Column("new_code", "str", "code after the change", pattern=r"\d{6}"),
            _text("new_name", "name after the change", nullable=False),
            *VALID,
            Column("kind", "str", "kind of change", allowed=("merge", "rename", "split", "zone")),
            SOURCE,
        ),
        ("old_name", "new_code", "kind"),
    ),
    Contract(
        "quarantine",
        "table",
        "one reason for which a delivered row was not loaded",
        (
            SOURCE,
            _text("source_file", "file the row came from", nullable=False),
            Column(
                "source_row",
                "int",
                "physical line of the row in its file, header = 1",
                nullable=True,
                minimum=1,
            ),
            _text("column", "column at fault"),
            Column("found", "str", "what stood there", nullable=True, sensitivity="internal"),
            _text("reason", "why the row was not loaded", nullable=False),
            Column("raw", "str", "the row as text, person columns removed", nullable=True, sensitivity="internal"),
        ),
    ),
)
