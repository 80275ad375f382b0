"""The declaration of a map layer and its parts; only its query is code, all else is data."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from layers.access import ROLES
from layers.colours import is_diverging, palette_names
from layers.products import Products
from layers.requests import MAX_CLASSES, NO_RESOLUTION, Request, Scheme

SupportKind = Literal["grid", "hex", "point", "road", "area", "od"]
MeasureKind = Literal["count", "rate", "density", "index", "category", "signed"]
TimeKind = Literal["none", "snapshot", "hour", "day", "month", "year"]
Sensitivity = Literal["open", "internal", "restricted"]
DrawKind = Literal["hex", "polygon", "point", "outline", "flow", "line"]
Query = Callable[[Products, Request], pd.DataFrame]
Owners = Callable[[Products], pd.DataFrame]
Spread = Callable[[Products, str], npt.NDArray[np.float64]]
Total = Callable[[Products, str | None], float]

MAX_CATEGORIES = 9
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_POLYGONS: frozenset[str] = frozenset({"grid", "hex", "area"})
_CONTRACTS = {
    "hex": "layer_hex",
    "grid": "layer_area",
    "area": "layer_area",
    "point": "layer_point",
    "od": "layer_flow",
    "road": "layer_road",
}


class LayerError(ValueError):
    """A layer declares something that cannot be shown truthfully or safely; raised when its module is imported."""


@dataclass(frozen=True)
class Support:
    """What the values of a layer stand on.

    Attributes
    ----------
    kind : grid cell, H3 hexagon, point, road section, administrative area or origin-destination pair
    resolutions : the H3 resolutions ("7", "8") or area levels ("district", "town", "grid") on offer, coarse to fine;
        points have the one resolution "-"
    reference : resolution whose values fix the class breaks for all others; the middle one where not said
    """

    kind: SupportKind
    resolutions: tuple[str, ...] = (NO_RESOLUTION,)
    reference: str = ""

    def __post_init__(self) -> None:
        if not self.resolutions:
            raise LayerError("a support needs at least one resolution or level")
        if not self.reference:
            object.__setattr__(self, "reference", self.resolutions[len(self.resolutions) // 2])
        if self.reference not in self.resolutions:
            raise LayerError(f"the reference resolution {self.reference!r} is not among {self.resolutions}")

    @property
    def contract(self) -> str:
        """Name of the contract its frames are on."""
        return _CONTRACTS[self.kind]

    @property
    def polygonal(self) -> bool:
        """Whether a value fills an area, so that a raw count would mislead."""
        return self.kind in _POLYGONS


@dataclass(frozen=True)
class Measure:
    """What the values mean.

    Attributes
    ----------
    column : the product column the value is made from
    unit : text key below ``[unit]`` of the locales, or "" for a measure without unit
    kind : count, rate, density, index, category or signed change
    categories : for a category, the text keys of its classes in the order of their codes 0, 1, 2, ...
    digits : decimals on screen; None leaves it to the number
    """

    column: str
    unit: str
    kind: MeasureKind
    categories: tuple[str, ...] = ()
    digits: int | None = None

    def __post_init__(self) -> None:
        if (self.kind == "category") != bool(self.categories):
            raise LayerError(f"measure {self.column}: categories belong to the kind category and to no other")
        if len(self.categories) > MAX_CATEGORIES:
            raise LayerError(f"measure {self.column}: {len(self.categories)} categories; at most {MAX_CATEGORIES}")

    @property
    def summable(self) -> bool:
        """Whether values of several places may be added."""
        return self.kind == "count"


@dataclass(frozen=True)
class TimeAxis:
    """The periods of a layer.

    Attributes
    ----------
    kind : none, snapshot, hour, day, month or year
    periods : lists the periods of a build, oldest first; None where the kind is none or snapshot. Hours are written
        ``workday-08``: type of day and hour that begins then
    start : the period shown where nobody chose one; the last one where "" or not among them
    """

    kind: TimeKind = "snapshot"
    periods: Callable[[Products], tuple[str, ...]] | None = None
    start: str = ""

    def __post_init__(self) -> None:
        if (self.kind in ("none", "snapshot")) != (self.periods is None):
            raise LayerError(f"a time axis of kind {self.kind} {'must not' if self.periods else 'must'} list periods")

    def first_shown(self, known: tuple[str, ...]) -> str | None:
        """The period shown where nobody chose one; None where there is none."""
        return self.start if self.start in known else known[-1] if known else None


@dataclass(frozen=True)
class Legend:
    """How values become classes and colours; breaks are the same for every period.

    Attributes
    ----------
    palette : name in ``layers/design/palettes.json``
    scheme : quantile, natural, headtail or fixed
    class_count : 2 to 7; a scheme may find fewer where values repeat
    breaks : lower bounds of class 1..n-1 in the unit of the measure, for the scheme fixed only
    middle : what the middle of a diverging palette stands for: 0 for changes, 1 for ratios
    """

    palette: str
    scheme: Scheme = "quantile"
    class_count: int = 5
    breaks: tuple[float, ...] = ()
    middle: float = 0.0

    def __post_init__(self) -> None:
        if self.palette not in palette_names():
            raise LayerError(f"no palette {self.palette!r}; there are {', '.join(palette_names())}")
        if not 2 <= self.class_count <= MAX_CLASSES:
            raise LayerError(f"{self.class_count} classes asked for; allowed are 2 to {MAX_CLASSES}")
        if (self.scheme == "fixed") != bool(self.breaks):
            raise LayerError("breaks belong to the scheme fixed and to no other")
        if list(self.breaks) != sorted(set(self.breaks)):
            raise LayerError(f"breaks must ascend: {self.breaks}")
        if not is_diverging(self.palette):
            return
        if self.middle not in (0.0, 1.0) or (self.middle and not self.breaks):
            raise LayerError(f"the middle of a palette is 0, or 1 with fixed breaks; found {self.middle:g}")
        mirrored = tuple((1 / b if b else np.inf) if self.middle else -b for b in reversed(self.breaks))
        if not np.allclose(self.breaks, mirrored):
            about = "one, as ratios" if self.middle else "zero"
            raise LayerError(f"breaks of a palette with a middle must be symmetric about {about}: {self.breaks}")


@dataclass(frozen=True)
class Disclosure:
    """Small-count protection: the column of observed units, and a threshold that may only raise the city's k."""

    observed: str
    k: int = 0


