"""Contracts of what supervision records about a subject: inspections, penalties, listings, licences, changes.

``subject_id`` is the unified social credit code of a legal person, or the id of a row of ``premises`` where a city
supervises places of business that have no such code. Officers and persons appear as keyed hashes only.
"""

from __future__ import annotations

from dataclasses import replace

from models.contracts.column import Column, Contract
from models.contracts.tables import DISTRICT, LAT, LON, SOURCE

KEY = "[0-9a-f]{16}"
LIBRARIES = ("commerce", "food", "drug", "quality", "special_equipment", "other")
"""Special libraries of supervised objects (监管对象库) that a check item belongs to."""

SUBJECT = Column(
    "subject_id",
    "str",
    "unified social credit code of the legal person, or id of the premises",
    sensitivity="internal",
)
FILE = (
    SOURCE,
    Column("source_file", "str", "file the row came from"),
    Column("source_row", "int", "physical line of the row in its file, header = 1", minimum=1),
)


def _text(name: str, description: str, *, nullable: bool = True, internal: bool = False) -> Column:
    return Column(name, "str", description, nullable=nullable, sensitivity="internal" if internal else "open")


def _day(name: str, description: str, *, nullable: bool = False) -> Column:
    return Column(name, "date", description, nullable=nullable)


def _one_of(name: str, description: str, *allowed: str, nullable: bool = False) -> Column:
    return Column(name, "str", description, nullable=nullable, allowed=allowed)


def _key(name: str, description: str, *, nullable: bool = True) -> Column:
    return Column(name, "str", description, nullable=nullable, sensitivity="restricted", pattern=KEY)


def _money(name: str, description: str) -> Column:
    return Column(name, "float", description, "CNY", nullable=True, minimum=0)


