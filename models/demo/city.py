"""Draws the generated city and writes the files it would send, with the truth beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.demo import census, public, roads, supervision, waterways
from models.demo.files import write_csv, write_geojson, write_gpkg, write_xlsx
from models.demo.geography import GroundPlan, ground_plan
from models.demo.neighbours import neighbours
from models.demo.parks import parks
from models.demo.plane import Points, Warp, length_km, to_degrees
from models.demo.readme import README
from models.demo.registers import Outcome, write_online, write_registers
from models.demo.roads import LANES, SPEED, Road
from models.demo.signaling import Preset, write_signaling
from models.demo.sites import Sites, gazetteer, make_sites, villages
from models.demo.streams import Streams
from models.demo.streets import streets
from models.demo.towns import DISTRICT_CODE, Town, load_towns

SEED = 20150630
FIRMS = 26_000


@dataclass(frozen=True)
class DemoCity:
    """The drawn city before its firms: towns, grid, sites, roads on the ground and waters."""

    towns: list[Town]
    plan: GroundPlan
    sites: Sites
    roads: list[Road]
    rivers: list[tuple[str, str, Points]]
    reservoirs: list[tuple[str, shapely.Polygon]]


def draw_city(seed: int = SEED) -> DemoCity:
    """Draw the city of ``seed``; nothing is written."""
    streams = Streams(seed)
    towns, outside = load_towns()
    warp = Warp.draw(streams.of("warp"))
    courses = roads.courses(towns, warp, streams.of("courses"))
    links = roads.town_links(towns, warp, streams.of("links"))
    beside = [r.line for r in courses if r.road_class != "motorway"] + [r.line for r in links]
    plan = ground_plan(towns, outside, beside, warp, streams.of("grid"))
    built, houses = streets(towns, _headings(towns, courses + links, warp), streams.of("streets"))
    rural = villages(towns, plan, streams.of("villages"))
    lanes = roads.village_roads(warp.to_design(rural[2]), courses + links, warp, streams.of("lanes"))
    park_streets, plots = parks(towns, streams.of("parks"))
    network = roads.on_ground(courses + links, warp) + lanes + built + park_streets
    rivers = waterways.rivers(towns, warp, streams.of("rivers"))
    lakes = waterways.reservoirs(towns, streams.of("reservoirs"))
    return DemoCity(towns, plan, make_sites(towns, houses, rural, plots, streams.of("sites")), network, rivers, lakes)


def write_city(
    out_folder: Path,
    *,
    seed: int = SEED,
    firms: int = FIRMS,
    registers_only: bool = False,
    signaling: Preset | None = None,
    on_progress: Callable[[float, str], None] | None = None,
) -> dict[str, int]:
    """Write the files of the generated city; the same arguments give the same bytes.

    Parameters
    ----------
    out_folder : made where it is missing; files of an earlier run are overwritten
    seed : of everything random
    firms : firms in the registers, at least 1,000
    registers_only : leave out roads, waters, census, public places, supervision and signaling (for benchmarks with
        many firms)
    signaling : how many people the operator sees and how well; None leaves its deliveries out
    on_progress : told the share done (0..1) and what is being written

    Returns
    -------
    Rows by file, paths relative to ``out_folder``. Beside the ``firms`` come those that the planted episodes of
    supervision need, in a register file of their own.

    Raises
    ------
    ValueError : fewer than 1,000 firms, which would leave no room for the planted dirt
    """
    if firms < 1_000:
        raise ValueError(f"{firms} firms leave no room for the planted dirt; needed: at least 1,000")
    tell = on_progress or _silent
    streams = Streams(seed)
    out_folder.mkdir(parents=True, exist_ok=True)
    (out_folder / "README.md").write_text(README, encoding="utf-8")
    tell(0.0, "ground plan")
    city = draw_city(seed)
    rows = _write_ground(out_folder, city)
    around, outlines = neighbours(city.plan.polygons[0], streams.of("neighbours"))
    write_geojson(out_folder / "geography/neighbours.geojson", around, outlines)
    rows["geography/neighbours.geojson"] = len(around)
    tell(0.2, "gazetteer")
    places = gazetteer(city.sites)
    write_csv(out_folder / "places/standard_addresses.csv.gz", places)
    rows["places/standard_addresses.csv.gz"] = len(places)
    if not registers_only:
        tell(0.3, "roads, waters and public places")
        rows |= _write_surroundings(out_folder, city, streams)
    outcome = write_registers(
        out_folder,
        city.sites,
        city.plan,
        streams,
        firms=firms,
        on_progress=_part_of(tell, 0.35, 0.25),
        keep=not registers_only,
    )
    if not registers_only:
        tell(0.6, "supervision")
        rows |= _write_supervision(out_folder, city, outcome, streams, firms)
        if signaling is not None:
            tell(0.7, "signaling")
            stations = public.base_stations(city.sites, streams.of("stations"))
            told = _part_of(tell, 0.7, 0.3)
            folder = out_folder / "signaling"
            rows |= write_signaling(
                folder, city.sites, stations, streams, signaling, roads=city.roads, on_progress=told
            )
    _write_truth(out_folder / "truth", outcome, rows | outcome.rows)
    tell(1.0, "done")
    return rows | outcome.rows


def _part_of(tell: Callable[[float, str], None], begun: float, part: float) -> Callable[[float, str], None]:
    return lambda share, what: tell(begun + part * share, what)


def _silent(_share: float, _what: str) -> None:
    return None


def _headings(towns: list[Town], network: list[Road], warp: Warp) -> npt.NDArray[np.float64]:
    """Return the direction (radians) of the main road at each town's seat: towns stretch along it."""
    lines = np.concatenate([warp.to_ground(r.line) for r in network if r.road_class != "motorway"])
    steps = np.concatenate([np.gradient(warp.to_ground(r.line), axis=0) for r in network if r.road_class != "motorway"])
    found = []
    for town in towns:
        near = np.argsort(np.hypot(*(lines - town.seat).T))[:12]
        along = steps[near] * np.sign(steps[near, :1] + 1e-12)
        found.append(np.arctan2(along[:, 1].sum(), along[:, 0].sum()))
    return np.array(found)


