"""Which canonical columns a manifest may fill, per table, and which it has to."""

from __future__ import annotations

from models.contracts import CONTRACTS
from models.contracts.records import RECORDS as SUPERVISION

RECORDS = (
    "legal_persons",
    "districts",
    "towns",
    "grids",
    "base_stations",
    "facilities",
    "housing_projects",
    "roads",
    "waters",
    "census_values",
    "places",
    "area_changes",
    *(record.name for record in SUPERVISION),
)
"""Tables that a manifest can fill."""

PERSONS = {
    "representative": "representative_key",
    "officer": "officer_key",
    "contact": "contact_key",
    "before_person": "before_key",
    "after_person": "after_key",
    "investor_person": "investor_key",
}
"""Raw columns that name a person -> the column that keeps the keyed hash; the raw text is kept nowhere."""

_NAMING = {"changes": ("before", "after"), "officers": ("name",)}
"""Other raw columns that name a person, or may: the texts of a change of representative."""

_PROVENANCE = ("source_id", "source_file", "source_row")
# Columns the reader of legal persons derives itself, and the raw ones it derives them from.
_PERSON_RAW = (
    "uscc",
    "name",
    "established_on",
    "entity_type",
    "representative",
    "capital_text",
    "scope_text",
    "industry_code",
    "status",
    "district_given",
    "address",
    "lon",
    "lat",
)
_PERSON_NEEDED = ("uscc", "name")
# Ids that are numbered within the source where a file has none.
NUMBERED = {
    "town_code": "towns",
    "facility_id": "facilities",
    "project_id": "housing_projects",
    "road_id": "roads",
    "water_id": "waters",
    "place_id": "places",
    "inspection_id": "inspections",
    "finding_id": "findings",
    "complaint_id": "complaints",
    "change_id": "changes",
    "investment_id": "investments",
}
_COMPUTED = {"length_m", "derived", "geometry"}
_HAS_SHAPES = ("vector", "graphml")
_POINT_TABLES = ("towns", "base_stations", "facilities", "housing_projects")


def targets(table: str) -> tuple[str, ...]:
    """Canonical columns that a manifest of ``table`` may fill."""
    if table == "legal_persons":
        return _PERSON_RAW
    raw = {kept: name for name, kept in PERSONS.items()}
    names = [raw.get(c, c) for c in CONTRACTS[table].names() if c not in (*_PROVENANCE, "geometry")]
    if table in _POINT_TABLES:
        names += ["lon", "lat"]
    if CONTRACTS[table].spatial:
        names.append("wkt")
    return tuple(names)


def naming(table: str) -> tuple[str, ...]:
    """Canonical raw columns of ``table`` whose text may name a person; it never reaches the quarantine."""
    return (*(name for name in PERSONS if name in targets(table)), *_NAMING.get(table, ()))


def missing_targets(table: str, given: set[str], file_format: str) -> list[str]:
    """Columns of ``table`` that neither the manifest (``given``) nor the reader of ``file_format`` makes."""
    if table == "legal_persons":
        return [c for c in _PERSON_NEEDED if c not in given]
    made = {*_PROVENANCE, *_COMPUTED, *(name for name, home in NUMBERED.items() if home == table)}
    if table == "census_values":
        made |= {"indicator", "value", "unit", "area_definition", "area_level"}
    if file_format == "graphml":
        made |= {"road_class", "oneway"}
    needed = [c.name for c in CONTRACTS[table].columns if not c.nullable and c.name not in made]
    absent = [c for c in needed if c not in given]
    shape = CONTRACTS[table].spatial and not CONTRACTS[table].column("geometry").nullable
    if shape and file_format not in _HAS_SHAPES and "wkt" not in given and not {"lon", "lat"} <= given:
        absent.append("lon and lat, or wkt")
    return absent
