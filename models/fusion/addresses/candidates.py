"""Ranked suggestions for an address that was not located."""

from __future__ import annotations

import json
from collections.abc import Iterator

from models.fusion.addresses.gazetteer import Gazetteer, Place
from models.fusion.addresses.learned import NOT_HELD, LearnedRoads, learnable
from models.fusion.addresses.parse import Parsed
from models.fusion.addresses.resolve import Resolved
from models.fusion.addresses.rules import MatchRules

Candidate = dict[str, object]


class Suggestions:
    """Makes candidates for the un-located queue; best first, each with a score and why."""

    def __init__(self, gazetteer: Gazetteer, rules: MatchRules, learned: LearnedRoads | None) -> None:
        self._gazetteer = gazetteer
        self._rules = rules
        self._learned = learned

    def json(self, parsed: Parsed, resolved: Resolved, confidence: float) -> str:
        """Candidates of one address as a JSON list.

        Each has place_id, name, kind, lon, lat, match_level, error_radius_m, score (0..1) and why (a reason
        code).
        """
        best: dict[tuple[object, object], Candidate] = {}
        for candidate in self._all(parsed, resolved, confidence):
            key = (candidate["lon"], candidate["lat"])
            if key not in best or candidate["score"] > best[key]["score"]:  # type: ignore[operator]
                best[key] = candidate
        ranked = sorted(best.values(), key=lambda c: (-c["score"], str(c["name"]), c["lon"]))  # type: ignore[operator]
        return json.dumps(ranked[: self._rules.max_candidates], ensure_ascii=False)

    def _all(self, parsed: Parsed, resolved: Resolved, confidence: float) -> Iterator[Candidate]:
        if resolved.lon is not None:
            why = resolved.reasons[-1] if resolved.reasons else "low_confidence"
            yield _candidate(
                resolved.place_id, "".join(parsed.parts) or parsed.text, "match", resolved.lon, resolved.lat,
                resolved.level, resolved.radius_m, confidence, why,
            )  # fmt: skip
        for place in resolved.places:
            yield _of_place(place, 2 if place.kind == "poi" else 3, 0.6 / len(resolved.places))
        if len(resolved.towns) > 1:
            for t in resolved.towns:
                yield from self._town(t, 0.7 / len(resolved.towns), "ambiguous_town")
        if parsed.road and resolved.district is None:
            homes = self._gazetteer.roads_by_name.get(parsed.road, ())
            for code in homes:
                lon, lat, level, radius, whys, place_id = self._gazetteer.roads[(code, parsed.road)].locate(
                    parsed.number, self._rules
                )
                yield _candidate(place_id, parsed.road, "road", lon, lat, level, radius, 0.7 / len(homes), whys[0])
        codes = (resolved.district,) if resolved.district else parsed.zone_codes
        for code in (c for c in codes if c not in self._gazetteer.neighbours):
            yield from self._in_district(parsed, code)

    def _in_district(self, parsed: Parsed, code: str) -> Iterator[Candidate]:
        for kind, name in dict.fromkeys(learnable(parsed)):
            found = self._learned.counts.get((code, kind, name), ()) if self._learned and name else ()
            total = sum(n for _, n in found)
            for town, rows in [pair for pair in found if pair[0] != NOT_HELD][:3]:
                yield from self._town(town, 0.6 * rows / (total + 1), f"{kind}_learned:{rows}/{total}")
        trie = self._gazetteer.names.towns.get(code)
        if trie is not None:
            hit = trie.first(parsed.text, 0, len(parsed.text))
            if hit is not None:
                for t in hit[2].towns:
                    yield from self._town(t, 0.4 / len(hit[2].towns), "town_bare")
        point = self._gazetteer.district_points.get(code)
        if point is not None:
            name = self._gazetteer.names.districts.full[code]
            yield _candidate(None, name, "district", point[0], point[1], 6, point[2], 0.1, "district_only")

    def _town(self, position: int, score: float, why: str) -> Iterator[Candidate]:
        town = self._gazetteer.towns[position]
        if town.seated:
            yield _candidate(town.place_id, town.name, "town", town.lon, town.lat, 5, town.radius_m, score, why)


def _of_place(place: Place, level: int, score: float) -> Candidate:
    return _candidate(
        place.place_id,
        place.name,
        place.kind,
        place.lon,
        place.lat,
        level,
        place.radius_m,
        score,
        "ambiguous_poi",
    )


def _candidate(  # noqa: PLR0917
    place_id: str | None, name: str, kind: str, lon: float | None, lat: float | None, level: int,
    radius: float | None, score: float, why: str,
) -> Candidate:  # fmt: skip
    return {
        "place_id": place_id,
        "name": name,
        "kind": kind,
        "lon": None if lon is None else round(lon, 6),
        "lat": None if lat is None else round(lat, 6),
        "match_level": level,
        "error_radius_m": None if radius is None else round(radius),
        "score": round(score, 3),
        "why": why,
    }
