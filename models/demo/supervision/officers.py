"""Inspection officers (执法人员): areas, expertise, certificates, conflicts, and the hidden strictness of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.geography import GroundPlan
from models.demo.supervision.world import World
from models.demo.words import persons

HEADERS = ("工号", "姓名", "岗位", "责任区域代码", "专业资质", "执法证号", "执法证有效期至", "回避主体代码")
SUPERVISORS, MANAGERS, GRID_OFFICERS = 36, 2, 6
LIBRARIES = {
    "commerce": "工商监管",
    "food": "食品",
    "drug": "药品",
    "quality": "产品质量",
    "special_equipment": "特种设备",
    "other": "其他",
}
STRICT, LENIENT = 0.9, -0.9
"""Log odds by which a strict or lenient officer differs from the usual one."""
STRICT_COUNT = LENIENT_COUNT = 6


@dataclass(frozen=True)
class Officers:
    """The staff list.

    Attributes
    ----------
    frame : as written, columns of `HEADERS`
    effect : log odds that each officer adds to finding a fault, the truth that no level may use
    serves : which towns each officer inspects, shape (officers, towns)
    """

    frame: pd.DataFrame
    effect: npt.NDArray[np.float64]
    serves: npt.NDArray[np.bool_]

    def truth(self) -> pd.DataFrame:
        """Return officer_id, effect and group (strict, lenient, usual)."""
        group = np.select([self.effect >= STRICT, self.effect <= LENIENT], ["strict", "lenient"], default="usual")
        return pd.DataFrame({"officer_id": self.frame[HEADERS[0]], "effect": self.effect, "group": group}).astype(
            {"officer_id": "str", "group": "str"}
        )


def officers(world: World, plan: GroundPlan, rng: np.random.Generator) -> Officers:
    """Return the officers: two managers, thirty who serve towns, six who serve grid cells of one large town.

    Every town has at least two officers. Of the certificates three have ended, two end within 60 days of the last day
    and one officer has none. Six officers must not inspect certain firms.
    """
    count, towns = SUPERVISORS + MANAGERS, len(world.towns)
    serves = np.zeros((count, towns), dtype=bool)
    serves[:MANAGERS] = True
    order = np.concatenate([rng.permutation(towns) for _ in range(3)])
    plain = range(MANAGERS, count - GRID_OFFICERS)
    for position, town in enumerate(order.tolist()):
        serves[plain[position % len(plain)], town] = True
    large = np.argsort([-t.population for t in world.towns])[:3]
    areas: list[str] = ["500110"] * MANAGERS
    areas += [";".join(world.towns[t].code for t in np.flatnonzero(serves[n])) for n in plain]
    for number in range(GRID_OFFICERS):
        town = int(large[number // 2])
        cells = [c for c in plan.codes[plan.cells] if c.startswith(world.towns[town].code)]
        areas.append(";".join(cells[number % 2 :: 2]))
        serves[count - GRID_OFFICERS + number, town] = True
    effect = rng.normal(0, 0.15, count)
    chosen = rng.permutation(np.arange(MANAGERS, count))
    effect[chosen[:STRICT_COUNT]] = STRICT + rng.uniform(0, 0.2, STRICT_COUNT)
    effect[chosen[STRICT_COUNT : STRICT_COUNT + LENIENT_COUNT]] = LENIENT - rng.uniform(0, 0.2, LENIENT_COUNT)
    frame = pd.DataFrame(
        {
            HEADERS[0]: [f"QJ{n:03d}" for n in range(1, count + 1)],
            HEADERS[1]: persons(count, rng),
            HEADERS[2]: ["科所长"] * MANAGERS + ["监管员"] * SUPERVISORS,
            HEADERS[3]: areas,
            HEADERS[4]: _expertise(count, rng),
            HEADERS[5]: [f"渝市监执{5001100 + n}" for n in range(count)],
            HEADERS[6]: _until(count, rng),
            HEADERS[7]: _conflicts(world, count, rng),
        }
    )
    frame.loc[frame[HEADERS[6]].isna(), HEADERS[5]] = None
    return Officers(frame, effect, serves)


def _expertise(count: int, rng: np.random.Generator) -> list[str]:
    extra = ("food", "quality", "drug", "special_equipment")
    found = []
    for number in range(count):
        more = rng.choice(extra, int(rng.integers(1, 3)), replace=False, p=[0.45, 0.25, 0.15, 0.15]).tolist()
        known = ["commerce", "other", *(list(extra) if number < MANAGERS else more)]
        found.append(";".join(name for name in LIBRARIES if name in known))
    return found


def _until(count: int, rng: np.random.Generator) -> list[str | None]:
    days = np.datetime64("2016-01-01") + rng.integers(0, 1400, count)
    odd = rng.permutation(np.arange(MANAGERS, count))[:6]
    days[odd[:3]] = np.datetime64("2014-11-30") + rng.integers(0, 200, 3)
    days[odd[3:5]] = np.datetime64("2015-07-05") + rng.integers(0, 50, 2)
    texts: list[str | None] = np.datetime_as_string(days).tolist()
    texts[int(odd[5])] = None
    return texts


def _conflicts(world: World, count: int, rng: np.random.Generator) -> list[str | None]:
    found: list[str | None] = [None] * count
    for officer in rng.choice(np.arange(MANAGERS, count), 6, replace=False).tolist():
        firms = rng.choice(len(world), int(rng.integers(1, 4)), replace=False)
        found[officer] = ";".join(world.codes[np.sort(firms)].tolist())
    return found
