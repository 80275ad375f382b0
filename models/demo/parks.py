"""Industrial parks (产业园区): a wide street lattice of their own, and the plots along it."""

from __future__ import annotations

import numpy as np

from models.demo.plane import Points
from models.demo.roads import Road
from models.demo.streets import curved, lattice, lines, runs
from models.demo.towns import Town

# Name, town it stands in, offset from its seat in km, radius in km, share of the park firms.
ZONES = (
    ("綦江工业园区", "古南", (-2.2, 3.1), 0.85, 0.3),
    ("桥河工业园", "文龙", (2.9, -1.6), 0.62, 0.16),
    ("三江工业园", "三江", (2.1, -0.9), 0.55, 0.1),
    ("万盛工业园区", "万盛", (3.4, 1.3), 0.72, 0.18),
    ("平山产业园", "南桐", (-1.8, -1.3), 0.55, 0.1),
    ("北渡铝产业园", "新盛", (1.4, -1.9), 0.62, 0.1),
    ("松藻煤电化园区", "安稳", (1.6, 1.1), 0.55, 0.06),
)
SPACING_KM = 0.26
PLOT_STEP_KM, PLOT_SIDE_KM = 0.055, 0.04


def parks(towns: list[Town], rng: np.random.Generator) -> tuple[list[Road], list[Points]]:
    """Return the street sections of all parks, and the plots of each zone (km on the ground, shape (plots, 2))."""
    seats = {t.stem: (position, t.seat) for position, t in enumerate(towns)}
    sections: list[Road] = []
    plots: list[Points] = []
    for _, town, offset, radius, _ in ZONES:
        position, seat = seats[town]
        nodes, present = lattice(seat + np.array(offset), radius, float(rng.uniform(0, np.pi)), SPACING_KM, rng)
        found = []
        for axis in (0, 1):
            for line, there in lines(nodes, present, axis):
                for a, b in runs(there):
                    curves = [curved(line, i) for i in range(a, b)]
                    sections += [Road(None, "residential", c, position) for c in curves]
                    found += [_plots(c) for c in curves]
        plots.append(np.concatenate(found))
    return sections, plots


def _plots(curve: Points) -> Points:
    """Return the plots on both sides of one section."""
    along = curve[-1] - curve[0]
    length = float(np.hypot(*along))
    at = np.arange(PLOT_STEP_KM / 2, length, PLOT_STEP_KM) / length
    middle = np.column_stack([np.interp(at, np.linspace(0, 1, len(curve)), curve[:, k]) for k in (0, 1)])
    side = np.array([-along[1], along[0]]) / length * PLOT_SIDE_KM
    both: Points = np.concatenate([middle + side, middle - side])
    return both
