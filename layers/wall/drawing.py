"""The map of a scene: what the map engine draws, names of the top places, flows, and the legend that is always on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from layers import availability, board, registry
from layers.layer import Layer
from layers.requests import Scheme
from layers.spec import LayerState, map_spec
from layers.wall.places import places
from layers.wall.scene import View
from models.errors import NotBuiltError

MOST_CLASSES = 5
"""More than five classes cannot be told apart across a room (visual language, palettes)."""
RESOLUTION = "8"
T = 1


def layer_of(view: View, candidates: Sequence[str]) -> Layer:
    """The first of the scene's own layers, else of the candidates, that has data.

    Raises
    ------
    NotBuiltError : none has; names them
    """
    wanted = view.spec.layers or tuple(candidates)
    for name in wanted:
        layer = registry.layer(name)
        if availability.available(layer, view.products, view.city):
            return layer
    why = availability.why_not(registry.layer(wanted[0]), view.products, view.city, view.lang)
    raise NotBuiltError(f"{', '.join(wanted)}: {why}")


def draw(
    view: View,
    layer: Layer,
    *,
    labels: Sequence[Mapping[str, Any]] = (),
    period: str | None = None,
    hours: Mapping[str, Any] | None = None,
    flows: Sequence[Mapping[str, Any]] | None = None,
    flow_note: str = "",
    flow_rows: Sequence[Mapping[str, Any]] = (),
    beyond: Sequence[tuple[float, float]] = (),
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The map and the legend of a scene; ``beyond`` are points outside of the city that the picture must hold.

    Returns
    -------
    map : ``fit`` [[w, s], [e, n]]; ``layers``; ``spec`` as docs/map.md describes it and ``specs``, a list with it
        alone; ``hours``, ``flows``, ``flow_note``, ``labels``
    legend : ``title``, ``unit``, ``note``; ``rows`` low to high; ``states``; ``flows``

    Raises
    ------
    AccessDeniedError, NotBuiltError : what the door of the layer says
    """
    west, south, east, north = holding(bounds_of(view), beyond)
    fit = [[west, south], [east, north]]
    classes = MOST_CLASSES if layer.adjustable and layer.legend and layer.legend.class_count > MOST_CLASSES else None
    offered = layer.support.resolutions
    spec = map_spec(
        view.store, view.city, view.actor, lang=view.lang, theme=view.theme,
        view={"bounds": [*fit[0], *fit[1]], "t": T}, period=period,
        chosen=[LayerState(layer.id, scheme=_scheme(layer), classes=classes)],
        resolutions={layer.id: RESOLUTION if RESOLUTION in offered else layer.support.reference},
    )  # fmt: skip
    for refused in spec["refused"]:
        raise NotBuiltError(f"{refused['id']}: {refused['why']}")
    for entry in spec["layers"]:
        if entry["kind"] == "hex" and int(RESOLUTION) in entry["resolutions"]:
            entry["resolution"] = int(RESOLUTION)  # a wall never zooms: its cells may be smaller than on a desk
    picture = {
        "fit": fit, "layers": [layer.id], "spec": spec, "specs": [spec], "hours": dict(hours) if hours else None,
        "flows": [dict(flow) for flow in flows] if flows else None, "flow_note": flow_note,
        "labels": [dict(label) for label in labels],
    }  # fmt: skip
    return picture, _legend(view, layer, spec["legend"], flow_rows)


def _scheme(layer: Layer) -> Scheme | None:
    """Densities by quantiles, for a city whose cells mostly fall into the lowest class is a dark wall."""
    dense = layer.adjustable and layer.measure is not None and layer.measure.kind == "density"
    return "quantile" if dense else None


def bounds_of(view: View) -> tuple[float, float, float, float]:
    """West, south, east, north of the city in degrees."""
    found: tuple[float, float, float, float] = board.area(view.products, None, view.lang, "").bounds
    return found


def holding(
    box: tuple[float, float, float, float], points: Sequence[tuple[float, float]]
) -> tuple[float, float, float, float]:
    """The smallest box that holds a box and some points."""
    lons, lats = [box[0], box[2], *(lon for lon, _ in points)], [box[1], box[3], *(lat for _, lat in points)]
    return min(lons), min(lats), max(lons), max(lats)


def _legend(
    view: View, layer: Layer, drawn: Mapping[str, Any], flow_rows: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The note names the day or period; where the hours run by, that their colours stay the same."""
    rows = [{"colour": row["colour"], "text": row["label"]} for row in drawn["rows"]]
    if layer.measure is None or layer.measure.kind != "category":
        rows.reverse()
    note = view.say("note.same_colours") if layer.time.kind == "hour" else drawn["subtitle"].split(" · ")[0]
    return {
        "title": drawn["title"], "unit": drawn["unit"], "note": note, "rows": rows,
        "states": [{"kind": s["kind"], "text": s["label"], "colour": s["colour"]} for s in drawn["states"]],
        "flows": [dict(row) for row in flow_rows],
    }  # fmt: skip


def named(view: View, level: str, values: pd.Series, said: Mapping[Any, str]) -> list[dict[str, Any]]:
    """Labels of some areas, the first the most important.

    Parameters
    ----------
    values : by code, in the order of importance
    said : by code, the number under the name
    """
    known = places(view.products, level, view.lang)
    found = [(code, known[str(code)]) for code in values.index if str(code) in known]
    return [
        {"text": place.name, "sub": said.get(code, ""), "lon": place.lon, "lat": place.lat, "rank": rank}
        for rank, (code, place) in enumerate(found)
    ]
