"""Callbacks of the explore page: the stores are its state, everything on screen follows from them.

``chosen``, ``sel``, ``map-period``, ``table-open`` and the map's own ``map-view`` are the state and stand in the
address; the browser changes them, the server answers with what to draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, html, no_update

from layers import inspect, spec
from layers.pages import inspecting, legend, rail, timebar
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import failed, icon
from layers.text import text

ACTIONS = ("eye", "up", "down", "remove", "add", "scheme", "classes", "opacity", "top", "least")


def compose(
    context: Context,
    chosen: Sequence[rail.Chosen],
    *,
    view: Mapping[str, Any] | None,
    period: str | None,
    shape: Any,
    lang: str,
    theme: str,
) -> tuple[dict[str, Any], list[Any], dict[str, Any] | None]:
    """The map's spec, the legend cards and the time axis for the chosen layers (top first)."""
    allowed = rail.allowed(context)
    states = [
        spec.LayerState(
            item["id"], bool(item["visible"]), item["opacity"], item.get("scheme"), item.get("classes"),
            top=item.get("top"), least=item.get("least"),
        )
        for item in chosen
        if item["id"] in allowed
    ]
    axis = timebar.axis(context, chosen, lang, period)
    if axis and period not in axis["periods"]:
        period = axis["start"]
    resolutions = {key: str(value) for key, value in ((view or {}).get("res") or {}).items() if value is not None}
    drawn = spec.map_spec(
        context.store, context.city, context.actor,
        lang=lang, theme=theme, view=_camera(context, view), chosen=states[::-1], period=period, selection=shape,
        resolutions=resolutions,
    )  # fmt: skip
    shown = {entry["id"] for entry in drawn["layers"]}
    visible = [state for state in states if state.id in shown]
    return (
        drawn,
        legend.cards(context, visible, lang, theme, period=period if axis else None, resolutions=resolutions),
        axis,
    )


def _unread(context: Context, drawn: Mapping[str, Any], lang: str) -> list[Any]:
    """Says which layers could not be read just now; those the city has no data for say so in the layer panel."""
    lacks, layers = rail.lacking(context, lang), rail.allowed(context)
    gone = [item["id"] for item in drawn["refused"] if item["id"] in layers and item["id"] not in lacks]
    if not gone:
        return []
    names = text("note.source_join", lang).join(rail.title(layers[name], lang) for name in gone)
    return [html.Div([icon("alert-triangle"), text("map.unread", lang, names=names)], className="strip", role="alert")]


def _camera(context: Context, view: Mapping[str, Any] | None) -> dict[str, Any]:
    """Where the map starts: the address's view, else the city's; always the same ``t``: data never move the camera."""
    home = context.city.view
    if not view:
        return {"lon": home.lon, "lat": home.lat, "zoom": home.zoom, "t": 1}
    return {"lon": view["lon"], "lat": view["lat"], "zoom": view["zoom"], "t": 1}


def point(context: Context, click: Mapping[str, Any], lang: str) -> tuple[str | None, Any]:
    """The id of what was clicked and its outline; None where nothing lies there."""
    target = inspect.at(
        context.store, context.city, context.actor, click["lon"], click["lat"], click["zoom"], click["layers"], lang,
        resolution=click.get("res"),
    )  # fmt: skip
    if target is None:
        return None, None
    return f"{target.kind}:{target.id}", inspecting.shape_of(target)


def register(app: Dash, context: Context) -> None:
    """Wire state, server and map."""
    _state(app)
    _draw(app, context)
    _select(app, context)


def _state(app: Dash) -> None:
    names = ("chosen", "map-period", "sel", "table-open", "camera")
    app.clientside_callback(
        ClientsideFunction("explore", "restore"), *(Output(name, "data") for name in names), Input("boot", "data")
    )
    app.clientside_callback(
        ClientsideFunction("explore", "write"),
        Output("boot", "id"),
        *(Input(name, "data") for name in ("chosen", "map-period", "sel", "table-open", "theme", "map-view")),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "key"),
        Output("draw-key", "data"),
        Input("chosen", "data"),
        Input("theme", "data"),
    )
    values = dict.fromkeys(("scheme", "classes", "opacity", "top", "least"), "value")
    app.clientside_callback(
        ClientsideFunction("explore", "act"),
        Output("chosen", "data", allow_duplicate=True),
        *(Input({"type": f"layer-{name}", "layer": ALL}, values.get(name, "n_clicks")) for name in ACTIONS),
        State("chosen", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("drag", "drop"),
        Output("chosen", "data", allow_duplicate=True),
        Input("layer-drop", "data"),
        State("chosen", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "open"),
        Output("open-layer", "data"),
        Input({"type": "layer-open", "layer": ALL}, "n_clicks"),
        State("open-layer", "data"),
        prevent_initial_call=True,
    )


def _draw(app: Dash, context: Context) -> None:
    def language(address: str | None) -> str:
        return language_of(query(address), context.settings.language)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("map-spec", "data"),
        Output("legends", "children"),
        Output("time-axis", "data"),
        Output("time-spark", "children"),
        Output("time-first", "children"),
        Output("time-last", "children"),
        Output("map-error", "children"),
        Input("draw-key", "data"),
        State("chosen", "data"),
        State("camera", "data"),
        State("map-view", "data"),
        State("map-period", "data"),
        State("shape", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def draw(  # noqa: PLR0917 - one argument per store
        key: Any, chosen: Any, camera: Any, view: Any, period: Any, shape: Any, address: Any
    ) -> tuple[Any, ...]:
        lang = language(address)
        try:
            drawn, cards, axis = compose(
                context, chosen or [], view=view or camera, period=period, shape=shape, lang=lang, theme=key["theme"]
            )
        except Exception as error:
            return (*[no_update] * 6, failed(lang, report(error)))
        return drawn, cards, axis, *timebar.bars(axis), _unread(context, drawn, lang)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("rail", "children"),
        Input("draw-key", "data"),
        Input("open-layer", "data"),
        State("chosen", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def panel(_key: Any, opened: str, chosen: Any, address: Any) -> Any:
        lang = language(address)
        try:
            return rail.rail(context, chosen or [], opened or "", lang)
        except Exception as error:
            return failed(lang, report(error))

    app.clientside_callback(
        ClientsideFunction("explore", "restyle"),
        Output("map-spec", "data", allow_duplicate=True),
        Input("chosen", "data"),
        Input("sel", "data"),
        Input("map-spec", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "railDrawn"),
        Output("rail", "title"),
        Input("rail", "children"),
        State("chosen", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("legend", "update"),
        Output("sink", "data"),
        Input("map-spec", "data"),
        Input("map-period", "data"),
        Input("map-view", "data"),
        prevent_initial_call=True,
    )


def _select(app: Dash, context: Context) -> None:
    app.clientside_callback(
        ClientsideFunction("explore", "clicked"),
        Output("explore-click", "data"),
        Input("map-click", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("sel", "data", allow_duplicate=True),
        Output("shape", "data", allow_duplicate=True),
        Input("explore-click", "data"),
        State("sel", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def pick(click: Any, current: str | None, address: Any) -> tuple[Any, Any]:
        if not click:
            return no_update, no_update
        try:
            found, shape = point(context, click, language_of(query(address), context.settings.language))
        except Exception as error:
            report(error)
            return no_update, no_update
        if found == current:
            return None, None
        return found, shape

    app.clientside_callback(
        ClientsideFunction("explore", "shape"),
        Output("map-command", "data", allow_duplicate=True),
        Input("shape", "data"),
        prevent_initial_call=True,
    )
