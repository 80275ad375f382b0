"""The map's twin: the same layer as a table, sorted and paged on the server, sharing the selection with the map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from layers import flows, frames, registry, road_sections, serve
from layers.layer import Layer
from layers.legends import labels_of, unit
from layers.pages import rail
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import end_column, icon_button, paged_list
from layers.pages.grid_words import grid_words
from layers.products import Products
from layers.requests import Request
from layers.text import number, text

KINDS = {"hex": "cell", "point": "subject"}


def frame(lang: str) -> html.Section:
    """The drawer below the map, closed at first."""
    grid = paged_list("twin-list", _columns(lang, None), "sel", localeText=grid_words(lang))
    return html.Section(
        [
            html.Div(
                [
                    html.H2(id="twin-title", className="grow cut"),
                    html.Span(id="twin-total", className="cap num"),
                    icon_button("twin-close", text("table.close", lang), "x"),
                ],
                className="twinhead",
            ),
            html.Div(grid, className="twingrid"),
        ],
        id="twin",
        className="twin",
        hidden=True,
        **{"aria-label": text("table.label", lang)},
    )


def table_layer(context: Context, chosen: Sequence[rail.Chosen]) -> tuple[Layer, rail.Chosen] | None:
    """The topmost visible layer with values."""
    layers = rail.allowed(context)
    for item in chosen:
        layer = layers.get(item["id"])
        if layer and item["visible"] and layer.measure is not None and layer.kind != "point":
            return layer, item
    return None


def _columns(lang: str, layer: Layer | None) -> list[dict[str, Any]]:
    """Columns of the table; a layer of categories has no numbers."""
    unit_text = unit(layer, lang) if layer else ""
    category = bool(layer and layer.measure and layer.measure.categories)
    value = text("table.value_unit", lang, unit=unit_text) if unit_text else text("table.value", lang)
    number_column = end_column(
        field="value", headerName=value, flex=1, minWidth=130, sortingOrder=["desc", "asc", None]
    )
    plain = {"sortable": False, "cellClass": "soft"}
    return [
        {"field": "name", "headerName": text("table.name", lang), "flex": 2, "minWidth": 140, "cellClass": "strong"},
        {"field": "code", "headerName": text("table.id", lang), "flex": 2, "minWidth": 150, "cellClass": "soft"},
        *([] if category else [number_column]),
        {
            "field": "group",
            "headerName": text("table.class", lang),
            "flex": 3 if category else 1,
            "minWidth": 150,
            "sortable": False,
        },
        {"field": "state", "headerName": text("table.state", lang), "width": 110, **plain},
    ]


def rows(
    context: Context, item: rail.Chosen, *, period: str | None, resolution: str | None, lang: str
) -> tuple[pd.DataFrame, serve.Served]:
    """All rows of the layer as shown: sel, code, name, lon, lat, number, flag, class; unsorted.

    The values are those that came through the door, so what is suppressed on the map is suppressed here.
    """
    layer = registry.layer(item["id"])
    res = resolution if resolution in layer.support.resolutions else layer.support.reference
    asked = Request(
        res, serve.known_period(layer, context.store, period),
        **rail.own_classes(layer, item),
    )  # fmt: skip
    served = serve.serve(layer, asked, context.actor, store=context.store, city=context.city)
    products = Products.live(context.store)
    frame = served.frame.assign(group=served.classes)
    if layer.support.kind == "hex":
        cells = frames.cells(products, res)
        at = np.searchsorted(cells["h3"].to_numpy(np.uint64), frame["id"].to_numpy(np.uint64))
        code = [f"{int(value):x}" for value in frame["id"]]
        place = _places(products, cells.iloc[at], lang)
        lon, lat, kind = cells["lon"].to_numpy()[at], cells["lat"].to_numpy()[at], "cell"
    elif layer.support.kind == "od":
        names, places = frames.names(products, res, lang), flows.places(products, res).set_index("area_code")
        ends = [frame[end] for end in flows.PAIR]
        place = [f"{a} → {b}" for a, b in zip(*(names.reindex(end) for end in ends), strict=True)]
        lon, lat = (np.mean([places[c].reindex(end) for end in ends], axis=0) for c in ("lon", "lat"))
        code, kind = list(frame["id"]), "flow"
    elif layer.support.kind == "road":
        code, kind = list(frame["id"]), "road"
        place = list(road_sections.names(products, lang).reindex(code))
        rows = road_sections.sections(products)["section_id"]
        middle = road_sections.middles(products)[pd.Index(rows).get_indexer(pd.Index(code))]
        lon, lat = shapely.get_x(middle), shapely.get_y(middle)
    else:
        areas = frames.areas(products, res).set_index("area_code").loc[list(frame["id"])]
        inside = areas.geometry.representative_point()
        code, place = list(frame["id"]), list(frames.names(products, res, lang).reindex(frame["id"]))
        lon, lat, kind = inside.x.to_numpy(), inside.y.to_numpy(), "district" if res == "district" else "grid"
    listed = frame.assign(code=code, name=place, lon=lon, lat=lat, sel=[f"{kind}:{value}" for value in code])
    return listed, served


def _places(products: Products, cells: pd.DataFrame, lang: str) -> list[str]:
    """Name of the grid cell that holds each hexagon's centre, else of its district."""
    found = pd.Series(index=cells.index, dtype=object)
    for level, column in (("grid", "grid_code"), ("town", "grid_code"), ("district", "district_code")):
        if products.has("districts" if level == "district" else "grids"):
            known = frames.names(products, level, lang)
            found = found.where(found.notna(), cells[column].map(known.to_dict()))
    return [name if isinstance(name, str) else "" for name in found]


