"""Contracts of the early warnings and of registered firms against present people."""

from __future__ import annotations

from dataclasses import replace

from models.contracts.column import Column, Contract
from models.contracts.tables import DISTRICT, LAT, LON

THEMES = ("concentration", "investment", "industry_change", "false_registration", "fund_raising", "licence")
AREA_LEVELS = ("city", "district", "town", "grid")


def _number(name: str, description: str, unit: str = "", minimum: float | None = 0) -> Column:
    return Column(name, "float", description, unit, nullable=True, minimum=minimum)


PRODUCTS = (
    Contract(
        "warnings",
        "product",
        "one early warning (预警) with the evidence it was raised on",
        (
            Column(
                "warning_key", "str", "hash of rule, target and first day; the same over builds", pattern="[0-9a-f]{16}"
            ),
            Column("rule_id", "str", "rule that raised it"),
            Column("rule_version", "str", "version of the rule"),
            Column("theme", "str", "theme of the rule", allowed=THEMES),
            Column("severity", "int", "1 to 3, 3 the worst", minimum=1, maximum=3),
            Column("data_fault", "bool", "True where the record is wrong rather than the firm"),
            Column("subject_id", "str", "subject it is about", nullable=True, sensitivity="internal"),
            Column("area_code", "str", "area it is about, or that holds it", nullable=True),
            Column("area_level", "str", "level of that area", nullable=True, allowed=AREA_LEVELS),
            Column("grid_code", "str", "supervision grid cell it lies in", nullable=True),
            DISTRICT,
            Column("h3_r8", "uint64", "H3 cell of resolution 8 it lies in", nullable=True),
            LON,
            LAT,
            Column("raised_on", "date", "day it was raised"),
            Column("window_from", "date", "first day of the evidence"),
            Column("window_to", "date", "last day of the evidence"),
            Column("ended_on", "date", "day its condition ended; missing while it holds", nullable=True),
            Column("end_reason", "str", "code of why it ended", nullable=True),
            Column("observed", "float", "what was observed", nullable=False),
            _number("expected", "what was expected"),
            replace(_number("p_value", "probability of as much by chance"), maximum=1),
            Column("score", "float", "rank within a week: higher goes first", minimum=0),
            _number("recurrence_days", "days between two such events by chance", "day"),
            Column("week", "str", "ISO week in which it was raised", pattern=r"\d{4}-W\d{2}"),
            Column("rank", "int", "place within its week; data faults and tags after the budget", minimum=1),
            Column("members", "int", "subjects it concerns", minimum=0),
            Column("member_ids", "str", "their ids, a JSON list of at most 200", sensitivity="internal"),
            Column("evidence", "str", "facts, series, cells and matched texts, JSON", sensitivity="internal"),
        ),
        ("warning_key",),
    ),
    Contract(
        "registered_present",
        "product",
        "registered firms and claimed staff against people present by day in one H3 cell",
        (
            Column("h3", "uint64", "H3 cell of resolution 8"),
            Column("firms", "int", "living located firms", minimum=0),
            _number("claimed_staff", "staff claimed in the latest annual reports", "person"),
            Column("staff_known", "int", "firms with a latest annual report that states staff", minimum=0),
            _number("expected_persons", "persons there should be at least, from firms and staff", "person"),
            _number("present_day", "persons present by day; missing where suppressed or not covered", "person"),
            Column(
                "devices",
                "int",
                "distinct devices observed, for disclosure",
                nullable=True,
                minimum=0,
                sensitivity="restricted",
            ),
            Column("suppressed", "bool", "True where fewer devices than the city's k were observed"),
            _number("present_per_expected", "present over expected; missing where suppressed or not covered"),
            Column("reference_month", "date", "first day of the month of the people present", nullable=True),
            Column(
                "source",
                "str",
                "where the people present come from: hours of the signaling, or a count delivered by hexagon",
                nullable=True,
                allowed=("present_by_hour", "present_population"),
            ),
        ),
        ("h3",),
    ),
)
