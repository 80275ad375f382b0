"""Public places and objects of the generated city: facilities, base stations and housing projects."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.demo.plane import to_degrees
from models.demo.sites import Sites
from models.demo.towns import DISTRICT_CODE
from models.demo.words import BRAND_FIRST, brands, pick

# Type, ending of the name, residents for each one, at least per town.
FACILITIES = (
    ("小学", "小学", 9_000, 1),
    ("中学", "中学", 26_000, 0),
    ("幼儿园", "幼儿园", 6_500, 1),
    ("卫生院", "卫生院", 40_000, 1),
    ("医院", "人民医院", 90_000, 0),
    ("农贸市场", "农贸市场", 22_000, 1),
    ("公园", "公园", 30_000, 0),
    ("养老院", "敬老院", 35_000, 1),
    ("派出所", "派出所", 60_000, 1),
    ("公交站", "公交站", 4_500, 1),
)
_ORDINALS = ("", "第二", "第三", "第四", "第五", "第六", "第七", "第八", "第九", "第十")
_TECHNOLOGIES = (("2G", "1998-06-01"), ("3G", "2009-10-01"), ("4G", "2014-01-15"))


def facilities(sites: Sites, rng: np.random.Generator) -> pd.DataFrame:
    """Return schools, clinics, markets and the like; one in thirty has lost its coordinates."""
    rows = []
    for position, town in enumerate(sites.towns):
        doors = np.flatnonzero(sites.houses.town == position)
        for kind, ending, per, least in FACILITIES:
            for number in range(max(round(town.population / per), least)):
                house = int(rng.choice(doors))
                ordinal = _ORDINALS[number] if number < len(_ORDINALS) else f"{number + 1}号"
                street = sites.houses.names[int(sites.houses.street[house])]
                rows.append((f"{town.stem}{ordinal}{ending}", kind, house, f"重庆市綦江区{town.name}{street}"))
    door = np.array([r[2] for r in rows])
    degrees = to_degrees(sites.houses.place[door])
    numbers = sites.houses.number[door]
    lost = rng.random(len(rows)) < 1 / 30
    return pd.DataFrame(
        {
            "编号": [f"F{n:05d}" for n in range(1, len(rows) + 1)],
            "名称": [r[0] for r in rows],
            "类型": [r[1] for r in rows],
            "地址": [f"{r[3]}{n}号" for r, n in zip(rows, numbers.tolist(), strict=True)],
            "区县代码": DISTRICT_CODE,
            "经度": pd.Series(degrees[:, 0]).mask(lost),
            "纬度": pd.Series(degrees[:, 1]).mask(lost),
        }
    )


def base_stations(sites: Sites, rng: np.random.Generator) -> pd.DataFrame:
    """Return base stations with the days they worked: masts in towns by population and one for most villages.

    A retired station is followed by one at the same mast from the day after.
    """
    per_town = [max(int(t.population / 1_300), 3) for t in sites.towns]
    masts = []
    for position, count in enumerate(per_town):
        doors = np.flatnonzero(sites.houses.town == position)
        masts.append(sites.houses.place[rng.choice(doors, count)] + rng.normal(0, 0.06, (count, 2)))
    rural = sites.village_place[rng.random(len(sites.village_place)) < 0.8]
    places = np.concatenate([*masts, rural + rng.normal(0, 0.3, rural.shape)])
    count = len(places)
    degrees = to_degrees(places)
    kind = rng.choice(len(_TECHNOLOGIES), count, p=[0.4, 0.33, 0.27])
    start = np.array([np.datetime64(t[1]) for t in _TECHNOLOGIES])[kind] + rng.integers(0, 480, count)
    frame = pd.DataFrame(
        {
            "station_id": [f"QJ{n:05d}" for n in range(1, count + 1)],
            "technology": np.array([t[0] for t in _TECHNOLOGIES], dtype=object)[kind],
            "valid_from": start,
            "valid_to": np.datetime64("NaT", "D"),
            "azimuth_deg": rng.integers(0, 36, count) * 10,
            "lon": degrees[:, 0],
            "lat": degrees[:, 1],
        }
    )
    retired = np.flatnonzero((kind == 0) & (rng.random(count) < 0.18))
    end = np.datetime64("2014-06-30") + rng.integers(0, 300, len(retired))
    successor = frame.iloc[retired].assign(
        station_id=frame["station_id"].iloc[retired] + "B", technology="4G", valid_from=end + 1
    )
    frame.loc[retired, "valid_to"] = end
    return pd.concat([frame, successor], ignore_index=True)


def housing_projects(sites: Sites, rng: np.random.Generator, count: int = 140) -> pd.DataFrame:
    """Return housing projects with units, sales and price; prices fall with the distance from the town's
    seat."""
    weight = (sites.houses.central**0.5) * np.array([t.population for t in sites.towns])[sites.houses.town] ** 1.3
    house = rng.choice(len(weight), count, replace=False, p=weight / weight.sum())
    units = np.round(np.exp(rng.normal(5.9, 0.7, count)) / 2) * 2
    sold = np.floor(units * np.clip(rng.beta(5, 2, count), 0, 1))
    big = np.array([t.population for t in sites.towns])[sites.houses.town[house]] / 1e5
    price = 2_400 + 1_900 * np.sqrt(big) * sites.houses.central[house] ** 0.3 + rng.normal(0, 260, count)
    tails = pick(["花园", "家园", "新城", "国际", "苑", "华庭", "名都", "印象"], count, rng)
    stems = [sites.towns[t] for t in sites.houses.town[house].tolist()]
    streets = [sites.houses.names[s] for s in sites.houses.street[house].tolist()]
    return pd.DataFrame(
        {
            "预售证号": [f"綦房预字({2008 + n * 8 // count})第{n + 1:03d}号" for n in range(count)],
            "项目名称": [a + b for a, b in zip(brands(count, rng), tails, strict=True)],
            "开发企业": [
                f"重庆{a}{b}置业有限公司"
                for a, b in zip(pick(BRAND_FIRST, count, rng), pick(BRAND_FIRST, count, rng), strict=True)
            ],
            "项目地址": [f"綦江区{t.name}{s}" for t, s in zip(stems, streets, strict=True)],
            "总套数": units.astype(int),
            "已售套数": sold.astype(int),
            "均价(元/㎡)": price.round(0).astype(int),
            "开盘日期": _openings(count, rng),
            **_coordinates(sites, house),
        }
    )


def _openings(count: int, rng: np.random.Generator) -> list[str]:
    years = 2008 + np.arange(count) * 8 // count
    months = np.where(years == 2015, rng.integers(1, 7, count), rng.integers(1, 13, count))
    days = rng.integers(1, 29, count)
    return [f"{y}-{m:02d}-{d:02d}" for y, m, d in zip(years.tolist(), months.tolist(), days.tolist(), strict=True)]


def _coordinates(sites: Sites, house: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.float64]]:
    degrees = to_degrees(sites.houses.place[house])
    return {"经度": degrees[:, 0], "纬度": degrees[:, 1]}
