"""What drives into a junction drives out of it: nodes of crossing roads, by hand, and roads that lose their traffic."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from models.signaling.corridors import Corridor, Sections
from models.signaling.junctions import Node, conservation, nodes_of
from models.signaling.road_speeds import summed
from tests.unit.models.signaling.test_roads import CELLS, RULES, drives, everything, spread_out, straight


def road(*points):
    return Corridor("road", "trunk", shapely.LineString(points), float("nan"))


def kilometres(*lengths):
    """Sections of one kilometre of roads so many kilometres long."""
    rows = [(k, 1_000.0 * n, 1_000.0 * (n + 1)) for k, length in enumerate(lengths) for n in range(length)]
    corridor, begin, end = (np.array(column) for column in zip(*rows, strict=True))
    return Sections(corridor.astype(np.int32), begin, end)


def test_one_road_has_a_node_at_every_border_of_its_sections():
    nodes = nodes_of([road((0, 0), (3_000, 0))], kilometres(3))
    assert nodes == [Node((0, 3), (1, 2), False), Node((2, 5), (3, 4), False)]


def test_roads_that_cross_within_sections_are_held_between_those_before_and_behind():
    """The second road crosses the first in its section 2; both are held between their sections 1 and 3."""
    nodes = nodes_of([road((0, 0), (5_000, 0)), road((2_500, -2_500), (2_500, 2_500))], kilometres(5, 5))
    junctions = [node for node in nodes if node.junction]
    assert junctions == [Node((2, 7, 12, 17), (3, 6, 13, 16), True)]
    assert [node for node in nodes if not node.junction] == [
        Node((2 * row, 2 * row + 3), (2 * row + 1, 2 * row + 2), False) for row in (0, 3, 5, 8)
    ]


def test_a_road_that_ends_at_the_border_of_another_gives_one_arm():
    nodes = nodes_of([road((0, 0), (4_000, 0)), road((2_050, 0), (2_050, 3_000))], kilometres(4, 3))
    assert [node for node in nodes if node.junction] == [Node((2, 5, 9), (3, 4, 8), True)]


def test_a_junction_within_the_first_section_of_a_road_cannot_be_held():
    nodes = nodes_of([road((0, 0), (5_000, 0)), road((2_500, -400), (2_500, 2_600))], kilometres(5, 3))
    assert not any(node.junction for node in nodes)
    assert Node((2, 5), (3, 4), False) not in nodes  # traffic turns there all the same


def test_conservation_by_hand():
    """100 in and 90 out: 10 is within 1.645 sqrt(190) = 22.7. With 60 out, 40 is beyond 1.645 sqrt(160) = 20.8."""
    passages = np.zeros((4, 24, 2), np.int64)
    passages[0, 8, 0], passages[2, 8, 0] = 100, 90
    passages[0, 9, 0], passages[2, 9, 0] = 100, 60
    passages[0, 10, 0], passages[2, 10, 0] = 100, 0
    shown, jam = np.zeros(passages.shape, bool), np.zeros(passages.shape, bool)
    shown[:, 8:10, 0], jam[2, 9, 0] = True, True  # the third hour is hidden
    found = conservation([Node((0, 3), (1, 2), False)], passages, shown, jam)
    assert found["road_borders_held"] == 2
    assert found["road_borders_conserved"] == 0.5
    assert found["road_borders_difference"] == pytest.approx((10 / 190 + 40 / 160) / 2)
    assert found["road_jams_conserved"] == 0.0
    assert found["road_junctions_held"] == 0 and np.isnan(found["road_junctions_conserved"])


@pytest.mark.parametrize(("leaving", "conserved"), [(0, True), (40, False)])
def test_a_road_that_keeps_its_traffic_is_conserved_and_one_with_an_unknown_exit_is_not(leaving, conserved):
    """60 devices drive along sections of 2 km in one hour; some leave the road after the handover at km 8."""
    ways = straight(cells=CELLS, sections=10)
    users = [user[:9] if k < leaving else user for k, user in enumerate(spread_out(60, 60.0, 3_600, 3))]
    passed = everything(drives(users, ways), ways)
    whole = summed([(np.arange(60, dtype=np.uint64), passed)], [0], np.full(20, 2_000.0), RULES.speeds)
    hours = whole.passages[2:14:2, :, 0].sum(axis=0)
    hour = int(hours.argmax())
    shown = np.zeros(whole.passages.shape, bool)
    shown[:, hour, 0] = True
    border = [Node((6, 9), (7, 8), False)]  # at km 8
    found = conservation(border, whole.passages, shown, np.zeros(shown.shape, bool))
    assert found["road_borders_held"] == 1
    assert found["road_borders_conserved"] == float(conserved)
