"""From the parts of an address to a point, the deepest known part first."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.fusion.addresses.decide import Stated, district_of, zone_codes
from models.fusion.addresses.gazetteer import Gazetteer, Place
from models.fusion.addresses.learned import LearnedRoads, learnable
from models.fusion.addresses.parse import Parsed
from models.fusion.addresses.roads import Found, crossing_of
from models.fusion.addresses.rules import MatchRules

OF_ZONE = "town_of_zone"


@dataclass(slots=True)
class Resolved:
    """Where an address lies; level 6 and no point where only the district is known.

    Attributes
    ----------
    towns : positions of the towns the address may mean, several where the name is ambiguous
    places : places of an ambiguous name, for the candidates
    """

    district: str | None = None
    town: int | None = None
    towns: tuple[int, ...] = ()
    places: tuple[Place, ...] = ()
    lon: float | None = None
    lat: float | None = None
    level: int = 6
    radius_m: float | None = None
    place_id: str | None = None
    reasons: list[str] = field(default_factory=list)


class Resolver:
    """Looks the parts of parsed addresses up in a gazetteer.

    Parameters
    ----------
    gazetteer, rules : as given to the matcher
    learned : roads and villages with their towns, or None
    """

    def __init__(self, gazetteer: Gazetteer, rules: MatchRules, learned: LearnedRoads | None) -> None:
        self._gazetteer = gazetteer
        self._rules = rules
        self._learned = learned

    def resolve(self, parsed: Parsed, stated: Stated) -> Resolved:
        """Locate one parsed address."""
        out = Resolved()
        out.district = district_of(parsed, stated, out.reasons)
        if out.district in self._gazetteer.neighbours:
            out.reasons.append("neighbour_district")
            return out
        self._town(out, parsed, stated)
        found = self._road(out, parsed)
        if (found is None or found[2] > 2) and parsed.pois:
            found = self._poi(out, parsed) or found
        if found is None:
            found = self._village(out, parsed) or self._zone(out, parsed) or self._seat(out, parsed, stated)
        if found is not None:
            out.lon, out.lat, out.level, out.radius_m, reasons, out.place_id = found
            out.reasons.extend(reasons)
        elif not out.reasons and out.district is None:
            out.reasons.append("nothing_found" if parsed.text else "address_missing")
        return out

    def _town(self, out: Resolved, parsed: Parsed, stated: Stated) -> None:
        """Settle which town is meant, and the district where the town decides it."""
        if parsed.unknown_town is not None:
            out.reasons.append(f"town_unknown:{parsed.unknown_town}")
        if parsed.town is None:
            return
        towns = self._gazetteer.towns
        if OF_ZONE in parsed.town.reasons and not all(towns[t].seated for t in parsed.town.towns):
            return
        codes = (out.district,) if out.district else zone_codes(parsed, stated)
        meant = tuple(t for t in parsed.town.towns if not codes or towns[t].district in codes)
        meant = meant or tuple(t for t in parsed.town.kin if towns[t].district in codes)
        if not meant:
            return
        out.towns = meant
        out.reasons.extend(parsed.town.reasons)
        homes = {towns[t].district for t in meant}
        if len(meant) > 1:
            out.reasons.append("ambiguous_town")
        else:
            out.town = meant[0]
        if out.district is None and len(homes) == 1:
            out.district = homes.pop()
            out.reasons.append("district_from_town")

    def _road(self, out: Resolved, parsed: Parsed) -> Found | None:  # noqa: PLR0911
        if parsed.road is None:
            return None
        if parsed.crossing is not None:
            return self._crossing(out, parsed)
        roads, rules = self._gazetteer.roads, self._rules
        name = parsed.road
        districts = self._gazetteer.roads_by_name.get(name, ())
        found = None
        if out.district is not None:
            own = roads.get((out.district, name))
            found = own.locate(parsed.number, rules) if own is not None else None
            if found is not None and (found[2] < 3 or not parsed.number):
                return self._lane(found, parsed)
            others = [roads[(d, name)].locate(parsed.number, rules) for d in districts if d != out.district]
            near = [f for f in others if f[2] < 3] if found is not None else others
            if len(near) == 1:
                lon, lat, level, radius, reasons, place = near[0]
                return lon, lat, level, radius, (*reasons, "road_other_district"), place
            return found
        if len(districts) == 1:
            out.district = districts[0]
            return self._lane(roads[(districts[0], name)].locate(parsed.number, rules), parsed)
        if districts:
            out.reasons.append("ambiguous_road")
        return None

    def _lane(self, found: Found, parsed: Parsed) -> Found:
        if not parsed.lane:
            return found
        lon, lat, level, radius, reasons, place = found
        return lon, lat, level, max(radius, self._rules.lane_radius_m), (*reasons, "lane"), place

    def _crossing(self, out: Resolved, parsed: Parsed) -> Found | None:
        assert_crossing = parsed.crossing
        if assert_crossing is None or out.district is None:
            return None
        one, other, away = assert_crossing
        gazetteer = self._gazetteer
        pair = []
        for name in (one, other):
            road = gazetteer.roads.get((out.district, name))
            homes = gazetteer.roads_by_name.get(name, ())
            if road is None and len(homes) == 1:
                road = gazetteer.roads[(homes[0], name)]
            pair.append(road)
        if pair[0] is not None and pair[1] is not None:
            found = crossing_of(pair[0], pair[1], self._rules)
            if found is not None:
                lon, lat, level, radius, reasons, place = found
                return lon, lat, level, radius + away, reasons, place
        known = [r for r in pair if r is not None]
        return min((r.locate(None, self._rules) for r in known), key=lambda f: (f[3], f[0]), default=None)

    def _poi(self, out: Resolved, parsed: Parsed) -> Found | None:
        places = [self._gazetteer.places[i] for i in parsed.pois]
        if out.district is not None:
            places = [p for p in places if p.district in (None, out.district)]
        if len(places) != 1:
            if places:
                out.reasons.append("ambiguous_poi")
                out.places = tuple(places)
            return None
        place = places[0]
        out.district = out.district or place.district
        return (
            place.lon,
            place.lat,
            2,
            max(self._rules.poi_radius_m, place.radius_m),
            ("poi_name",),
            place.place_id,
        )

    def _village(self, out: Resolved, parsed: Parsed) -> Found | None:
        if parsed.village is None:
            return None
        places = self._gazetteer.villages.get((out.district or "", parsed.village), [])
        if len(places) != 1:
            out.places = tuple(places)
            return None
        place = places[0]
        out.district = out.district or place.district
        level = 4 if parsed.village.endswith(("社区", "居委会", "居委")) else 3
        radius = max(self._rules.village_radius_m, place.radius_m)
        return place.lon, place.lat, level, radius, ("village_from_text",), place.place_id

    def _zone(self, out: Resolved, parsed: Parsed) -> Found | None:
        """Take the known point of a zone, unless it is the zone of another district."""
        place = self._gazetteer.zones.get(parsed.zone) if parsed.zone else None
        if place is None or (place.district is not None and place.district != (out.district or place.district)):
            return None
        out.district = out.district or place.district
        radius = max(self._rules.zone_radius_m, place.radius_m)
        return place.lon, place.lat, 4, radius, ("zone_point",), place.place_id

    def _seat(self, out: Resolved, parsed: Parsed, stated: Stated) -> Found | None:
        """Take the town's seat, the town read from the text or learned for the road or village."""
        factor, towns = 1.0, self._gazetteer.towns
        of_zone = OF_ZONE in out.reasons
        if (not out.towns or of_zone) and parsed.unknown_town is None:
            codes = (out.district,) if out.district else zone_codes(parsed, stated)
            learned = [found for code in codes if (found := self._learn(code, parsed)) is not None]
            if len(learned) == 1:
                out.town, reason = learned[0]
                out.reasons.append(reason)
                out.district = towns[out.town].district
                factor = self._rules.learned_radius_factor
        if out.town is None:
            return None
        if of_zone:
            factor = self._rules.learned_radius_factor
        town = towns[out.town]
        if not town.seated:
            out.reasons.append("town_without_seat")
            return None
        reasons = ("town_from_places",) if town.from_places else ()
        return town.lon, town.lat, 5, town.radius_m * factor, reasons, town.place_id

    def _learn(self, district: str, parsed: Parsed) -> tuple[int, str] | None:
        if self._learned is None:
            return None
        for kind, name in learnable(parsed):
            found = self._learned.town_of((district, kind, name), self._rules) if name else None
            if found is not None:
                town, rows, total = found
                return town, f"{kind}_learned:{rows}/{total}"
        return None
