"""Supervision of the generated city: what a market authority records, with planted and labelled episodes.

`plant` asks for the firms of the episodes, which the register then delivers in a file of its own; `write_records`
writes everything that is recorded about the firms, and the truth beside it. Everything here is simulated (模拟).
"""

from models.demo.supervision.planted import FULL_FROM, Planted
from models.demo.supervision.planting import plant
from models.demo.supervision.records import write_records

__all__ = ["FULL_FROM", "Planted", "plant", "write_records"]
