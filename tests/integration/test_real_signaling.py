"""Real signaling: sessions of Beijing without positions, signaling beside GPS of Hangzhou; nothing lost or made up."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from layers.delivery_table import lines
from models import settings as settings_module
from models.build.deliveries import Given
from models.build.signaling_report import PeriodReport, raw_files, report_signaling
from models.fusion.hexes import cells_of, centres
from models.profile import load_city
from models.profile.signaling import load_signaling
from models.signaling import cell_spread, places
from models.signaling.delivery import read_delivery, write_delivered
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days
from models.signaling.network import load_network
from models.signaling.night_coverage import load_night_rule
from models.signaling.pipeline import Period, people_of
from models.signaling.profiles import load_profile
from models.signaling.work_area import WorkArea

pytestmark = pytest.mark.realdata


@pytest.fixture(scope="module")
def real_settings(tmp_path_factory):
    base = settings_module.load({})
    return dataclasses.replace(base, home=tmp_path_factory.mktemp("home"), shared=settings_module.load().shared)


def given(name, real_settings):
    city = load_city(name, real_settings)
    own = Given(city, real_settings, load_signaling(city))
    (period,) = own.spec.periods
    files = raw_files(own, period.delivery)
    if not files:
        pytest.skip(f"the files of {name} are not under CITYHEX_SHARED")
    return city, period, files


def report(name, real_settings) -> PeriodReport:
    city, _, _ = given(name, real_settings)
    (found,) = report_signaling(city, real_settings)
    assert found.balanced
    assert not list(real_settings.home.glob("signaling-*"))
    return found


@pytest.fixture(scope="module")
def beijing(real_settings):
    return report("beijing", real_settings)


def test_every_row_of_beijing_is_used_or_set_aside_and_no_cell_stands_anywhere(beijing):
    found = beijing
    assert found.account.read == 96_650
    assert found.account.set_aside == {"bad_time": 6_258, "other_date": 17}
    assert found.account.first["bad_time"].endswith("line 2: 08:31.0")
    assert found.cells == found.unplaced_cells == 5_024
    assert found.unplaced_events == found.account.used == 90_375
    assert found.flags["unknown_cell"] + found.flags["repeated"] == 90_375


def test_the_nights_of_beijing_are_said_to_be_insufficient(beijing):
    found = beijing
    assert found.night.share == pytest.approx(0.01, abs=0.001)
    assert found.devices["with a home"] == 0
    assert found.crowded_cells == 0  # even with positions no single cell could be shown at k = 15
    said = "\n".join(lines(found, k=15))
    assert "coverage insufficient" in said
    assert "5,024 of 5,024 cells have no coordinates" in said


@pytest.fixture(scope="module")
def placed_beijing(real_settings, tmp_path_factory):
    """Beijing with made-up positions, four kilometres apart, so that only its hours stand against naming homes."""
    city, period, files = given("beijing", real_settings)
    delivered = read_delivery(period.delivery, files, city.timezone, (period.first, period.last))
    n = np.arange(len(delivered.network))
    network = delivered.network.assign(lon=115.5 + 0.05 * (n % 40), lat=39.4 + 0.04 * (n // 40))
    days = [date.date() for date in pd.date_range(period.first, period.last)]
    folder = tmp_path_factory.mktemp("placed")
    written = write_delivered(dataclasses.replace(delivered, network=network), folder, days)
    files = PeriodFiles(written, city.timezone, {})
    area, rules = WorkArea(folder / "work"), load_rules()
    table = load_network(folder / "network.csv", city.crs)
    compute_days(files, table, rules, area, b"key", workers=2)
    return Period(files, table, rules, load_profile("cq-service-pop"), area, "11", 2_000)


def test_with_positions_beijing_still_has_no_homes_because_of_its_nights(placed_beijing, monkeypatch):
    """Neither the rule of the period names one, nor the rule of single users without it."""
    named = people_of(placed_beijing)
    assert len(named) == 1_028
    assert named["home_cell"].isna().all()
    assert set(named["home_class"]) == {"unknown"}
    blind = load_night_rule()._replace(min_share=0.0)
    monkeypatch.setattr("models.signaling.pipeline.load_night_rule", lambda: blind)
    assert people_of(placed_beijing)["home_cell"].isna().all()


def test_hangzhou_is_read_whole_and_its_spread_is_the_one_of_the_standards(real_settings):
    found = report("hangzhou", real_settings)
    assert (found.account.read, found.account.used) == (13_341, 13_341)
    assert (found.cells, found.unplaced_cells) == (3_003, 0)
    assert found.night.by_night == 0
    assert found.devices["with a home"] == 0
    assert found.spread == pytest.approx((100, 259, 497), abs=1)
    assert found.spread == pytest.approx(cell_spread.load_spread(), abs=0.1)


def test_footprints_of_the_measured_radius_spread_as_widely_as_hangzhou_did(real_settings, tmp_path):
    """The footprints of the 3,003 cells, over the places that were recorded, put devices as far away as they were."""
    city, period, files = given("hangzhou", real_settings)
    delivered = read_delivery(period.delivery, files, city.timezone, (period.first, period.last))
    write_delivered(delivered, tmp_path, [])
    network = load_network(tmp_path / "network.csv", city.crs)
    raw = pd.read_csv(files[0])
    hexes = np.unique(cells_of(raw["LNG"].to_numpy(), raw["LAT"].to_numpy(), 10))
    likelihood = places.footprints(network, np.ones(len(network.table), dtype=bool), hexes, city.crs)
    weights = places.one_bayes_step(likelihood, np.ones(len(hexes)), hexes, "footprint").weights.tocoo()
    x, y = Transformer.from_crs(4326, city.crs, always_xy=True).transform(*centres(hexes))
    away = np.hypot(network.sites.x[weights.row] - x[weights.col], network.sites.y[weights.row] - y[weights.col])
    seen = delivered.events["cell"].value_counts().reindex(network.table["cell_id"]).to_numpy()
    order = np.argsort(away)
    below = np.cumsum((weights.data * seen[weights.row])[order])
    found = np.interp(cell_spread.SHARES, below / below[-1], away[order])
    assert found[0] == pytest.approx(100, rel=0.1)
    assert found[1] == pytest.approx(259, rel=0.1)
    assert 1.0 < found[2] / 497 < 1.3  # the far tail is too wide: the page on footprints says so
