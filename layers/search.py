"""One search over firms, grids, districts, towns, places and H3 cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import h3
import pandas as pd

from layers import frames, masking, registry
from layers.access import Actor, decide
from layers.inspect import target
from layers.products import Products
from models.errors import UnknownNameError
from models.profile import City
from models.store import SubjectFilter

ZOOMS = {"subject": 15.0, "grid": 12.5, "district": 10.0, "town": 12.5, "place": 14.0}
CELL_ZOOMS = {5: 9.0, 6: 10.0, 7: 11.0, 8: 12.5, 9: 14.0}
MAX_TEXT = 100
_H3 = re.compile(r"8[0-9a-f]{14}")


@dataclass(frozen=True)
class Hit:
    """One answer: kind (subject, queue, grid, district, town, cell), id, two lines of text, where to fly.

    A firm of the kind ``queue`` waits for a location: it has no place, and is shown on the page of the queue.
    """

    kind: str
    id: str
    title: str
    subtitle: str
    lon: float | None
    lat: float | None
    zoom: float | None


def find(  # noqa: PLR0917 - who asks for what, in the order of every page function
    store: Any, city: City, actor: Actor, text: str, lang: str, limit: int = 8
) -> list[Hit]:
    """Answers to a text, areas first, then firms; exact codes before parts of names.

    Parameters
    ----------
    store : `models.store.Store`
    text : name, unified social credit code, address, grid code, H3 index, town or district name
    limit : most answers

    Returns
    -------
    list of Hit : only what the actor may see; empty for an empty text
    """
    wanted = text.strip()[:MAX_TEXT]
    if not wanted:
        return []
    products = Products.live(store)
    hits = [*_cells(products, city, wanted, lang)]
    for kind, layer_id in (("district", "district-outlines"), ("grid", "grid-outlines")):
        if decide(actor, registry.layer(layer_id)).allowed and products.has(f"{kind}s"):
            hits += _areas(products, kind, wanted, lang)
    if products.has("towns"):
        hits += _towns(products, wanted, lang)
    if len(hits) < limit:
        hits += _subjects(store, actor, wanted, limit)
    return hits[:limit]


def _cells(products: Products, city: City, wanted: str, lang: str) -> list[Hit]:
    ident = wanted.lower()
    if not _H3.fullmatch(ident) or not h3.is_valid_cell(ident):
        return []
    try:
        found = target(products.store, city, Actor("search"), "cell", ident, lang)
    except UnknownNameError:
        return []
    zoom = CELL_ZOOMS.get(found.resolution or 8, 12.5)
    return [Hit("cell", ident, found.title, f"H3 {ident}", found.lon, found.lat, zoom)]


def _areas(products: Products, kind: str, wanted: str, lang: str) -> list[Hit]:
    shapes = frames.areas(products, kind)
    rows = shapes[_matches(shapes, wanted, "area_code")]
    inside = rows.geometry.representative_point()
    names = frames.names(products, kind, lang)
    return [
        Hit(kind, str(code), str(names[code]), str(code), float(point.x), float(point.y), ZOOMS[kind])
        for code, point in zip(rows["area_code"].head(20), inside.head(20), strict=True)
    ]


def _matches(rows: pd.DataFrame, wanted: str, code: str) -> pd.Series:
    """Rows whose code begins with the text or whose name holds it."""
    folded = wanted.casefold()
    found = rows[code].str.casefold().str.startswith(folded) if len(folded) >= 2 else rows[code].isna()
    found = found | rows["name"].str.casefold().str.contains(folded, regex=False)
    if "name_en" in rows:
        found = found | rows["name_en"].str.casefold().str.contains(folded, regex=False).fillna(False)
    return found.fillna(False).astype(bool)


def _towns(products: Products, wanted: str, lang: str) -> list[Hit]:
    towns = products.frame("towns")
    rows = towns[_matches(towns, wanted, "town_code")].head(20)
    english = lang != "zh-Hans" and "name_en" in rows
    districts = frames.names(products, "district", lang) if products.has("districts") else pd.Series(dtype=object)
    hits = []
    for row in rows.to_dict("records"):
        title = row["name_en"] if english and isinstance(row["name_en"], str) else row["name"]
        district, seat = districts.get(row["district_code"], ""), row["geometry"]
        hits.append(Hit("town", str(row["town_code"]), str(title), str(district), seat.x, seat.y, ZOOMS["town"]))
    return hits


def _subjects(store: Any, actor: Actor, wanted: str, limit: int) -> list[Hit]:
    """Firms of the actor's areas with a place, and those that wait for one in the queue.

    A masked name is not found by what is masked.
    """
    subjects = registry.layer("subjects")
    if not actor.roles & subjects.audience:
        return []
    if decide(actor, subjects).allowed:
        rows = store.search(wanted, limit)
    else:
        own = SubjectFilter(text=wanted, areas=tuple(sorted(actor.areas)))
        rows = store.subjects_page(own, "uscc", False, 0, limit)[0]
    hits = []
    for row in rows.to_dict("records"):
        title = masking.shown_name(row["name"], row["entity_type"], actor, masking.area_of(row))
        if title != row["name"] and not _tells(wanted, title, row):
            continue
        subtitle = row["address"] if isinstance(row["address"], str) else row["uscc"]
        if bool(row["located"]) and pd.notna(row["lon"]):
            place = float(row["lon"]), float(row["lat"])
            hits.append(Hit("subject", row["uscc"], title, subtitle, *place, ZOOMS["subject"]))
        else:
            hits.append(Hit("queue", row["uscc"], title, subtitle, None, None, None))
    return hits


def _tells(wanted: str, title: str, row: dict[Any, Any]) -> bool:
    """Whether the text stands in what is shown of a firm."""
    folded = wanted.casefold()
    return any(folded in str(part).casefold() for part in (title, row["uscc"], row["address"]))