@dataclass(frozen=True)
class Layer:
    """One layer of the map; its title, description and method stand in the locales under ``[layer.<id>]``.

    Attributes
    ----------
    id : permanent kebab-case name: URL, API path, text key
    theme : folder of the catalogue
    support, measure, time, legend : see their classes; a layer of outlines has neither measure nor legend
    reads : products the query needs
    tables : canonical tables these come from: the source, licence and date shown with the layer
    query : the frame on contract (id, value, flag, for points lon and lat) of one resolution and period
    audience : roles that may see it; never empty
    spread : all observed values of one resolution over all periods, for breaks and scale; None computes it by query
    sensitivity : open, internal or restricted
    disclosure : None, or the observed column that k is applied to
    detail : kind of panel a click opens: cell, grid, district, subject, premises, road, or "" for none
    order : place in the menu and from bottom to top on the map
    visible : whether a fresh page shows it
    opacity : default opacity in percent, light theme
    min_zoom, max_zoom : zoom levels between which it is drawn, or None
    names : whether an outline layer labels its areas
    estimate : why values may be flagged estimated: text key of the row in the legend
    owners : for points that are no market subjects: the rows they stand for, in the order of the query, with
        ``ident``, ``district_code`` and ``grid_code``; a reader bound to an area sees those of the area only
    total : for flows: all persons of one period, also those of pairs that are not shown; None adds the shown ones up
    """

    id: str
    theme: str
    support: Support
    reads: tuple[str, ...]
    tables: tuple[str, ...]
    query: Query
    audience: frozenset[str]
    measure: Measure | None = None
    legend: Legend | None = None
    time: TimeAxis = field(default_factory=TimeAxis)
    spread: Spread | None = None
    sensitivity: Sensitivity = "open"
    disclosure: Disclosure | None = None
    detail: str = ""
    order: int = 50
    visible: bool = False
    opacity: int = 88
    min_zoom: float | None = None
    max_zoom: float | None = None
    names: bool = False
    estimate: str = "legend.estimated"
    owners: Owners | None = None
    total: Total | None = None

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise LayerError(f"layer id {self.id!r} must be kebab-case: lower-case letters, digits and single hyphens")
        if not self.audience:
            raise LayerError(f"layer {self.id}: the audience is empty, so nobody could see it; name its roles")
        if unknown := sorted(self.audience - set(ROLES)):
            raise LayerError(f"layer {self.id}: unknown roles {', '.join(unknown)}; there are {', '.join(ROLES)}")
        if not self.reads:
            raise LayerError(f"layer {self.id}: it must name the products it reads")
        if (self.measure is None) != (self.legend is None):
            raise LayerError(f"layer {self.id}: a measure and a legend go together")
        if self.disclosure is not None and self.spread is not None:
            raise LayerError(f"layer {self.id}: protected values must not reach the breaks by another way: drop spread")
        if self.measure is not None and self.measure.kind == "count" and self.support.polygonal:
            raise LayerError(
                f"layer {self.id}: a raw count must not colour areas of different size; make it a density or a rate"
            )

    @property
    def kind(self) -> DrawKind:
        """How the map draws it."""
        if self.measure is None:
            return "outline"
        drawn: dict[str, DrawKind] = {"hex": "hex", "point": "point", "od": "flow", "road": "line"}
        return drawn.get(self.support.kind, "polygon")

    @property
    def splits_zero(self) -> bool:
        """Whether places without anything are a class of their own below all others: densities only."""
        return self.measure is not None and self.measure.kind == "density" and self.adjustable

    @property
    def adjustable(self) -> bool:
        """Whether a reader may choose other classes: not for categories and fixed breaks."""
        return (
            self.legend is not None
            and self.legend.scheme != "fixed"
            and self.measure is not None
            and self.measure.kind != "category"
        )

    @property
    def text_key(self) -> str:
        """Prefix of its texts in the locales."""
        return f"layer.{self.id}"
