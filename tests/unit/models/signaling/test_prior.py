"""Houses lie where they are, villages around their point; nothing is lost at the borders of hexagons."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.fusion.hexes import cells_of, centres, disk
from models.signaling.prior import VILLAGE_M, WEIGHTS, houses_by_hex

CRS = 4544
HERE = cells_of(np.array([106.65]), np.array([28.9]), 8)
LON, LAT = (float(axis[0]) for axis in centres(HERE))


def gazetteer(*rows):
    return pd.DataFrame(rows, columns=["kind", "lon", "lat"])


def test_houses_and_places_of_interest_count_once_where_they_are_and_other_kinds_not_at_all():
    found = houses_by_hex(
        gazetteer(("address", LON, LAT), ("poi", LON, LAT), ("road", LON, LAT), ("address", None, None)), CRS, 8
    )
    assert found.to_dict() == {int(HERE[0]): 2.0}


def test_a_village_in_the_middle_of_a_hexagon_stays_in_it_and_one_at_its_border_is_shared():
    inside = houses_by_hex(gazetteer(("village", LON, LAT)), CRS, 8)
    assert inside.to_dict() == {int(HERE[0]): pytest.approx(WEIGHTS["village"])}
    beside = disk(HERE, 1)[1:2]
    there = [float(axis[0]) for axis in centres(beside)]
    border = houses_by_hex(gazetteer(("village", (LON + there[0]) / 2, (LAT + there[1]) / 2)), CRS, 8)
    share = border / WEIGHTS["village"]
    assert share.sum() == pytest.approx(1.0)
    assert share[int(HERE[0])] == pytest.approx(0.5, abs=0.15)
    assert share[int(beside[0])] == pytest.approx(0.5, abs=0.15)


def test_the_weight_of_a_city_is_kept():
    rng = np.random.default_rng(3)
    kinds = rng.choice(list(WEIGHTS), 400)
    table = pd.DataFrame({"kind": kinds, "lon": 106.6 + 0.2 * rng.random(400), "lat": 28.8 + 0.2 * rng.random(400)})
    assert houses_by_hex(table, CRS, 8).sum() == pytest.approx(pd.Series(kinds).map(WEIGHTS).sum(), rel=1e-12)


def test_a_village_reaches_as_far_as_its_radius_and_no_farther():
    found = houses_by_hex(gazetteer(("village", LON, LAT)), CRS, 11)
    lon, lat = centres(found.index.to_numpy(np.uint64))
    metres = 111_195 * np.hypot((lon - LON) * np.cos(np.radians(LAT)), lat - LAT)
    assert metres.max() < VILLAGE_M + 30, "a hexagon of level 11 is 25 m wide"
    assert metres.max() > 0.9 * VILLAGE_M
