"""The legend of a layer: classes with colours as they show on the map, counts, states, source, date, method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from layers import colours, registry
from layers.access import Actor
from layers.layer import Layer
from layers.numbers import class_labels
from layers.periods import said
from layers.products import Store
from layers.requests import Request, Scheme
from layers.serve import Served, serve
from layers.text import date, has, number, text
from layers.theme import blend, tokens
from models.profile import City

ZERO_FADE = 0.65
"""How far the colour of zeros goes from the palette's lowest towards the land: seen as surveyed, read as empty."""


@dataclass(frozen=True)
class Row:
    """One class: its label, its colour as seen over the land, how many places have it, its mark for points.

    ``zero`` marks the row of those places that have nothing at all.
    """

    label: str
    colour: str
    count: int
    shape: str = ""
    zero: bool = False


@dataclass(frozen=True)
class State:
    """One state beside the classes (suppressed, no_data, estimated) and how many places are in it."""

    kind: str
    label: str
    count: int
    colour: str


@dataclass(frozen=True)
class Legend:
    """What stands in the legend of one layer; every text is in the language of the page.

    Attributes
    ----------
    id, title, unit : of the layer
    subtitle : period or date, scheme, and that the breaks are fixed where there are several periods
    rows : classes, the highest first; categories in their own order; zeros of their own class come last
    states : only those that occur
    source, date, method, description : provenance in words
    fixed : whether the breaks hold for every period
    resolution, period, build_id : what the counts belong to
    k : threshold of the small-count protection, None where the layer needs none
    """

    id: str
    title: str
    unit: str
    subtitle: str
    rows: tuple[Row, ...]
    states: tuple[State, ...]
    source: str
    date: str
    method: str
    description: str
    fixed: bool
    resolution: str
    period: str | None
    build_id: str
    k: int | None

    def as_dict(self) -> dict[str, Any]:
        """The part the map draws into a picture."""
        return {
            "title": self.title, "unit": self.unit, "subtitle": self.subtitle,
            "rows": [{"label": r.label, "colour": r.colour, "count": r.count} for r in self.rows],
            "states": [{"kind": s.kind, "label": s.label, "count": s.count, "colour": s.colour} for s in self.states],
            "source": text_source(self.source, self.date),
        }  # fmt: skip


def text_source(source: str, day: str) -> str:
    """Source and date in one line."""
    return " · ".join(part for part in (source, day) if part)


def legend(
    store: Store,
    city: City,
    actor: Actor,
    layer_id: str,
    *,
    lang: str,
    theme: str,
    resolution: str | None = None,
    period: str | None = None,
    scheme: Scheme | None = None,
    classes: int | None = None,
    opacity: float | None = None,
    area: str | None = None,
) -> Legend:
    """The legend of a layer at a resolution and period.

    Parameters
    ----------
    resolution : None takes the reference resolution of the layer
    period : None takes the last one
    opacity : percent at which the layer is drawn; None takes the layer's own
    area : counts only what lies in one area; None is the whole city

    Raises
    ------
    AccessDeniedError, UnknownNameError, NotBuiltError : as `layers.serve.serve`
    """
    layer = registry.layer(layer_id)
    asked = Request(resolution or layer.support.reference, period, area=area, scheme=scheme, classes=classes)
    served = serve(layer, asked, actor, store=store, city=city)
    return of_served(served, city, lang=lang, theme=theme, opacity=layer.opacity if opacity is None else opacity)


def of_served(served: Served, city: City, *, lang: str, theme: str, opacity: float) -> Legend:
    """The legend of what came through the door."""
    layer, origin = served.layer, served.provenance
    k = max(city.disclosure_k, layer.disclosure.k) if layer.disclosure else None
    return Legend(
        id=layer.id, title=text(f"{layer.text_key}.title", lang), unit=unit(layer, lang),
        subtitle=_subtitle(served, lang),
        rows=_rows(served, lang, theme, opacity), states=_states(served, lang, theme, opacity, k),
        source=origin.source_text(lang), date=date(origin.date, lang) if origin.date else "",
        method=_optional(layer, "method", lang), description=_optional(layer, "description", lang),
        fixed=layer.time.periods is not None, resolution=served.request.resolution, period=served.request.period,
        build_id=served.build_id, k=k,
    )  # fmt: skip


