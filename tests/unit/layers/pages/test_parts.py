"""Parts of the pages that compute something."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from pyproj import Geod

from layers import reasons
from layers.freshness import freshness
from layers.pages import marking, queue_panel
from layers.pages.context import language_of, query, theme_of
from layers.pages.firm_list import filter_of


def source(vintage: str, cadence: str, table: str = "legal_persons") -> dict[str, Any]:
    return {"table": table, "vintage": vintage, "cadence": cadence}


@pytest.mark.parametrize(
    ("vintage", "cadence", "today", "state", "late"),
    [
        ("2015-06-30", "monthly", "2015-08-30", "ok", 0),
        ("2015-06-30", "monthly", "2015-09-01", "late", 32),
        ("2015-06-30", "monthly", "2015-11-02", "old", 94),
        ("2015-06", "daily", "2015-07-02", "ok", 0),
        ("2015", "yearly", "2017-12-31", "ok", 0),
        ("2015-06-30", "once", "2035-01-01", "ok", 0),
        ("2015-06-30", "irregular", "2035-01-01", "ok", 0),
    ],
)
def test_data_turn_late_after_two_cycles_and_old_after_four(
    vintage: str, cadence: str, today: str, state: str, late: int
) -> None:
    found = freshness({"sources": [source(vintage, cadence)]}, dt.date.fromisoformat(today))
    assert found is not None
    assert (found.state, found.days_late, found.date) == (state, late, vintage)


def test_the_register_decides_and_its_records_know_their_last_day_better_than_its_manifest() -> None:
    manifest = {
        "sources": [source("2020", "decennial", "census_values"), source("2015", "yearly")],
        "data_dates": {"legal_persons": "2015-06-30"},
    }
    found = freshness(manifest, dt.date(2015, 7, 1))
    assert found is not None
    assert found.date == "2015-06-30"


def test_generated_data_are_never_late() -> None:
    found = freshness({"sources": [source("2015-06-30", "monthly")]}, dt.date(2030, 1, 1), ageless=True)
    assert found is not None
    assert (found.state, found.days_late) == ("ok", 0)


def test_without_any_date_nothing_is_said() -> None:
    assert freshness({"sources": [source("", "once")]}, dt.date(2020, 1, 1)) is None
    assert freshness({}, dt.date(2020, 1, 1)) is None


def test_recognised_parts_are_marked_without_overlap_and_nothing_is_lost() -> None:
    address = "重庆市綦江区古南街道中山路12号"
    pieces = marking.marked(address, ["綦江区", "古南街道", "南街道", None, "北京路", "号"])
    said = [piece if isinstance(piece, str) else piece.children for piece in pieces]
    assert "".join(said) == address
    assert [p.children for p in pieces if not isinstance(p, str)] == ["綦江区", "古南街道"]


def test_reasons_are_said_once_with_their_detail() -> None:
    said = reasons.listed("crosswalk:綦江县;ambiguous_road;ambiguous_road", "en")
    assert said == ["old name, carried over (綦江县)", "several districts have this road"]
    assert reasons.listed(None, "zh-Hans") == []
    assert reasons.named("zone:桥河;crosswalk:綦江县", "crosswalk") == "綦江县"
    assert reasons.named("zone", "zone") is None
    assert reasons.words("made_up", "en") == "made_up"


def test_an_error_circle_has_its_radius_everywhere() -> None:
    ring = queue_panel.circle(106.68, 28.95, 2500)
    distance = Geod(ellps="WGS84").inv([106.68] * len(ring), [28.95] * len(ring), *zip(*ring, strict=True))[2]
    assert ring[0] == ring[-1]
    assert all(abs(d - 2500) < 15 for d in distance)


def test_a_whole_district_is_no_candidate() -> None:
    row = {"candidates": json.dumps([{"match_level": 6, "name": "綦江区"}, {"match_level": 5, "name": "古南街道"}])}
    assert [c["name"] for c in queue_panel.candidates_of(row)] == ["古南街道"]
    assert queue_panel.candidates_of({"candidates": None}) == []


def test_a_cell_travels_as_text_and_arrives_unrounded() -> None:
    cell = 0x8840198A97FFFFF
    assert filter_of({"h3": str(cell), "resolution": 8}).h3 == cell


def test_an_address_says_language_and_theme_or_the_default() -> None:
    asked = query("?lang=en&theme=dark&lang=fr")
    assert (language_of(asked, "zh-Hans"), theme_of(asked)) == ("en", "dark")
    strange = query("?lang=../../x&theme=<b>")
    assert (language_of(strange, "zh-Hans"), theme_of(strange)) == ("zh-Hans", "light")
    assert query(None) == {}
