"""What the city records: one class per table, the same on an embedded GeoPackage and on PostGIS.

``models.tables.base`` holds the column types both back ends share, ``models.tables.blobs`` the GeoPackage
geometry encoding, ``models.tables.layers`` what makes a SQLite file a GeoPackage. Migrations stand under
``migrations``.
"""

from models.tables.areas import AreaChange, CensusValue, District, Grid, Town
from models.tables.base import Base
from models.tables.cases import Attachment, CaseworkEvent, CaseworkWarning, Result, ResultAnswer, Task
from models.tables.casework import AccessEntry, AddressAlias
from models.tables.changes import Change, Investment
from models.tables.field import DrawObject, DrawRecord, PackEntry, PlanLine, WorkPack
from models.tables.inspections import Complaint, Finding, Inspection, Penalty
from models.tables.ledger import BuildRecord, QuarantinedRow, SourceFileRecord, TableVersion
from models.tables.legal_persons import LegalPerson, Unlocated
from models.tables.papers import Contest, Document, DocumentSerial, RuleDraft
from models.tables.records import BaseStation, Facility, HousingProject, Place, Road, Water
from models.tables.standing import AnnualReport, CreditRepair, Licence, Listing
from models.tables.supervision import Officer, Premises, PresentPopulation

__all__ = [
    "AccessEntry",
    "AddressAlias",
    "AnnualReport",
    "AreaChange",
    "Attachment",
    "Base",
    "BaseStation",
    "BuildRecord",
    "CaseworkEvent",
    "CaseworkWarning",
    "CensusValue",
    "Change",
    "Complaint",
    "Contest",
    "CreditRepair",
    "District",
    "Document",
    "DocumentSerial",
    "DrawObject",
    "DrawRecord",
    "Facility",
    "Finding",
    "Grid",
    "HousingProject",
    "Inspection",
    "Investment",
    "LegalPerson",
    "Licence",
    "Listing",
    "Officer",
    "PackEntry",
    "Penalty",
    "Place",
    "PlanLine",
    "Premises",
    "PresentPopulation",
    "QuarantinedRow",
    "Result",
    "ResultAnswer",
    "Road",
    "RuleDraft",
    "SourceFileRecord",
    "TableVersion",
    "Task",
    "Town",
    "Unlocated",
    "Water",
    "WorkPack",
]
