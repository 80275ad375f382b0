"""A build with signaling: products without a person, nothing below k, nothing left of the people afterwards."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.build import build_city
from models.errors import SourceError
from models.signaling import audit
from models.store import Store

PEOPLE = {"user", "home_cell", "work_cell", "link", "pseudonym"}


@pytest.fixture(scope="module")
def products(built_demo: Any) -> dict[str, Any]:
    """The products of the signaling of the demo city, by name."""
    names = ("present_by_hour", "residents_by_hex", "commute_flows", "jobs_housing", "visitors", "trips_by_hour")
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        return {name: store.product(name).to_pandas() for name in names}


def test_every_period_is_there_and_no_row_of_a_person(products: dict[str, Any]) -> None:
    for frame in products.values():
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
