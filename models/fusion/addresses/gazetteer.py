"""The gazetteer: everything the matcher looks up, built once from the city's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from models.fusion.addresses.distance import metres_array, middle
from models.fusion.addresses.districts import Districts, build_districts
from models.fusion.addresses.names import pieces
from models.fusion.addresses.normalise import normalise
from models.fusion.addresses.parse import Names, Parsed, TownHit, parse
from models.fusion.addresses.roads import Road
from models.fusion.addresses.towns import Town, TownList, town_tries
from models.fusion.addresses.trie import NameTrie

PLACES_TO_SEAT_A_TOWN = 3
"""Known places that must name a town before their middle stands for it."""

_PLACE_COLUMNS = ("place_id", "name", "kind", "district_code", "town", "address", "lon", "lat")


@dataclass(frozen=True, slots=True)
class Place:
    """A place with one coordinate: a village, a point of interest or a zone; metres and degrees."""

    place_id: str
    name: str
    kind: str
    district: str | None
    lon: float
    lat: float
    radius_m: float = 0.0


@dataclass(frozen=True)
class Alias:
    """A clerk's decision: where a firm or an address lies.

    ``address`` is the normalised address a firm's decision was made for: at another address it does not hold.
    """

    lon: float
    lat: float
    match_level: int
    place_id: str | None
    address: str | None = None


@dataclass(frozen=True)
class Gazetteer:
    """Lookup tables of one city; build it with `Gazetteer.build`.

    Attributes
    ----------
    names : tries for the parser
    towns : towns in the order in which the tries refer to them
    roads : by (district code, road name)
    roads_by_name : by road name, the districts that have it
    places : points of interest in the order in which the trie refers to them
    villages : by (district code, name), and by ("", name) for the city
    district_points : by code, a point inside the district and the radius of its area, for candidates only
    polygons : by code, the district's polygon
    neighbours : codes of districts around the city: an address there is not in this city
    aliases : decisions by "uscc:<code>" and "address:<normalised address>"
    """

    names: Names
    towns: list[Town]
    roads: dict[tuple[str, str], Road]
    roads_by_name: dict[str, tuple[str, ...]]
    places: list[Place]
    villages: dict[tuple[str, str], list[Place]]
    zones: dict[str, Place]
    district_points: dict[str, tuple[float, float, float]]
    polygons: dict[str, shapely.Geometry]
    neighbours: frozenset[str]
    aliases: dict[str, Alias]

    @classmethod
    def build(
        cls,
        places: pd.DataFrame,
        districts: pd.DataFrame,
        towns: pd.DataFrame | None = None,
        area_changes: pd.DataFrame | None = None,
        aliases: pd.DataFrame | None = None,
        *,
        city_names: tuple[str, ...] = (),
        neighbours: Collection[str] = (),
    ) -> Gazetteer:
        """Build the tables from the city's frames.

        Parameters
        ----------
        places : contract ``places``; a town without lon and lat still helps to parse, and the ``address``
            of a place is parsed into road and number
        districts : contract ``districts`` (polygons in EPSG:4326)
        towns : contract ``towns``; a null geometry gives a name without a seat
        area_changes : contract ``area_changes``: names and codes no longer in use, and zones
        aliases : decisions with columns uscc or address_key, lon, lat, match_level, place_id?, decided_at;
            the latest for a key counts
        neighbours : codes among ``districts`` that are no part of the city
        city_names : further names with which addresses open, besides those of the four municipalities

        Notes
        -----
        The order of the rows does not matter. A ``name`` may hold several names separated by ``;``.
        """
        districts = _of_today(districts, area_changes)
        rows = _place_rows(places, districts)
        zone_rows = [(n, r.district) for r in rows if r.kind == "zone" for n in pieces(r.name)]
        named = build_districts(districts, area_changes, zone_rows, city_names)
        taken = set(named.fields) | set(named.city)
        town_list = TownList(taken)
        for r in rows:
            if r.kind == "town":
                town_list.add(pieces(r.name), r.district, r.lon, r.lat, r.place_id)
        for names, code, lon, lat, town_id in _town_rows(towns, districts):
            town_list.add(names, code, lon, lat, town_id)
        addressed = [r for r in rows if r.kind in ("poi", "address", "road")]
        pois = [r for r in addressed if r.kind == "poi" and r.located]
        for r in pois:
            for name in pieces(r.name) if r.district else ():
                town_list.add_office(_spoken(name, taken), str(r.district), r.lon, r.lat, r.place_id)
        road_places = _parse_places(addressed, named, town_list)
        roads, by_name = _roads(road_places)
        town_rows = town_list.towns()
        poi_places, poi_trie = _pois(pois, taken)
        return cls(
            names=Names(named, town_tries(town_rows), NameTrie((n, n) for n in by_name), poi_trie),
            towns=town_rows,
            roads=roads,
            roads_by_name=by_name,
            places=poi_places,
            villages=_villages([r for r in rows if r.kind == "village"], road_places),
            zones={n: r.place() for r in rows if r.kind == "zone" and r.located for n in pieces(r.name)},
            district_points=_district_points(districts),
            polygons={str(c): g for c, g in zip(districts["district_code"], districts["geometry"], strict=True)},
            neighbours=frozenset(neighbours),
            aliases=_aliases(aliases),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    place_id: str
    name: str
    kind: str
    district: str | None
    town: str | None
    address: str | None
    lon: float
    lat: float

    @property
    def located(self) -> bool:
        return self.lon == self.lon and self.lat == self.lat

    def place(self) -> Place:
        return Place(self.place_id, self.name, self.kind, self.district, self.lon, self.lat)


def _place_rows(places: pd.DataFrame, districts: pd.DataFrame) -> list[_Row]:
    """Rows of the places in order of their id, each with the district it lies in where none is given."""
    frame = places.reindex(columns=list(_PLACE_COLUMNS)).sort_values(["place_id", "name"], kind="stable")
    lon, lat = frame["lon"].to_numpy(float, na_value=np.nan), frame["lat"].to_numpy(float, na_value=np.nan)
    codes = _codes(frame["district_code"], lon, lat, districts)
    text = frame[["place_id", "name", "kind", "town", "address"]].astype(object).where(frame.notna(), None)
    return [
        _Row(str(i), n or "", k, c, t, a, x, y)
        for (i, n, k, t, a), c, x, y in zip(
            text.itertuples(index=False), codes, lon.tolist(), lat.tolist(), strict=True
        )
    ]


def _of_today(districts: pd.DataFrame, area_changes: pd.DataFrame | None) -> pd.DataFrame:
    """Join polygons of districts that have since been merged into another one of the frame (闸北 into 静安)."""
    frame = pd.DataFrame(districts[["district_code", "name", "geometry"]]).astype({"district_code": str})
    if area_changes is None or not len(area_changes):
        return frame
    merged = area_changes[area_changes["kind"] == "merge"].dropna(subset=["old_code", "new_code"])
    onward = dict(zip(merged["old_code"].astype(str), merged["new_code"].astype(str), strict=True))
    known = set(frame["district_code"])
    today = [onward[c] if onward.get(c, c) in known and c in onward else c for c in frame["district_code"]]
    frame["former"] = [a != b for a, b in zip(frame["district_code"], today, strict=True)]
    frame["district_code"] = today
    frame = frame.sort_values(["district_code", "former"], kind="stable")
    groups = frame.groupby("district_code", sort=True)
    names, shapes = groups["name"].first(), groups["geometry"].agg(lambda g: shapely.union_all(g.to_numpy()))
    return pd.DataFrame({"district_code": names.index, "name": names.to_numpy(), "geometry": shapes.to_numpy()})


def _codes(given: pd.Series, lon: np.ndarray, lat: np.ndarray, districts: pd.DataFrame) -> list[str | None]:
    """District codes as given, else of the polygon that holds the point; of several the lowest."""
    codes = districts["district_code"].astype(str).to_numpy()
    order = np.argsort(codes, kind="stable")
    tree = shapely.STRtree(np.asarray(districts["geometry"].to_numpy(), dtype=object)[order])
    out: list[str | None] = [None if pd.isna(c) else str(c) for c in given.astype(object)]
    need = np.array([c is None for c in out], dtype=bool) & np.isfinite(lon) & np.isfinite(lat)
    rows = np.flatnonzero(need)
    point, polygon = tree.query(shapely.points(lon[rows], lat[rows]), predicate="intersects")
    for p, g in sorted(zip(point.tolist(), polygon.tolist(), strict=True), reverse=True):
        out[int(rows[p])] = str(codes[order[g]])
    return out


def _town_rows(
    towns: pd.DataFrame | None, districts: pd.DataFrame
) -> list[tuple[list[str], str | None, float, float, str]]:
    if towns is None or not len(towns):
        return []
    geometry = towns["geometry"] if "geometry" in towns else pd.Series([None] * len(towns), index=towns.index)
    points = np.asarray(geometry.to_numpy(), dtype=object)
    seated = np.array([g is not None and not shapely.is_empty(g) for g in points], bool)
    lon, lat = np.full(len(towns), np.nan), np.full(len(towns), np.nan)
    if seated.any():
        centres = shapely.centroid(points[seated])
        lon[seated], lat[seated] = shapely.get_x(centres), shapely.get_y(centres)
    given = towns["district_code"] if "district_code" in towns else pd.Series([None] * len(towns), dtype=object)
    codes = _codes(given, lon, lat, districts)
    rows = zip(towns["name"], codes, lon.tolist(), lat.tolist(), towns["town_code"].astype(str), strict=True)
    return [(pieces(n), c, x, y, i) for n, c, x, y, i in rows]


def _parse_places(rows: list[_Row], named: Districts, town_list: TownList) -> list[tuple[_Row, Parsed]]:
    """Parse the places' addresses; a town that no list seats gets the middle of the places that name it."""
    empty: NameTrie[tuple[int, ...]] = NameTrie(())
    no_roads: NameTrie[str] = NameTrie(())
    known = town_list.towns()
    names = Names(named, town_tries(known), no_roads, empty)
    texts = normalise([r.name if r.kind == "road" else r.address for r in rows])
    parsed = [(r, parse(t, names, r.district)) for r, t in zip(rows, texts, strict=True) if r.located and t]
    groups: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for r, p in parsed:
        town = r.town or p.unknown_town
        if p.town is not None and len(p.town.towns) == 1 and not known[p.town.towns[0]].seated:
            town = known[p.town.towns[0]].name
        if town and r.district:
            groups[(r.district, town)].append(r)
    for (district, town), members in sorted(groups.items()):
        if len(members) >= PLACES_TO_SEAT_A_TOWN:
            town_list.add_middle(town, district, [m.lon for m in members], [m.lat for m in members])
    return parsed


