"""What ties a subject to others: the same building, the same legal representative, holdings; as a small graph.

At most `MOST` others of each kind are drawn, those with the worst levels first; the numbers say how many there are.
Keys of persons and addresses are compared here and shown to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import networkx as nx
import pandas as pd

from layers.masking import shown_name
from layers.products import Products
from models.analysis.warnings.address_keys import address_keys, names_building

KINDS = ("building", "representative", "holds", "held_by", "same_investor")
MOST = 8
COLUMNS = ("uscc", "name", "entity_type", "address", "grid_code", "district_code", "representative_key")
SEED = 7


@dataclass(frozen=True)
class Node:
    """One subject of the graph: id, name as the actor may see it, level, place in -1..1, whether it is the centre."""

    id: str
    name: str
    level: str | None
    x: float
    y: float
    centre: bool


@dataclass(frozen=True)
class Relations:
    """The graph of one subject.

    Attributes
    ----------
    nodes : the subject itself and the others that are drawn
    edges : id, id and kind of the tie
    totals : kind -> how many others there are, drawn or not
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str, str], ...]
    totals: Mapping[str, int]


def relations(context: Any, row: Mapping[str, Any]) -> Relations:
    """The subjects tied to one.

    Parameters
    ----------
    context : `layers.pages.context.Context`
    row : the subject as `models.store.Store.subject` gives it

    Notes
    -----
    Three statements, and columns of the product ``subjects``; buildings are compared inside the supervision grid cell.
    """
    products = Products.live(context.store)
    nobody = pd.DataFrame(columns=list(COLUMNS), dtype="str")
    subjects = products.frame("subjects", COLUMNS) if products.has("subjects") else nobody
    ties = [
        *((other, "building") for other in _same_building(subjects, row)),
        *((other, "representative") for other in _same_representative(subjects, row)),
        *_holdings(context.store.related(row["uscc"])),
    ]
    ties = [(other, kind) for other, kind in dict.fromkeys(ties) if other != row["uscc"]]
    totals = {kind: sum(tie[1] == kind for tie in ties) for kind in KINDS}
    known = _known(products, subjects, {other for other, _ in ties} | {row["uscc"]})
    kept = _kept(ties, known)
    return Relations(_nodes(context, row["uscc"], kept, known), tuple((row["uscc"], o, k) for o, k in kept), totals)


def _same_building(subjects: pd.DataFrame, row: Mapping[str, Any]) -> list[str]:
    column = "grid_code" if isinstance(row.get("grid_code"), str) else "district_code"
    if not isinstance(row.get("address"), str) or not isinstance(row.get(column), str):
        return []
    near = subjects[subjects[column] == row[column]]
    own = address_keys(pd.Series([row["address"]], dtype="str"))
    if not names_building(own)[0]:
        return []
    keys = address_keys(near["address"])
    return [str(code) for code in near.loc[(keys == own.iloc[0]).fillna(False), "uscc"]]


def _same_representative(subjects: pd.DataFrame, row: Mapping[str, Any]) -> list[str]:
    mine = subjects.loc[subjects["uscc"] == row["uscc"], "representative_key"]
    if mine.empty or not isinstance(mine.iloc[0], str):
        return []
    return [str(code) for code in subjects.loc[subjects["representative_key"] == mine.iloc[0], "uscc"]]


def _holdings(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return [(str(row.other_id), str(row.direction)) for row in rows.itertuples() if isinstance(row.other_id, str)]


def _known(products: Products, subjects: pd.DataFrame, ids: set[str]) -> dict[str, dict[str, Any]]:
    """Register and level of some subjects by id."""
    rows = subjects[subjects["uscc"].isin(ids)].drop(columns="representative_key").set_index("uscc")
    if products.has("subject_levels"):
        levels = products.frame("subject_levels", ("subject_id", "level", "rank")).set_index("subject_id")
        rows = rows.join(levels[levels.index.isin(ids)])
    else:
        rows = rows.assign(level=None, rank=float("nan"))
    return {str(k): {str(c): v for c, v in row.items()} for k, row in rows.to_dict("index").items()}


def _kept(ties: list[tuple[str, str]], known: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """At most `MOST` of each kind, those first in the order of the city."""

    def order(tie: tuple[str, str]) -> tuple[float, str]:
        rank = known.get(tie[0], {}).get("rank")
        return (float("inf") if rank is None or pd.isna(rank) else float(rank), tie[0])

    return [tie for kind in KINDS for tie in sorted((t for t in ties if t[1] == kind), key=order)[:MOST]]


def _nodes(
    context: Any, centre: str, kept: list[tuple[str, str]], known: Mapping[str, Mapping[str, Any]]
) -> tuple[Node, ...]:
    graph = nx.Graph()
    graph.add_node(centre)
    for kind in KINDS:  # the kinds share hubs of their own, so that a picture shows them as bunches
        others = [other for other, tie in kept if tie == kind]
        graph.add_edges_from((centre, other) for other in others)
        graph.add_edges_from(pairwise(others))
    places = nx.spring_layout(graph, seed=SEED, pos={centre: (0.0, 0.0)}, fixed=[centre]) if len(graph) > 1 else {}
    reach = max((abs(float(v)) for place in places.values() for v in place), default=1.0) or 1.0
    found = []
    for ident in graph.nodes:
        row = known.get(ident, {})
        entity = row.get("entity_type")
        area = next((row[c] for c in ("grid_code", "district_code") if isinstance(row.get(c), str)), None)
        name = str(row["name"]) if "name" in row else ident
        shown = shown_name(name, entity if isinstance(entity, str) else None, context.actor, area) if row else ident
        level = row.get("level")
        x, y = places.get(ident, (0.0, 0.0))
        place = float(x) / reach, float(y) / reach
        found.append(Node(ident, shown, level if isinstance(level, str) else None, *place, ident == centre))
    return tuple(found)
