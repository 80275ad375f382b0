"""The spread of devices around their cell, and what a footprint makes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import ConfigError
from models.signaling import cell_spread
from models.signaling.events import Pseudonyms, read_events
from models.signaling.flags import NO_CELL
from models.signaling.network import COLUMNS, load_network
from tests.unit.models.signaling.grouped import rows_of


def test_a_minute_of_latitude_is_a_nautical_mile():
    (metres,) = cell_spread.measured([0.0], [44.5], [0.0], [44.5 + 1 / 60])
    assert metres == pytest.approx(1852, abs=2)


def test_the_spread_of_a_footprint_drawn_at_random_is_that_of_the_formula():
    rng = np.random.default_rng(1)
    farthest = 99 ** (1 / cell_spread.EXPONENT)
    distance = farthest * np.sqrt(rng.random(2_000_000))  # even over the disc
    kept = distance[rng.random(len(distance)) < 1 / (1 + distance**cell_spread.EXPONENT)]
    assert cell_spread.multiples() == pytest.approx(cell_spread.spread_of(kept), rel=0.01)


def test_the_radius_gives_back_the_measured_median_and_ten_per_cent():
    spread = cell_spread.load_spread()
    radius = cell_spread.radius_m()
    assert radius == pytest.approx(225.8, abs=0.1)
    assert radius * cell_spread.multiples().p50 == pytest.approx(spread.p50)
    assert radius * cell_spread.multiples().p10 == pytest.approx(spread.p10, rel=0.05)
    assert cell_spread.radius_m(cell_spread.Spread(200.0, 516.8, 993.8)) == pytest.approx(2 * radius)


def test_distances_in_disorder_or_without_source_are_refused(tmp_path):
    file = tmp_path / "spread.toml"
    file.write_text('source = "s"\n[distance_m]\np10 = 300.0\np50 = 200.0\np90 = 500.0\n')
    with pytest.raises(ConfigError, match="distance_m"):
        cell_spread.load_spread(file)
    file.write_text("[distance_m]\np10 = 100.0\np50 = 200.0\np90 = 500.0\n")
    with pytest.raises(ConfigError, match="source"):
        cell_spread.load_spread(file)


@pytest.fixture
def table():
    cells = pd.DataFrame({"cell_id": ["a", "b", "c"], "lon": [106.6, None, 106.7], "lat": [28.9, None, 28.8]})
    filled = cells.assign(station_id="s", azimuth_deg=0, beamwidth_deg=360, radius_m=500.0, technology="4G")
    return filled.assign(valid_from="2012-01-01", valid_to=None)[list(COLUMNS)]


def test_a_network_without_radii_spreads_as_measured(table, tmp_path):
    table.drop(columns="radius_m").to_csv(tmp_path / "n.csv", index=False)
    found = load_network(tmp_path / "n.csv", 4544)
    assert found.table["radius_m"].tolist() == [cell_spread.radius_m()] * 2
    table.to_csv(tmp_path / "n.csv", index=False)
    assert load_network(tmp_path / "n.csv", 4544).table["radius_m"].tolist() == [500.0] * 2


def test_a_cell_without_coordinates_is_named_and_its_events_are_counted_and_kept(table, tmp_path):
    table.to_csv(tmp_path / "n.csv", index=False)
    network = load_network(tmp_path / "n.csv", 4544)
    assert network.unplaced == ("b",)
    assert network.table["cell_id"].tolist() == ["a", "c"]
    rows = pa.table({"user": ["u"] * 4 + [None], "time": [1, 2, 3, 4, 5], "cell": ["a", "b", "b", "ghost", "b"]})
    pq.write_table(rows, tmp_path / "e.parquet")
    codes = network.codes_on(pd.Timestamp("2015-06-01").date())
    events = read_events(tmp_path / "e.parquet", codes, (0, 10), Pseudonyms(b"k"))
    assert [cell for _, _, cell in rows_of(events)] == [0, NO_CELL, NO_CELL, NO_CELL]
    assert (events.account.read, events.account.kept, events.account.unplaced) == (5, 4, 2)