def _write_ground(folder: Path, city: DemoCity) -> dict[str, int]:
    plan = city.plan
    district = pd.DataFrame({"district_code": [DISTRICT_CODE], "name": [plan.names[0]], "name_en": ["Qijiang"]})
    write_geojson(folder / "geography/district.geojson", district, [plan.polygons[0]])
    grids = pd.DataFrame(
        {"网格编码": plan.codes, "网格名称": plan.names, "级别": plan.levels, "上级编码": plan.parents}
    )
    grids["级别"] = grids["级别"].map({"district": "区县", "town": "镇街", "grid": "网格"})
    write_gpkg(folder / "geography/supervision_grid.gpkg", grids, list(plan.polygons), "grids")
    seats = to_degrees(np.array([t.seat for t in city.towns]))
    towns = pd.DataFrame(
        {
            "town_code": [t.code for t in city.towns],
            "name": [t.name for t in city.towns],
            "name_en": [t.name_en for t in city.towns],
            "district_code": DISTRICT_CODE,
            "population": [t.population for t in city.towns],
            "lon": seats[:, 0],
            "lat": seats[:, 1],
        }
    )
    write_csv(folder / "geography/towns.csv", towns)
    return {
        "geography/district.geojson": 1,
        "geography/supervision_grid.gpkg": len(grids),
        "geography/towns.csv": len(towns),
    }


def _write_supervision(folder: Path, city: DemoCity, outcome: Outcome, streams: Streams, firms: int) -> dict[str, int]:
    """Plant the episodes, deliver their firms in a register of their own, and write what supervision records."""
    known = {name for part in outcome.drawn for name in part["representative"].tolist()}
    planted = supervision.plant(city.sites, city.plan, known, streams, firms=firms)
    write_online(folder, planted.newcomers.frame(), outcome)
    return supervision.write_records(folder, city.sites, planted, outcome, streams)


def _write_surroundings(folder: Path, city: DemoCity, streams: Streams) -> dict[str, int]:
    road_table, road_lines = _road_table(city.roads)
    write_gpkg(folder / "geography/roads.gpkg", road_table, road_lines, "roads")
    water_table = pd.DataFrame(
        [(f"W{n:03d}", name, kind) for n, (name, kind, _) in enumerate(city.rivers, start=1)]
        + [(f"L{n:03d}", name, "reservoir") for n, (name, _) in enumerate(city.reservoirs, start=1)],
        columns=["water_id", "name", "kind"],
    )
    water_shapes = [shapely.LineString(to_degrees(line)) for _, _, line in city.rivers]
    write_geojson(folder / "geography/waters.geojson", water_table, [*water_shapes, *(p for _, p in city.reservoirs)])
    tables = {
        "public/facilities.csv": public.facilities(city.sites, streams.of("facilities")),
        "public/base_stations.csv": public.base_stations(city.sites, streams.of("stations")),
        "public/census.csv": census.census(city.towns, streams.of("census")),
        "public/area_changes.csv": census.AREA_CHANGES,
    }
    for file, table in tables.items():
        write_csv(folder / file, table)
    housing = public.housing_projects(city.sites, streams.of("housing"))
    write_xlsx(folder / "public/housing_projects.xlsx", housing, "预售项目")
    rows = {file: len(table) for file, table in tables.items()}
    return rows | {
        "geography/roads.gpkg": len(road_table),
        "geography/waters.geojson": len(water_table),
        "public/housing_projects.xlsx": len(housing),
    }


_CLASS_NAMES = {
    "motorway": "高速公路",
    "trunk": "国道",
    "primary": "省道",
    "secondary": "县道",
    "tertiary": "乡道",
    "residential": "城镇道路",
}


def _road_table(network: list[Road]) -> tuple[pd.DataFrame, list[shapely.LineString]]:
    table = pd.DataFrame(
        {
            "道路编号": [f"R{n:05d}" for n in range(1, len(network) + 1)],
            "名称": [r.name for r in network],
            "等级": [_CLASS_NAMES[r.road_class] for r in network],
            "单行": ["是" if r.oneway else "否" for r in network],
            "车道数": [LANES[r.road_class] for r in network],
            "限速": [SPEED[r.road_class] for r in network],
            "长度": [round(length_km(r.line) * 1000, 1) for r in network],
        }
    )
    return table, [shapely.LineString(to_degrees(r.line)) for r in network]


def _write_truth(folder: Path, outcome: Outcome, rows: dict[str, int]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    firms = pd.concat(outcome.firms, ignore_index=True)
    text = [c for c in firms.columns if c not in ("lon", "lat", "row")]
    firms.astype(dict.fromkeys(text, "str")).to_parquet(folder / "firms.parquet", index=False)
    labels = pd.concat(outcome.labels, ignore_index=True).sort_values(["file", "row"], ignore_index=True)
    names = [c for c in labels.columns if c != "row"]
    labels.astype(dict.fromkeys(names, "str")).to_parquet(folder / "dirt.parquet", index=False)
    summary = {"firms": len(firms), "rows": dict(sorted(rows.items()))}
    (folder / "files.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
