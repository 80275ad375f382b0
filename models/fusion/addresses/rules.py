"""What may be tuned in the address matcher, and the codes with which it gives its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from models.errors import ConfigError

REASONS: dict[str, str] = {
    "alias": "a clerk's decision for this firm or this address",
    "coordinates_given": "the source itself gives the coordinates",
    "district_from_text": "the address names the district",
    "district_from_short_name": "the address names the district without 区 or 县",
    "district_from_field": "the district is taken from the register's district field",
    "district_from_uscc": "the district is taken from positions 3-8 of the credit code",
    "district_from_town": "the district follows from a town name that occurs once in the city",
    "district_from_zone": "the district follows from a zone that lies in one district",
    "district_conflict_field": "the district field names another district than the address",
    "district_conflict_uscc": "the credit code names another district than the address or the field",
    "district_conflict_polygon": "the point found lies outside the polygon of the stated district",
    "district_confirmed_uscc": "the credit code agrees with the address against the field",
    "other_city": "the address opens with the name of another city",
    "neighbour_district": "the district is a neighbour of the city, not part of it",
    "second_district": "the address names two districts",
    "crosswalk": "a name that is no longer in use, from the dated crosswalk (after the colon: the name)",
    "zone": "a development zone, kept as an attribute (after the colon: its name)",
    "remark": "only the remark in brackets names a place",
    "town_from_text": "the address names the town or street",
    "town_bare": "the town stands in the address without 镇, 乡 or 街道",
    "town_suffix": "the town stands in the address with another of 镇, 乡, 街道 than in the gazetteer",
    "town_of_zone": "the zone that the address names bears the town's name",
    "town_from_places": "the town's location is the middle of the known places that name it",
    "town_without_seat": "the town is known by name, its location is not",
    "town_unknown": "the address names a town that the gazetteer does not hold (after the colon: the name)",
    "ambiguous_town": "several places of the city bear this town's name",
    "ambiguous_road": "several districts have a road of this name and the address names none of them",
    "ambiguous_poi": "several places bear this name",
    "number_exact": "a known place has this road and number",
    "number_interpolated": "between the nearest lower and higher known number on the same side of the road",
    "number_nearest": "at the nearest known number of the road",
    "number_other_side": "only numbers of the other side of the road are known nearby",
    "number_far": "at the nearest known number of the road, which is far away",
    "lane": "the number is that of a lane (弄), the house lies inside it",
    "number_conflict": "places with this road and number lie far apart",
    "road_centre": "the middle of the known places along the road",
    "road_other_district": "the road is known only in another district than the stated one",
    "road_learned": "other rows of the register put this road into the town (after the colon: rows for/all)",
    "village_learned": "other rows of the register put this village into the town (rows for/all)",
    "zone_learned": "other rows of the register put this zone into the town (rows for/all)",
    "zone_point": "the address names a zone whose location is known",
    "crossing": "the crossing of two known roads",
    "poi_name": "the address names a known place",
    "village_from_text": "the address names a known village or community",
    "address_missing": "there is no address",
    "nothing_found": "no name of the city was found in the address",
    "low_confidence": "the confidence is below the city's threshold",
    "radius_too_large": "the error radius is above the city's limit",
}


def _not_negative(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


@dataclass(frozen=True)
class MatchRules:
    """Every tunable of the matcher; a city profile may override each by name.

    Attributes
    ----------
    min_confidence : a row below it goes to the un-located queue
    max_error_radius_m : a row above it goes to the un-located queue, metres
    max_candidates : candidates kept for an un-located row
    level_confidence : confidence of an undisturbed match by level 1..6
    factors : by reason code, what the confidence is multiplied with
    exact_radius_m : smallest error radius of a known number, metres
    conflict_spread_m : places of one number farther apart than this are reported, metres
    interpolation_floor_m, interpolation_share : radius = floor + share x distance of the two known numbers
    interpolation_max_gap : largest difference of the two known numbers, house numbers
    nearest_max_gap : largest difference to the nearest known number, house numbers
    nearest_floor_m, metres_per_number : radius = floor + metres per house number x difference
    road_radius_floor_m : smallest radius of a point of a road, metres
    road_alone_m : added to a road's radius, divided by the number of its known places, metres
    far_share : share of nearest's metres per number that counts when the number is far (roads bend and restart)
    lane_radius_m : smallest radius of a house in a lane (弄), metres
    crossing_max_gap_m : two roads whose nearest known places are farther apart do not cross, metres
    crossing_radius_m : smallest radius of a crossing, metres
    poi_radius_m, village_radius_m, zone_radius_m : radius of a known place, village or zone with a single
        coordinate, metres
    learn_min_rows, learn_min_share : a road belongs to a town when so many rows and this share say so
    learned_radius_factor : how much the town's radius grows for a learned road or a zone that bears its name
    """

    min_confidence: float = 0.5
    max_error_radius_m: float = 20_000.0
    max_candidates: int = 5
    level_confidence: tuple[float, ...] = (0.98, 0.92, 0.82, 0.8, 0.75, 0.3)
    factors: Mapping[str, float] = field(
        default_factory=lambda: {
            "district_from_field": 0.98,
            "district_from_short_name": 0.98,
            "district_from_uscc": 0.85,
            "district_from_town": 0.85,
            "district_from_zone": 0.95,
            "district_conflict_field": 0.6,
            "district_confirmed_uscc": 1.5,
            "district_conflict_uscc": 0.93,
            "district_conflict_polygon": 0.8,
            "other_city": 0.3,
            "second_district": 0.9,
            "town_bare": 0.92,
            "town_of_zone": 0.85,
            "remark": 0.9,
            "number_other_side": 0.95,
            "number_conflict": 0.8,
            "road_other_district": 0.5,
            "ambiguous_town": 0.5,
            "ambiguous_road": 0.5,
            "ambiguous_poi": 0.5,
        }
    )
    exact_radius_m: float = 110.0
    conflict_spread_m: float = 500.0
    interpolation_floor_m: float = 60.0
    interpolation_share: float = 0.5
    interpolation_max_gap: int = 2_000
    nearest_max_gap: int = 60
    nearest_floor_m: float = 100.0
    metres_per_number: float = 10.0
    road_radius_floor_m: float = 300.0
    road_alone_m: float = 2_000.0
    far_share: float = 0.6
    lane_radius_m: float = 200.0
    crossing_max_gap_m: float = 1_000.0
    crossing_radius_m: float = 150.0
    poi_radius_m: float = 150.0
    village_radius_m: float = 1_000.0
    zone_radius_m: float = 1_000.0
    learn_min_rows: int = 3
    learn_min_share: float = 0.8
    learned_radius_factor: float = 1.5

    def __post_init__(self) -> None:
        """Refuse values that make no sense.

        Raises
        ------
        ConfigError : a share outside 0..1, or not six level confidences
        """
        for name in ("min_confidence", "learn_min_share", "interpolation_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError("match rules", name, getattr(self, name), "a number from 0 to 1")
        if len(self.level_confidence) != 6:
            raise ConfigError("match rules", "level_confidence", self.level_confidence, "six numbers, levels 1 to 6")

    def with_values(self, values: Mapping[str, object]) -> MatchRules:
        """Return a copy with some values replaced, as a city profile gives them.

        Raises
        ------
        ConfigError : a name that is not a rule, or a value that does not fit it

        Notes
        -----
        ``factors`` replaces the factors it names and keeps the others.
        """
        names = [f.name for f in fields(self)]
        for key in values:
            if key not in names:
                raise ConfigError("match rules", key, values[key], names)
        return replace(self, **{key: self._fitting(key, value) for key, value in values.items()})  # type: ignore[arg-type]

    def _fitting(self, key: str, value: object) -> object:
        own = getattr(self, key)
        if isinstance(own, Mapping):
            given = value if isinstance(value, Mapping) else {str(value): None}
            if set(given) - set(REASONS) or not all(_not_negative(v) for v in given.values()):
                raise ConfigError("match rules", key, value, "a table of reason code = factor, numbers from 0 up")
            return {**own, **given}
        if isinstance(own, tuple):
            if not isinstance(value, tuple | list) or not all(_not_negative(v) for v in value):
                raise ConfigError("match rules", key, value, "a list of numbers from 0 up")
            return tuple(value)
        if not _not_negative(value) or (isinstance(own, int) and value != int(value)):  # type: ignore[call-overload]
            kind = "whole number" if isinstance(own, int) else "number"
            raise ConfigError("match rules", key, value, f"a {kind} from 0 up")
        return type(own)(value)

    def confidence(self, level: int, reasons: list[str]) -> float:
        """Confidence of a match: that of its level, times the factor of each reason."""
        value = self.level_confidence[level - 1]
        factors = self.factors
        for reason in reasons:
            factor = factors.get(reason)
            if factor is not None:
                value *= factor
        return value