def unit(layer: Layer, lang: str) -> str:
    """The unit of a layer in words, "" where it has none."""
    return text(f"unit.{layer.measure.unit}", lang) if layer.measure and layer.measure.unit else ""


def _optional(layer: Layer, part: str, lang: str) -> str:
    key = f"{layer.text_key}.{part}"
    return text(key, lang) if has(key, lang) else ""


def labels_of(served: Served, lang: str) -> list[str]:
    """Labels of the classes of what was served, low to high."""
    layer, breaks = served.layer, served.breaks
    if layer.measure is None:
        return []
    if layer.measure.kind == "category":
        return [text(f"{layer.text_key}.class.{key}", lang) for key in layer.measure.categories]
    if served.zero:
        above = class_labels(breaks[1:], lang) if breaks[1:] else [text("legend.positive", lang)]
        return [number(0, lang), *above]
    return class_labels(breaks, lang, signed=layer.measure.kind == "signed")


def colours_of(served: Served, theme: str) -> list[str]:
    """Colours of the classes of what was served, low to high; none for an outline.

    A class of zeros takes the lowest colour of the palette, faded towards the land.
    """
    legend = served.layer.legend
    if legend is None:
        return []
    count = len(served.breaks) + 1
    if served.layer.kind == "flow":
        return [flow_colour(legend.palette, theme)] * count
    if not served.zero:
        return colours.colours(legend.palette, count, theme)
    lowest = colours.colours(legend.palette, 5, theme)[0]
    return [
        blend(lowest, tokens()["map"][theme]["land"], 1 - ZERO_FADE),
        *colours.colours(legend.palette, count - 1, theme),
    ]


def flow_colour(palette: str, theme: str) -> str:
    """The one colour of arcs, whose width tells the class: the fourth of five, which stands out from every land."""
    return colours.colours(palette, 5, theme)[3]


def _subtitle(served: Served, lang: str) -> str:
    layer, period = served.layer, served.request.period
    parts = []
    if period:
        parts.append(said(layer, period, lang))
    elif served.provenance.date:
        parts.append(date(served.provenance.date, lang))
    if layer.legend and layer.measure and layer.measure.kind != "category":
        parts.append(text(f"scheme.{served.request.scheme or layer.legend.scheme}", lang))
        if layer.time.periods is not None:
            parts.append(text("legend.fixed", lang))
    return " · ".join(parts)


def _rows(served: Served, lang: str, theme: str, opacity: float) -> tuple[Row, ...]:
    layer = served.layer
    land = tokens()["map"][theme]["land"]
    shown = [blend(c, land, opacity / 100) for c in colours_of(served, theme)]
    marked = layer.support.kind == "point" and layer.legend
    shapes = colours.shapes(marked.palette, len(shown)) if marked else [""] * len(shown)
    if layer.kind == "flow":
        shapes = [f"flow w{n}" for n in range(len(shown))]
    labels = labels_of(served, lang)
    rows = [Row(*parts) for parts in zip(labels, shown, served.counts, shapes[: len(shown)], strict=True)]
    if layer.measure and layer.measure.kind == "category":
        return tuple(rows)
    if served.zero:
        rows[0] = replace(rows[0], zero=True)
    return tuple(reversed(rows))


def _states(served: Served, lang: str, theme: str, opacity: float, k: int | None) -> tuple[State, ...]:
    looks: Mapping[str, Any] = colours.states(theme)
    outside = tokens()["map"][theme]["outside"]
    found = []
    if n := served.states.get(2):
        label = text("legend.suppressed", lang, k=k) if k else text("legend.suppressed_plain", lang)
        found.append(State("suppressed", label, n, looks["suppressed"]["fill"]))
    if (n := served.states.get(3)) and served.layer.measure is not None:
        found.append(State("no_data", text("legend.no_data", lang), n, outside))
    if n := served.states.get(4):
        ramp = colours_of(served, theme)
        seen = blend(
            ramp[len(ramp) // 2],
            tokens()["map"][theme]["land"],
            opacity / 100 * looks["estimated"]["opacity"],
        )
        found.append(State("estimated", text(served.layer.estimate, lang), n, seen))
    return tuple(found)
