"""Addresses to places, offline and scoped to one city.

`Gazetteer.build` turns the city's own names into lookup tables; `Matcher(gazetteer).match(frame)` finds a
place for every row, or says why not and offers candidates. The method and its measured quality are in
``docs/geocoding.md``.
"""

from models.fusion.addresses.gazetteer import Gazetteer
from models.fusion.addresses.learned import LearnedRoads
from models.fusion.addresses.match import Matcher
from models.fusion.addresses.normalise import address_key, normalise
from models.fusion.addresses.rules import REASONS, MatchRules

__all__ = ["REASONS", "Gazetteer", "LearnedRoads", "MatchRules", "Matcher", "address_key", "normalise"]
