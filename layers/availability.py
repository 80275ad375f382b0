"""Which layers a city has data for, why not the others, and which a fresh page shows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from layers import frames, registry
from layers.layer import Layer
from layers.products import Products, Store
from layers.serve import has_values
from layers.text import text
from models.profile import City

HEXES = ("subject-density",)
"""Layers by hexagon that a fresh page leaves out where the subjects are located too coarsely for them, ..."""
AREAS = "subject-density-grid"
"""... and the layer by area that stands in for them."""
DEFAULT_RESOLUTION = "8"
MOST = 0.5


def missing(layer: Layer, products: Products) -> tuple[str, ...]:
    """Products the layer reads and the build does not hold."""
    return tuple(name for name in layer.reads if not products.has(name))


def available(layer: Layer, products: Products, city: City) -> bool:
    """Whether the build has the layer's products, and at least one value on the level it stands on."""
    return _available(layer, products, city.disclosure_k)


@lru_cache(maxsize=256)
def _available(layer: Layer, products: Products, k: int) -> bool:
    return not missing(layer, products) and has_values(layer, products, k)


def why_not(layer: Layer, products: Products, city: City, lang: str) -> str:
    """Why the city cannot show the layer, in a sentence; "" where it can."""
    if available(layer, products, city):
        return ""
    if names := missing(layer, products):
        words = text("note.source_join", lang).join(text(f"data.product_of.{name}", lang) for name in names)
        return text("rail.no_product", lang, names=words)
    return text("rail.no_values", lang)


def default_layers(store: Store, city: City) -> tuple[str, ...]:
    """Ids of the layers a fresh page shows, from bottom to top.

    Those that say so themselves and have data here. Where most located subjects are located more coarsely than a
    hexagon of resolution 8, hexagons would show the seats of towns: the density by area takes their place. Where no
    layer with colours is left, the first of the menu that has data is added.

    Raises
    ------
    NotBuiltError : the city has no build
    """
    products = Products.live(store)
    every = registry.layers()
    shown = {key for key, layer in every.items() if layer.visible and available(layer, products, city)}
    if shown & set(HEXES) and available(every[AREAS], products, city) and coarsely_located(products):
        shown = (shown - set(HEXES)) | {AREAS}
    if not any(every[key].kind in ("hex", "polygon") for key in shown):
        filled = (k for k, v in every.items() if v.kind in ("hex", "polygon") and available(v, products, city))
        shown |= {key for key in [next(filled, None)] if key is not None}
    return tuple(key for key in every if key in shown)


@lru_cache(maxsize=8)
def coarsely_located(products: Products) -> bool:
    """Whether most located subjects are known less exactly than hexagons of resolution 8 are wide."""
    if not products.has("subjects") or not products.has("cells"):
        return False
    cells = frames.cells(products, DEFAULT_RESOLUTION)["area_km2"].to_numpy(np.float64)
    errors = products.frame("subjects", ("located", "error_radius_m"))
    radius = errors.loc[errors["located"].astype(bool), "error_radius_m"].dropna().to_numpy(np.float64)
    if not len(radius) or not len(cells):
        return False
    widest = frames.COARSE * float(frames.circumradius_m(np.array([cells.mean()]))[0])
    return bool((radius > widest).mean() > MOST)