def _roads(
    places: list[tuple[_Row, Parsed]],
) -> tuple[dict[tuple[str, str], Road], dict[str, tuple[str, ...]]]:
    roads: dict[tuple[str, str], Road] = {}
    for row, parsed in places:
        district = row.district or (parsed.district.code if parsed.district else None)
        if parsed.road is None or parsed.crossing is not None or district is None:
            continue
        roads.setdefault((district, parsed.road), Road()).add(parsed.number, row.lon, row.lat, row.place_id)
    by_name: dict[str, set[str]] = defaultdict(set)
    for (district, name), road in roads.items():
        road.finish()
        by_name[name].add(district)
    return roads, {n: tuple(sorted(by_name[n])) for n in sorted(by_name)}


def _pois(rows: list[_Row], taken: set[str]) -> tuple[list[Place], NameTrie[tuple[int, ...]]]:
    """Points of interest by name; places of one name and district are one place with a radius."""
    groups: dict[tuple[str, str | None], list[_Row]] = defaultdict(list)
    for row in rows:
        for name in pieces(row.name):
            for form in {name, _spoken(name, taken)}:
                if len(form) >= 4 and form not in taken:
                    groups[(form, row.district)].append(row)
    places: list[Place] = []
    index: dict[str, list[int]] = defaultdict(list)
    for (name, district), members in sorted(groups.items(), key=lambda g: (g[0][0], g[0][1] or "")):
        lon, lat, radius = middle([m.lon for m in members], [m.lat for m in members])
        index[name].append(len(places))
        places.append(Place(members[0].place_id, name, "poi", district, lon, lat, radius))
    return places, NameTrie((n, tuple(i)) for n, i in index.items())


