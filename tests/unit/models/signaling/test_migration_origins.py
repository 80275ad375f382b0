"""Moves by province and district: worked by hand, and no rest below the threshold whatever is subtracted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import contracts
from models.signaling import audit, migration_origins
from models.signaling.release import Rules
from tests.unit.models.signaling.test_migration import AFTER, BEFORE, moves

RULES = Rules(10, 20)


def city(*classes: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"area_level": "city", "suppressed": False, "direction": "in", "origin_class": list(classes), "devices": 100}
    )


def people(*regions: tuple[str, int], direction: str = "in") -> pd.DataFrame:
    code = [region for region, n in regions for _ in range(n)]
    both = {"weight_to": 50.0, "weight_from": 40.0}
    return pd.DataFrame({"status": direction, "origin_class": "inter_provincial", "region": code, **both})


def test_who_came_from_where_as_worked_by_hand() -> None:
    found = moves(BEFORE, AFTER)
    assert found["region"].to_dict() == {
        k: {4: "500103", 7: "52"}.get(k, "") for k in found.index
    }  # person 4 went to another district, 7 came from another province, the others moved within or from abroad


def test_small_regions_join_the_rest_until_it_is_large_enough() -> None:
    moved = people(("52", 60), ("51", 30), ("44", 25), ("33", 4))
    shown = migration_origins.by_region(moved, city("inter_provincial"), RULES)
    assert shown["region_code"].tolist() == ["52", "51"]  # 25 of Guangdong hide the 4 of Zhejiang
    assert shown["persons"].tolist() == [3_000.0, 1_500.0]
    assert shown["low"].iloc[0] == pytest.approx(3_000 - 1.645 * 3_000 / np.sqrt(60))
    exact = migration_origins.by_region(people(("52", 60), ("51", 30)), city("inter_provincial"), RULES)
    assert exact["region_code"].tolist() == ["52", "51"]
    assert migration_origins.by_region(people(("52", 30), ("51", 5)), city("inter_provincial"), RULES).empty


def test_a_hidden_class_is_not_told_by_region() -> None:
    flows = city("inter_provincial").assign(suppressed=True)
    assert migration_origins.by_region(people(("52", 60)), flows, RULES).empty


@given(st.dictionaries(st.sampled_from(["11", "22", "33", "44", "51", "52", ""]), st.integers(1, 90), min_size=1))
def test_no_rest_is_below_the_threshold_and_the_sum_never_above_the_total(counts: dict[str, int]) -> None:
    moved = people(*counts.items())
    shown = migration_origins.by_region(moved, city("inter_provincial"), RULES)
    rest = len(moved) - int(shown["devices"].sum())
    assert shown.empty or rest == 0 or rest >= RULES.fine_k
    assert (shown["devices"] >= RULES.fine_k).all()
    assert "" not in set(shown["region_code"])
    flows = city("inter_provincial").assign(devices=len(moved), period_from="2014", period_to="2015")
    named = shown.assign(period_from="2014", period_to="2015")
    assert audit.rests(flows, named, RULES.fine_k).broken == 0


def test_the_audit_finds_a_rest_that_gives_few_people_away() -> None:
    moved = people(("52", 60), ("51", 5))
    shown = migration_origins.by_region(people(("52", 60)), city("inter_provincial"), RULES)
    flows = city("inter_provincial").assign(devices=len(moved), period_from="2014", period_to="2015")
    assert audit.rests(flows, shown.assign(period_from="2014", period_to="2015"), RULES.fine_k).broken == 1


def test_regions_lie_where_the_network_table_says() -> None:
    table = pd.DataFrame(
        {
            "cell_id": ["a1", "X520300", "X520100", "X500103"],
            "lon": [106.6, 107.0, 106.0, 106.5],
            "lat": [29.0, 27.0, 26.0, 29.5],
        }
    )
    found = migration_origins.places(table)
    assert found.loc["52"].tolist() == [106.5, 26.5]
    assert found.loc["500103"].tolist() == [106.5, 29.5]
    frame = migration_origins.by_region(people(("52", 60)), city("inter_provincial"), RULES)
    where = found.reindex(frame["region_code"])
    named = frame.assign(lon=where["lon"].to_numpy(), lat=where["lat"].to_numpy(), period_from="2014", period_to="2015")
    contracts.check("migration_origins", contracts.conform("migration_origins", named))