RECORDS = (
    Contract(
        "premises",
        "table",
        "one supervised place of business (经营场所)",
        (
            _text("premises_id", "id given by the authority", nullable=False),
            _text("name", "name on the door", nullable=False, internal=True),
            Column("uscc", "str", "unified social credit code of its operator", nullable=True, sensitivity="internal"),
            _text("premises_type", "type as delivered"),
            _text("address", "address as delivered", internal=True),
            DISTRICT,
            LON,
            LAT,
            *FILE,
            Column("geometry", "geometry", "point, WGS84", "degree", nullable=True, geometry_types=("Point",)),
        ),
        ("premises_id",),
    ),
    Contract(
        "officers",
        "table",
        "one inspection officer (执法人员)",
        (
            _text("officer_id", "id in the staff list", nullable=False),
            _text("name", "name of the officer", nullable=False, internal=True),
            _one_of("duty", "what the officer does", "supervisor", "manager"),
            _text("area_codes", "codes of the districts, towns or grid cells served, joined by ;", nullable=False),
            _text("expertise", "libraries the officer is qualified for, joined by ;", nullable=False),
            _text("certificate_no", "number of the enforcement certificate"),
            _day("certificate_until", "last day the certificate is valid; missing: no certificate", nullable=True),
            _text("conflicts", "subjects the officer must not inspect, joined by ;", internal=True),
            *FILE,
        ),
        ("officer_id",),
    ),
    Contract(
        "inspections",
        "table",
        "one check of one item at one subject (检查记录)",
        (
            _text("inspection_id", "id", nullable=False),
            SUBJECT,
            _day("inspected_on", "day of the check"),
            _one_of("kind", "kind of check", "routine", "special", "complaint", "reinspection", "warning", "other"),
            _one_of(
                "selected_by",
                "why this subject was chosen",
                "random",
                "risk",
                "complaint",
                "warning",
                "other",
                nullable=True,
            ),
            _text("item_code", "check item of the catalogue (抽查事项)"),
            _key("officer_key", "keyed hash of the officer; never an input of a level"),
            _one_of("result", "result", "none_found", "rectify", "penalty", "unreachable", "transferred"),
            Column("score", "float", "score given, 0 worst to 100 best", nullable=True, minimum=0, maximum=100),
            _one_of("follow_up", "what follows", "none", "rectify", "reinspect", "penalty", "list", nullable=True),
            _day("follow_up_due", "day by which it has to be done", nullable=True),
            _day("closed_on", "day the follow-up was closed", nullable=True),
            *FILE,
        ),
        ("inspection_id",),
    ),
    Contract(
        "findings",
        "table",
        "one fault found at an inspection (检查发现问题)",
        (
            _text("finding_id", "id", nullable=False),
            _text("inspection_id", "inspection it belongs to"),
            SUBJECT,
            _day("found_on", "day it was found"),
            _text("item_code", "check item or type of fault"),
            _one_of("severity", "severity", "high", "moderate", "low"),
            _text("description", "what was found", internal=True),
            _day("corrected_on", "day it was corrected", nullable=True),
            *FILE,
        ),
        ("finding_id",),
    ),
    Contract(
        "penalties",
        "table",
        "one administrative penalty (行政处罚)",
        (
            _text("penalty_id", "number of the decision", nullable=False),
            SUBJECT,
            _day("decided_on", "day of the decision"),
            _one_of("kind", "kind", "warning", "fine", "confiscation", "suspension", "revocation", "other"),
            _money("amount_cny", "fine and confiscated amount in yuan"),
            _text("matter", "what for, a short phrase"),
            _text("legal_basis", "article the decision rests on"),
            *FILE,
        ),
        ("penalty_id",),
    ),
    Contract(
        "complaints",
        "table",
        "one complaint or report of a consumer (12315 投诉举报)",
        (
            _text("complaint_id", "number", nullable=False),
            SUBJECT,
            _day("received_on", "day it came in"),
            _one_of("kind", "complaint (投诉) or report (举报)", "complaint", "report"),
            _text("topic", "topic as classified"),
            _one_of("outcome", "outcome", "open", "mediated", "confirmed", "rejected", nullable=True),
            _day("closed_on", "day it was closed", nullable=True),
            *FILE,
        ),
        ("complaint_id",),
    ),
    Contract(
        "listings",
        "table",
        "one entry of the abnormal-operations list (经营异常名录) or serious-violation list (严重违法失信名单)",
        (
            _text("listing_id", "number of the decision", nullable=False),
            SUBJECT,
            _one_of("list", "which list", "abnormal", "serious"),
            _one_of(
                "ground",
                "ground of the entry",
                "annual_report",
                "disclosure_overdue",
                "false_disclosure",
                "unreachable",
                "three_years",
                "serious_violation",
            ),
            Column("report_year", "int", "year of the missing report", nullable=True, minimum=1980, maximum=2100),
            _day("listed_on", "day of the entry"),
            _day("removed_on", "day of the removal; missing while listed", nullable=True),
            _one_of("removal", "normal removal or correction of a wrong entry", "normal", "correction", nullable=True),
            *FILE,
        ),
        ("listing_id",),
    ),
    Contract(
        "licences",
        "table",
        "one licence or permit (行政许可)",
        (
            _text("licence_id", "number", nullable=False),
            SUBJECT,
            _text("kind", "kind as delivered", nullable=False),
            _one_of("library", "library of supervised objects it puts the subject in", *LIBRARIES),
            _day("issued_on", "first day it is valid"),
            _day("expires_on", "last day it is valid; missing: without end", nullable=True),
            _day("revoked_on", "day it was taken away", nullable=True),
            *FILE,
        ),
        ("licence_id",),
    ),
    Contract(
        "annual_reports",
        "table",
        "one annual report of a subject (年度报告)",
        (
            SUBJECT,
            Column("report_year", "int", "year the report is about", minimum=1980, maximum=2100),
            _day("filed_on", "day it was published"),
            Column("staff", "int", "claimed staff", "person", nullable=True, minimum=0),
            _money("revenue_cny", "revenue in yuan"),
            _money("tax_cny", "taxes paid in yuan"),
            _money("paid_in_cny", "paid-in capital in yuan"),
            _key("contact_key", "keyed hash of the contact telephone number or liaison person"),
            *FILE,
        ),
        ("subject_id", "report_year"),
    ),
    Contract(
        "changes",
        "table",
        "one registered change of a subject (变更登记)",
        (
            _text("change_id", "id", nullable=False),
            SUBJECT,
            _day("changed_on", "day of the change"),
            _one_of(
                "kind",
                "what changed",
                "capital",
                "scope",
                "address",
                "representative",
                "shareholding",
                "name",
                "branch",
            ),
            _text("before", "text before; for persons missing", internal=True),
            _text("after", "text after; for persons missing", internal=True),
            _key("before_key", "keyed hash of the person before"),
            _key("after_key", "keyed hash of the person after"),
            _money("amount_before_cny", "capital before in yuan"),
            _money("amount_after_cny", "capital after in yuan"),
            *FILE,
        ),
        ("change_id",),
    ),
    Contract(
        "investments",
        "table",
        "one holding of an investor in a subject (投资与持股)",
        (
            _text("investment_id", "id", nullable=False),
            replace(SUBJECT, description="unified social credit code of the subject invested in"),
            Column("investor_id", "str", "code of an investing legal person", nullable=True, sensitivity="internal"),
            _key("investor_key", "keyed hash of an investing person"),
            _money("amount_cny", "subscribed amount in yuan"),
            Column("share", "float", "share of the capital", nullable=True, minimum=0, maximum=1),
            _day("invested_on", "first day"),
            _day("ended_on", "last day; missing while it lasts", nullable=True),
            *FILE,
        ),
        ("investment_id",),
    ),
    Contract(
        "credit_repairs",
        "table",
        "one credit repair (信用修复)",
        (
            _text("repair_id", "number", nullable=False),
            SUBJECT,
            _text("repairs", "number of the penalty or listing that is repaired", nullable=False),
            _day("applied_on", "day of the application"),
            _day("decided_on", "day of the decision", nullable=True),
            _one_of("result", "result", "pending", "accepted", "refused"),
            *FILE,
        ),
        ("repair_id",),
    ),
    Contract(
        "present_population",
        "table",
        "people present in one H3 cell, mean of one class of hours, as an operator or a survey delivers it (现有人口)",
        (
            Column("h3", "uint64", "H3 cell of resolution 8"),
            _one_of("hours", "class of hours on working days", "day", "night"),
            Column("persons", "float", "estimated persons present", "person", minimum=0),
            Column(
                "devices",
                "int",
                "distinct devices observed, for disclosure",
                minimum=0,
                sensitivity="restricted",
            ),
            _day("reference_month", "first day of the month described"),
            *FILE,
        ),
        ("h3", "hours", "reference_month"),
    ),
)
