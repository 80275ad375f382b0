"""What the city records: one class per table, the same on an embedded GeoPackage and on PostGIS.

``models.tables.base`` holds the column types both back ends share, ``models.tables.blobs`` the GeoPackage
geometry encoding, ``models.tables.layers`` what makes a SQLite file a GeoPackage. Migrations stand under
``migrations``.
"""

from models.tables.areas import AreaChange, CensusValue, District, Grid, Town
from models.tables.base import Base
from models.tables.casework import AccessEntry, AddressAlias
from models.tables.ledger import BuildRecord, QuarantinedRow, SourceFileRecord, TableVersion
from models.tables.legal_persons import LegalPerson, Unlocated
from models.tables.records import BaseStation, Facility, HousingProject, Place, Road, Water

__all__ = [
    "AccessEntry",
    "AddressAlias",
    "AreaChange",
    "Base",
    "BaseStation",
    "BuildRecord",
    "CensusValue",
    "District",
    "Facility",
    "Grid",
    "HousingProject",
    "LegalPerson",
    "Place",
    "QuarantinedRow",
    "Road",
    "SourceFileRecord",
    "TableVersion",
    "Town",
    "Unlocated",
    "Water",
]
