"""Indicators: equal to a plain loop, honest about time, and silent where nothing is recorded."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.analysis.classification.events import day_number
from models.analysis.classification.indicators import INDICATORS, indicators
from models.analysis.classification.population import prepare
from models.analysis.warnings.address_keys import Lawful
from models.contracts.levels import INDICATOR_NAMES
from models.rules.scorecard import load_scorecard
from tests.unit.models.analysis.classification import small_city as city
from tests.unit.models.analysis.classification.reference import Plain

CARD = load_scorecard("general")


def looked(people: pd.DataFrame, day: pd.Timestamp = city.AS_OF, **tables: pd.DataFrame) -> pd.DataFrame:
    ready = prepare(people, city.records(**tables), CARD.decay_by_year, CARD.risk_words)
    return indicators(ready, day_number(day), INDICATOR_NAMES)


def test_every_indicator_of_the_contract_is_computed() -> None:
    assert tuple(INDICATORS) == INDICATOR_NAMES


@pytest.mark.parametrize("day", ["2015-06-30", "2014-07-01", "2012-02-29"])
def test_they_equal_a_plain_loop_over_the_rows(day: str) -> None:
    people, records = city.random_city(60, seed=3)
    look = pd.Timestamp(day)
    ready = prepare(people, records, CARD.decay_by_year, CARD.risk_words)
    fast = indicators(ready, day_number(look), INDICATOR_NAMES)
    plain = Plain(people, records, CARD)
    slow = pd.DataFrame([plain.indicators(row, look) for row in plain.rows])[list(INDICATOR_NAMES)].astype("float64")
    pd.testing.assert_frame_equal(fast, slow, check_exact=False, rtol=1e-12, atol=1e-9)


def test_what_is_dated_later_changes_nothing() -> None:
    people, records = city.random_city(60, seed=5)
    look = pd.Timestamp("2014-08-31")
    dated = {
        "inspections": "inspected_on", "findings": "found_on", "penalties": "decided_on", "complaints": "received_on",
        "listings": "listed_on", "licences": "issued_on", "changes": "changed_on", "investments": "invested_on",
        "credit_repairs": "decided_on", "confirmed_warnings": "closed_on",
    }  # fmt: skip
    cut = {name: f[f[dated[name]] <= look] if name in dated else f for name, f in records.items()}
    both = [
        indicators(prepare(people, given, CARD.decay_by_year), day_number(look), INDICATOR_NAMES)
        for given in (records, cut)
    ]
    pd.testing.assert_frame_equal(*both)


def test_penalties_fade_by_year_as_the_scorecard_says() -> None:
    years = ["2015-06-30", "2014-06-29", "2013-06-29", "2012-06-28", "2011-06-28"]
    people = city.subjects(5)
    fines = [{"subject_id": u, "decided_on": d, "kind": "fine"} for u, d in zip(people["uscc"], years, strict=True)]
    found = looked(people, penalties=city.table("penalties", fines))
    assert found["penalties"].tolist() == [1.0, 0.6, 0.3, 0.15, 0.0]


def test_nothing_recorded_is_not_the_same_as_nothing_found() -> None:
    people = city.subjects(2)
    assert looked(people)[["penalties", "findings", "abnormal_now", "visits"]].isna().all(axis=None)
    fine = city.table("penalties", [{"subject_id": city.ids(1)[0], "decided_on": "2015-01-01", "kind": "fine"}])
    assert looked(people, penalties=fine)["penalties"].tolist() == [1.0, 0.0]


def test_rooms_of_one_house_are_one_address_and_the_subject_itself_is_not_counted() -> None:
    rooms = [
        "古南街道九龙大道8号2楼",
        "古南街道九龙大道 8号3-1室",
        "古南街道九龙大道8号5层501室",
        "古南街道九龙大道9号",
    ]
    found = looked(city.subjects(4, address=rooms))
    assert found["same_address"].tolist() == [2.0, 2.0, 2.0, 0.0]


def test_a_wrong_entry_that_was_corrected_is_no_past_entry() -> None:
    people = city.subjects(2)
    rows = [
        {"subject_id": u, "list": "abnormal", "ground": "unreachable", "listed_on": "2014-01-01",
         "removed_on": "2015-01-01", "removal": removal}
        for u, removal in zip(people["uscc"], ["normal", "correction"], strict=True)
    ]  # fmt: skip
    found = looked(people, listings=city.table("listings", rows))
    assert found["abnormal_now"].tolist() == [0.0, 0.0]
    assert found["abnormal_past"].tolist() == [1.0, 0.0]


def test_who_inspected_changes_no_indicator() -> None:
    people, records = city.random_city(40, seed=9)
    shuffled = records["inspections"].assign(officer_key=np.roll(records["inspections"]["officer_key"].to_numpy(), 7))
    one = indicators(prepare(people, records, CARD.decay_by_year), day_number(city.AS_OF), INDICATOR_NAMES)
    other = indicators(
        prepare(people, {**records, "inspections": shuffled}, CARD.decay_by_year),
        day_number(city.AS_OF),
        INDICATOR_NAMES,
    )
    pd.testing.assert_frame_equal(one, other)


def test_a_lawful_cluster_has_no_neighbours_until_its_permission_ends() -> None:
    people = city.subjects(4, address="古南街道九龙大道8号", established_on=pd.Timestamp("2010-01-01"))
    entry = Lawful("古南街道九龙大道8号", "incubator", "incubator", date(2013, 1, 1), date(2015, 6, 30), "1")
    ready = prepare(people, city.records(), CARD.decay_by_year, whitelist=(entry,))
    looks = ("2012-12-31", "2013-01-01", "2015-06-30", "2015-07-01")
    found = [indicators(ready, day_number(pd.Timestamp(d)), ("same_address",))["same_address"].tolist() for d in looks]
    assert found == [[3.0] * 4, [0.0] * 4, [0.0] * 4, [3.0] * 4]
