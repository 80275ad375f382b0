"""A build with signaling: products without a person, nothing below k, nothing left of the people afterwards."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.build import build_city
from models.errors import SourceError
from models.fusion import hexes
from models.signaling import audit
from models.store import Store

PEOPLE = {"user", "home_cell", "work_cell", "link", "pseudonym"}


@pytest.fixture(scope="module")
def products(built_demo: Any) -> dict[str, Any]:
    """The products of the signaling of the demo city, by name."""
    names = (
        "present_by_hour", "residents_by_hex", "people_by_area", "coverage_quality", "commute_flows", "jobs_housing",
        "visitors", "trips_by_hour",
    )  # fmt: skip
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        return {name: store.product(name).to_pandas() for name in (*names, "cells")}


def test_every_period_is_there_and_no_row_of_a_person(products: dict[str, Any]) -> None:
    for name, frame in products.items():
        if name == "cells":
            continue
        assert set(frame["period"]) == {"2013", "2014", "2015"}
        assert not PEOPLE & set(frame.columns)


def test_no_value_stands_for_fewer_than_k_devices(products: dict[str, Any]) -> None:
    for name, k in (("present_by_hour", 20), ("residents_by_hex", 10), ("commute_flows", 10), ("visitors", 20)):
        frame = products[name]
        shown = frame[~frame["suppressed"] & (frame["persons"] > 0)]
        assert (shown["devices"] >= k).all(), name
        assert frame[frame["suppressed"]][["persons", "devices"]].isna().all().all(), name


def test_both_resolutions_have_the_same_total(products: dict[str, Any]) -> None:
    frame = products["residents_by_hex"]
    sums = frame.groupby(["period", "role", "resolution"])["persons"].sum().unstack()
    assert (abs(sums[7] - sums[8]) <= 1e-6 * sums[8] + 1e-6).all()


def test_every_hexagon_is_the_sum_of_its_parts_where_nothing_is_hidden(products: dict[str, Any]) -> None:
    frame = products["residents_by_hex"]
    for resolution in (9, 8):
        parts, whole = (frame[frame["resolution"] == r] for r in (resolution, resolution - 1))
        by = [hexes.parents(parts["h3"].to_numpy(np.uint64), resolution - 1), parts["period"], parts["role"]]
        summed = parts.groupby(by).agg({"persons": "sum", "suppressed": "any"})
        summed = summed.loc[~summed["suppressed"], "persons"]
        known = whole.set_index(["h3", "period", "role"])["persons"].reindex(summed.index)
        assert len(summed) > 20
        assert (abs(summed - known) <= 1e-9 * known.clip(lower=1)).all(), resolution


def test_the_city_is_the_sum_of_its_hexagons_and_its_towns_are_no_more(products: dict[str, Any]) -> None:
    frame, areas = products["residents_by_hex"], products["people_by_area"]
    sums = areas.groupby(["period", "role", "area_level"])["persons"].sum().unstack()
    whole = frame[frame["resolution"] == 8].groupby(["period", "role"])["persons"].sum()
    assert (abs(sums["city"] - whole) <= 1e-9 * whole.clip(lower=1)).all()
    assert (sums["town"] <= sums["city"] * (1 + 1e-9)).all()


def test_all_hexagons_of_nine_are_listed_and_those_shown_are_told_apart(products: dict[str, Any]) -> None:
    listed = products["coverage_quality"]
    listed = listed[listed["resolution"] == 9]
    cells = products["cells"]
    assert set(listed["h3"]) == set(cells.loc[cells["resolution"] == 9, "h3"])
    shown = products["residents_by_hex"]
    shown = shown[shown["resolution"] == 9]
    assert set(shown["role"]) == {"resident", "worker"}
    apart = listed[listed["told_apart"]].groupby("period")["h3"].agg(set)
    for period, own in shown.groupby("period"):
        assert set(own["h3"]) == apart[period]
        assert 0 < len(apart[period]) < len(listed) / 3


def test_an_attacker_recovers_nothing_and_the_balance_of_moves_adds_up(built_demo: Any) -> None:
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        frames = {name: store.product(name).to_pandas() for name in audit.PRODUCTS}
    assert not [found for found in audit.audit(frames, k=10, fine_k=20) if found.broken]
    balance = frames["migration_balance"]
    assert set(balance["period_to"]) == {"2014", "2015"}
    known = balance[~balance["suppressed"]]
    left = known["residents_from"] + known["moved_in"] - known["moved_out"] + known["unexplained"]
    assert (abs(left - known["residents_to"]) < 1e-6).all()


def test_nothing_is_left_of_the_people(built_demo: Any) -> None:
    area = built_demo.home / "demo" / "signaling"
    assert not area.exists()
    steps = built_demo.home / "demo" / "steps"
    kept = {path.stem for path in steps.rglob("signaling*/*/*.parquet")}
    assert "present_by_hour" in kept
    assert not kept & {"people", "users", "attributes"}


def test_a_date_without_file_is_named(built_demo: Any, tmp_path: Path) -> None:
    settings = replace(built_demo.settings, home=tmp_path / "home")
    shutil.copytree(built_demo.home, settings.home)
    (settings.home / "demo-files" / "signaling" / "2014" / "date=2014-06-11.parquet").unlink()
    with pytest.raises(SourceError, match="date=2014-06-11"):
        build_city("demo", settings)


def test_a_city_whose_deliveries_have_not_come_is_built_without_them(built_demo: Any, tmp_path: Path) -> None:
    settings = replace(built_demo.settings, home=tmp_path / "home")
    shutil.copytree(built_demo.home, settings.home)
    shutil.rmtree(settings.home / "demo-files" / "signaling")
    build_city("demo", settings)
    with Store.open("demo", settings, read_only=True) as store:
        assert "present_by_hour" not in store.products()
