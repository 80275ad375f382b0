"""Census tables of the generated city: district values as published, town values invented to add up to them.

The trap they carry: in 2010 the code 500110 was 万盛区 and 綦江县 had 500222; in 2020 the code 500110 is 綦江区, which
is both. Joined by code, 255,776 residents become 1,011,334.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.towns import Town

QIJIANG_2010, WANSHENG_2010, QIJIANG_2020 = 801_041, 255_776, 1_011_334
"""Residents of the censuses of 2010 (綦江县, 万盛区) and 2020 (綦江区), as published."""
SHARES = {
    2010: {"urban_residents": 0.45, "aged_65_and_over": 0.125},
    2020: {"urban_residents": 0.61, "aged_65_and_over": 0.199},
}
"""Shares of the invented indicators: in the range of the region, not published values."""
HOUSEHOLD = {2010: 2.72, 2020: 2.38}
AREAS = (
    (2010, "500222", "綦江县", "綦江县 before the 2011 merger, without 万盛区"),
    (2010, "500110", "万盛区", "万盛区 before the 2011 merger; the code stands for 綦江区 since"),
    (2020, "500110", "綦江区", "綦江区 since the 2011 merger of 綦江县 and 万盛区"),
)


def census(towns: list[Town], rng: np.random.Generator) -> pd.DataFrame:
    """Return residents, urban residents, residents of 65 and over and households by district and town, long
    form."""
    weight = np.array([t.population for t in towns], dtype=float)
    wansheng = np.array([t.wansheng for t in towns])
    in_2010 = np.zeros(len(towns))
    for group, total in ((wansheng, WANSHENG_2010), (~wansheng, QIJIANG_2010)):
        in_2010[group] = _split(total, weight[group] * np.exp(rng.normal(0, 0.06, int(group.sum()))))
    pull = 0.62 + 0.42 * np.log10(weight / 9_000) + rng.normal(0, 0.05, len(towns))
    in_2020 = _split(QIJIANG_2020, in_2010 * np.clip(pull, 0.55, 1.6))
    rows = []
    for year, code, name, definition in AREAS:
        total = {"綦江县": QIJIANG_2010, "万盛区": WANSHENG_2010, "綦江区": QIJIANG_2020}[name]
        rows += _indicators(year, (code, name, "district", definition), total)
    for year, values in ((2010, in_2010), (2020, in_2020)):
        for town, residents in zip(towns, values.tolist(), strict=True):
            definition = f"{town.name} in its boundary of {year}"
            rows += _indicators(year, (town.code, town.name, "town", definition), int(residents))
    columns = ["area_code", "area_name", "area_level", "area_definition", "indicator", "value", "unit"]
    return pd.DataFrame(rows, columns=[*columns, "reference_date", "vintage"])


def _indicators(year: int, area: tuple[str, str, str, str], residents: int) -> list[tuple[object, ...]]:
    values = [("residents", residents, "person")]
    values += [(key, round(residents * share), "person") for key, share in SHARES[year].items()]
    values.append(("households", round(residents / HOUSEHOLD[year]), "household"))
    return [(*area, key, value, unit, f"{year}-11-01", f"{year} census") for key, value, unit in values]


def _split(total: int, weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return whole numbers in proportion to ``weight`` that add up to ``total`` (largest remainders)."""
    exact = total * weight / weight.sum()
    whole: npt.NDArray[np.float64] = np.floor(exact)
    short = int(total - whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:short]] += 1
    return whole


AREA_CHANGES = pd.DataFrame(
    [
        ("500222", "綦江县", "500110", "綦江区", "2011-10-22", None, "merge"),
        ("500110", "万盛区", "500110", "綦江区", "2011-10-22", None, "merge"),
    ],
    columns=["old_code", "old_name", "new_code", "new_name", "valid_from", "valid_to", "kind"],
)
"""Dated changes of districts, valid_from the day of the approval (国务院 22 October 2011)."""
