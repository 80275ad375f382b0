"""The picture for browsers without WebGL2: the topmost layer at its coarsest resolution as plain filled outlines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from dash import ClientsideFunction, Dash, Input, Output, State, html

from layers import flows, frames, road_sections, serve
from layers.layer import Layer
from layers.legends import colours_of, labels_of
from layers.pages import rail, twin
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, chart, failed, tag
from layers.products import Products
from layers.requests import Request
from layers.text import text
from models.fusion import hexes

HEIGHT = 620
FLOW_PX = (1.5, 2.5, 4, 6, 9)


def figure(
    context: Context, layer: Layer, item: rail.Chosen, *, period: str | None, lang: str, theme: str
) -> dict[str, Any]:
    """One trace of closed outlines per class, in degrees with equal distances; no map subplot and no request."""
    coarse = layer.support.resolutions[0]
    asked = Request(
        coarse, serve.known_period(layer, context.store, period),
        **rail.own_classes(layer, item),
    )  # fmt: skip
    served = serve.serve(layer, asked, context.actor, store=context.store, city=context.city)
    if layer.kind == "line":
        return _lines(served, Products.live(context.store), theme, lang)
    if layer.kind == "flow":
        return _arcs(served, Products.live(context.store), theme, lang)
    shapes = _shapes(layer, Products.live(context.store), coarse, served.frame["id"])
    colours, labels = colours_of(served, theme), labels_of(served, lang)
    traces = [
        _trace(shapes[served.classes == n], colours[n], labels[n], item["opacity"] / 100) for n in range(len(colours))
    ]
    lat = float(np.mean([shape.centroid.y for shape in shapes])) if len(shapes) else 0.0
    return {"data": [trace for trace in traces if trace["x"]], "layout": _layout(lat)}


def _layout(lat: float) -> dict[str, Any]:
    """A square grid in metres at a latitude (degrees)."""
    axis = {"showgrid": False, "zeroline": False, "showticklabels": False}
    return {
        "showlegend": True, "hovermode": "closest", "margin": {"l": 8, "r": 8, "t": 8, "b": 8}, "xaxis": axis,
        "yaxis": axis | {"scaleanchor": "x", "scaleratio": 1 / math.cos(math.radians(lat))},
        "legend": {"orientation": "v", "x": 0, "y": 1, "yanchor": "top", "traceorder": "reversed"},
    }  # fmt: skip


def _arcs(served: serve.Served, products: Products, theme: str, lang: str) -> dict[str, Any]:
    """Straight lines between the places of a class, wider ones for larger flows."""
    places = flows.places(products, served.request.resolution).set_index("area_code")
    colours, labels = colours_of(served, theme), labels_of(served, lang)
    traces = []
    for n, (colour, label) in enumerate(zip(colours, labels, strict=True)):
        own = served.frame[served.classes == n]
        ends = [places.loc[own[end]].round(5) for end in flows.PAIR]
        x, y = (
            [v for a, b in zip(*(end[axis] for end in ends), strict=True) for v in (a, b, None)]
            for axis in ("lon", "lat")
        )
        line = {"width": FLOW_PX[min(n, len(FLOW_PX) - 1)], "color": colour}
        traces.append({"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "name": label})
    return {"data": [trace for trace in traces if trace["x"]], "layout": _layout(float(places["lat"].mean()))}


def _lines(served: serve.Served, products: Products, theme: str, lang: str) -> dict[str, Any]:
    """The sections of each class as lines of one trace."""
    shapes = road_sections.sections(products).set_index("section_id").loc[list(served.frame["id"])].geometry.to_numpy()
    traces = []
    for n, (colour, label) in enumerate(zip(colours_of(served, theme), labels_of(served, lang), strict=True)):
        x: list[float | None] = []
        y: list[float | None] = []
        for line in shapes[served.classes == n]:
            points = shapely.get_coordinates(line).round(5)
            x += [*points[:, 0].tolist(), None]
            y += [*points[:, 1].tolist(), None]
        traces.append(
            {"type": "scatter", "mode": "lines", "x": x, "y": y, "line": {"width": 4, "color": colour}, "name": label}
        )
    lat = float(np.mean([shape.centroid.y for shape in shapes])) if len(shapes) else 0.0
    return {"data": [trace for trace in traces if trace["x"]], "layout": _layout(lat)}


def _shapes(layer: Layer, products: Products, coarse: str, ids: Any) -> Any:
    if layer.support.kind == "hex":
        return hexes.boundaries(ids.to_numpy(np.uint64))
    return frames.areas(products, coarse).set_index("area_code").loc[list(ids)].geometry.to_numpy()


def _trace(shapes: Any, colour: str, label: str, opacity: float) -> dict[str, Any]:
    x: list[float | None] = []
    y: list[float | None] = []
    for ring in shapely.get_rings(shapely.get_parts(shapes)) if len(shapes) else ():
        points = shapely.get_coordinates(ring).round(5)
        x += [*points[:, 0].tolist(), None]
        y += [*points[:, 1].tolist(), None]
    return {
        "type": "scatter", "mode": "lines", "x": x, "y": y, "fill": "toself", "fillcolor": colour, "opacity": opacity,
        "line": {"width": 0.5, "color": colour}, "name": label, "hoverinfo": "name",
    }  # fmt: skip


def picture(context: Context, chosen: Sequence[rail.Chosen], period: str | None, lang: str, theme: str) -> html.Div:
    """Note, chart and nothing else: the table twin holds the numbers."""
    note = tag(text("map.no_webgl", lang), "warn", "alert-triangle")
    found = twin.table_layer(context, chosen)
    if found is None:
        return html.Div([note, blank(text("table.none", lang))], className="fallback")
    layer, item = found
    label = text("map.fallback", lang, name=rail.title(layer, lang))
    drawn = chart(figure(context, layer, item, period=period, lang=lang, theme=theme), theme, HEIGHT, label)
    return html.Div([note, drawn], className="fallback", **{"data-source": layer.id})


def register(app: Dash, context: Context) -> None:
    """Draw where the map says that it cannot."""
    app.clientside_callback(
        ClientsideFunction("explore", "fallbackKey"),
        Output("fallback-key", "data"),
        Input("map-support", "data"),
        Input("draw-key", "data"),
        Input("map-period", "data"),
        State("boot", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("fallback", "children"),
        Input("fallback-key", "data"),
        State("chosen", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def draw(key: Mapping[str, Any], chosen: Any, address: Any) -> Any:
        lang = language_of(query(address), context.settings.language)
        try:
            return picture(context, chosen or [], key.get("period"), lang, key["theme"])
        except Exception as error:
            return failed(lang, report(error))
