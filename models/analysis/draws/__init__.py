"""Double-random draws (双随机), joint visits and day routes: pure, seeded, frame in, frame out."""

from __future__ import annotations

from models.analysis.draws.draw import DrawRequest, DrawResult, Item, draw, inputs_hash, quota, reproduces, ticket
from models.analysis.draws.eligible import eligible_objects
from models.analysis.draws.officers import assign, qualified

__all__ = [
    "DrawRequest",
    "DrawResult",
    "Item",
    "assign",
    "draw",
    "eligible_objects",
    "inputs_hash",
    "qualified",
    "quota",
    "reproduces",
    "ticket",
]
