"""Double-random draws (双随机), joint visits and day routes: pure, seeded, frame in, frame out."""

from __future__ import annotations

from models.analysis.draws.draw import DrawRequest, DrawResult, Item, draw, inputs_hash, quota, reproduces, ticket
from models.analysis.draws.eligible import eligible_objects
from models.analysis.draws.officers import assign, qualified
from models.analysis.draws.route import Route, day_route
from models.analysis.draws.visits import building_keys, joint_visits

__all__ = [
    "DrawRequest",
    "DrawResult",
    "Item",
    "Route",
    "assign",
    "building_keys",
    "day_route",
    "draw",
    "eligible_objects",
    "inputs_hash",
    "joint_visits",
    "qualified",
    "quota",
    "reproduces",
    "ticket",
]