def _spoken(name: str, areas: set[str]) -> str:
    """Name of a place without the city and district in front (上海市第七人民医院 -> 第七人民医院)."""
    shortened = True
    while shortened:
        shortened = False
        for length in range(min(len(name), 8), 1, -1):
            if name[:length] in areas and len(name) - length >= 4:
                name, shortened = name[length:], True
                break
    return name


def _villages(rows: list[_Row], places: list[tuple[_Row, Parsed]]) -> dict[tuple[str, str], list[Place]]:
    """Villages with coordinates of their own, and the middle of the known places that name one and no road."""
    out: dict[tuple[str, str], list[Place]] = defaultdict(list)
    for row in rows:
        if row.located:
            for name in pieces(row.name):
                out[("", name)].append(row.place())
                if row.district:
                    out[(row.district, name)].append(row.place())
    groups: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    for row, parsed in places:
        if parsed.village and parsed.road is None and row.district:
            groups[(row.district, parsed.village)].append(row)
    for (district, name), members in sorted(groups.items()):
        if (district, name) not in out:
            lon, lat, spread = middle([m.lon for m in members], [m.lat for m in members])
            found = Place(members[0].place_id, name, "village", district, lon, lat, 2 * spread)
            out[(district, name)].append(found)
            out[("", name)].append(found)
    return dict(out)


def _district_points(districts: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    out = {}
    for code, polygon in zip(districts["district_code"].astype(str), districts["geometry"], strict=True):
        point = polygon.representative_point()
        edge = shapely.get_coordinates(polygon)
        reach = metres_array(edge[:, 0], edge[:, 1], point.x, point.y).max()
        out[code] = (float(point.x), float(point.y), float(reach))
    return out


def _aliases(frame: pd.DataFrame | None) -> dict[str, Alias]:
    if frame is None or not len(frame):
        return {}
    columns = ["uscc", "address_key", "lon", "lat", "match_level", "place_id", "decided_at"]
    rows = frame.reindex(columns=columns).sort_values("decided_at", kind="stable").astype(object)
    rows = rows.where(rows.notna(), None)
    keys = normalise(rows["address_key"])
    out: dict[str, Alias] = {}
    for (uscc, _, lon, lat, level, place, _), key in zip(rows.itertuples(index=False), keys, strict=True):
        alias = Alias(float(lon), float(lat), int(level or 1), place, key or None)
        if uscc:
            out[f"uscc:{uscc}"] = alias
        elif key:
            out[f"address:{key}"] = alias
    return out


__all__ = ["Alias", "Gazetteer", "Place", "TownHit"]