def ordered(listed: pd.DataFrame, sort: Sequence[Mapping[str, str]] | None) -> pd.DataFrame:
    """The rows in the order asked for; the highest value first where nothing is asked; missing values last."""
    key, down = (sort[0]["colId"], sort[0]["sort"] == "desc") if sort else ("value", True)
    return listed.sort_values([key, "code"], ascending=[not down, True], na_position="last", kind="stable")


def shown(part: pd.DataFrame, served: serve.Served, lang: str) -> list[dict[str, Any]]:
    """Rows as the grid shows them: numbers and states in words."""
    layer = served.layer
    labels = labels_of(served, lang)
    category = bool(layer.measure and layer.measure.categories)
    digits = layer.measure.digits if layer.measure else None
    found = []
    columns = ("sel", "code", "name", "value", "flag", "group", "lon", "lat")
    for sel, code, name, value, flag, group, lon, lat in zip(*(part[c].tolist() for c in columns), strict=True):
        said = "–" if category or pd.isna(value) else number(value, lang, digits=digits)
        found.append(
            {
                "sel": sel,
                "code": code,
                "name": name or "",
                "value": said,
                "group": labels[group] if group >= 0 else "",
                "state": text(f"table.flag_{flag}", lang),
                "lon": lon,
                "lat": lat,
            }
        )
    return found


def register(app: Dash, context: Context) -> None:
    """Wire the drawer."""
    app.clientside_callback(
        ClientsideFunction("explore", "toggleTable"),
        Output("table-open", "data", allow_duplicate=True),
        Input("table-toggle", "n_clicks"),
        Input("twin-close", "n_clicks"),
        State("table-open", "data"),
        prevent_initial_call=True,
    )
    _fill(app, context)
    app.clientside_callback(
        ClientsideFunction("explore", "refreshTwin"),
        Output("twin-list", "className"),
        Input("twin-key", "data"),
        Input("map-period", "data"),
        State("table-open", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "rowChosen"),
        Output("sel", "data", allow_duplicate=True),
        Output("map-command", "data", allow_duplicate=True),
        Input("twin-list", "selectedRows"),
        State("sel", "data"),
        prevent_initial_call=True,
    )


def _fill(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("twin", "hidden"),
        Output("twin-title", "children"),
        Output("twin-list", "columnDefs"),
        Output("twin-key", "data"),
        Input("table-open", "data"),
        Input("draw-key", "data"),
        State("chosen", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def opened(is_open: bool, _key: Any, chosen: Any, address: Any) -> tuple[Any, ...]:
        lang = language_of(query(address), context.settings.language)
        found = table_layer(context, chosen or []) if is_open else None
        if not is_open:
            return True, no_update, no_update, no_update
        if found is None:
            return False, text("table.none", lang), no_update, None
        layer, item = found
        title = text("table.title", lang, name=rail.title(layer, lang))
        return False, title, _columns(lang, layer), dict(item)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("twin-list", "getRowsResponse"),
        Output("twin-total", "children"),
        Input("twin-list", "getRowsRequest"),
        State("twin-key", "data"),
        State("map-period", "data"),
        State("map-view", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def block(asked: Any, item: Any, period: Any, view: Any, address: Any) -> tuple[Any, Any]:
        lang = language_of(query(address), context.settings.language)
        if not asked or not item:
            return {"rowData": [], "rowCount": 0}, ""
        try:
            listed, served = rows(context, item, period=period, resolution=resolution_of(view, item["id"]), lang=lang)
        except Exception as error:
            return {"rowData": [], "rowCount": 0}, text("state.error_plain", lang, id=report(error))
        part = ordered(listed, asked.get("sortModel")).iloc[asked["startRow"] : asked["endRow"]]
        return {"rowData": shown(part, served, lang), "rowCount": len(listed)}, text(
            "table.rows", lang, n=f"{len(listed):,}"
        )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("twin-list", "selectedRows"),
        Output("twin-list", "scrollTo"),
        Input("sel", "data"),
        Input("twin-list", "getRowsResponse"),
        State("twin-list", "getRowsRequest"),
        State("twin-key", "data"),
        State("map-period", "data"),
        State("map-view", "data"),
        State("table-open", "data"),
        prevent_initial_call=True,
    )
    def follow(sel: Any, _rows: Any, asked: Any, item: Any, period: Any, view: Any, is_open: Any) -> tuple[Any, Any]:  # noqa: PLR0917
        if not is_open or not item:
            return no_update, no_update
        if not sel:
            return [], no_update
        listed, _ = rows(
            context, item, period=period, resolution=resolution_of(view, item["id"]), lang=context.settings.language
        )
        order = ordered(listed, (asked or {}).get("sortModel"))["sel"].to_numpy(object)
        at = np.flatnonzero(order == sel)
        if not len(at):
            return [], no_update
        return {"ids": [sel]}, {"rowIndex": int(at[0]), "rowPosition": "middle"}


def resolution_of(view: Mapping[str, Any] | None, layer_id: str) -> str | None:
    """The resolution the map draws a layer at, where it has said so."""
    found = ((view or {}).get("res") or {}).get(layer_id)
    return None if found is None else str(found)
