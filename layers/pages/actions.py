"""What can be done with the current view: table, link, picture, files, method."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from layers import export, serve
from layers.pages import rail, twin
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import button, icon
from layers.pages.method import method_text
from layers.refusals import refusal
from layers.text import text
from models.errors import CityhexError, RequestError


def foot(lang: str) -> html.Div:
    """The buttons at the foot of the panel; the files open upwards from one of them."""
    files = (("export-png", "photo"), ("export-csv", "file-spreadsheet"), ("export-xlsx", "file-spreadsheet"))
    menu = html.Details(
        [
            html.Summary([icon("download"), text("inspect.export", lang)], className="btn", id="export-menu"),
            html.Div(
                [button(n, text(n.replace("-", "."), lang), mark, kind="item") for n, mark in files],
                className="menu float",
            ),
        ],
        className="opener",
    )
    return html.Div(
        [
            button("table-toggle", text("inspect.table", lang), "table"),
            button("copy-link", text("inspect.link", lang), "link"),
            menu,
            button("method-open", text("inspect.method", lang), "info-circle"),
            html.Span(id="copied", className="toast", role="status"),
        ],
        className="pfoot",
    )


def register(app: Dash, context: Context) -> None:
    """Wire the buttons."""
    app.clientside_callback(
        ClientsideFunction("explore", "copyLink"),
        Output("copied", "children"),
        Input("copy-link", "n_clicks"),
        State("copy-link", "children"),
        State("boot", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "png"),
        Output("map-command", "data", allow_duplicate=True),
        Input("export-png", "n_clicks"),
        State("boot", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("download", "data"),
        Output("copied", "children", allow_duplicate=True),
        Input("export-csv", "n_clicks"),
        Input("export-xlsx", "n_clicks"),
        State("chosen", "data"),
        State("map-period", "data"),
        State("map-view", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def save(csv: Any, xlsx: Any, chosen: Any, period: Any, view: Any, address: Any) -> tuple[Any, Any]:  # noqa: PLR0917
        lang = language_of(query(address), context.settings.language)
        if not (csv or xlsx):
            return no_update, no_update
        try:
            fmt: export.Format = "csv" if ctx.triggered_id == "export-csv" else "xlsx"
            return table_file(context, chosen or [], period=period, view=view, lang=lang, fmt=fmt), ""
        except CityhexError as error:
            return no_update, refusal(error, lang)
        except Exception as error:
            return no_update, text("state.error_plain", lang, id=report(error))

    @app.callback(  # type: ignore[untyped-decorator]
        Output("method-box", "children"),
        Input("method-open", "n_clicks"),
        State("chosen", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def method(clicks: Any, chosen: Any, address: Any) -> Any:
        if not clicks:
            return no_update
        return method_text(
            context, chosen or [], language_of(query(address), context.settings.language), dt.datetime.now(dt.UTC)
        )


def table_file(
    context: Context, chosen: Sequence[rail.Chosen], *, period: Any, view: Any, lang: str, fmt: export.Format
) -> dict[str, Any]:
    """The table of the topmost layer with values as a file for the browser.

    Raises
    ------
    CityhexError : there is no such layer, or it cannot be exported
    """
    found = twin.table_layer(context, chosen)
    if found is None:
        raise RequestError(text("table.none", lang))
    layer, item = found
    resolution = twin.resolution_of(view, layer.id)
    body, name, mime = export.table(
        context.store, context.city, context.actor, layer.id,
        resolution=resolution if resolution in layer.support.resolutions else None,
        period=serve.known_period(layer, context.store, period), **rail.own_classes(layer, item), lang=lang, fmt=fmt,
        leaving=lambda rows: context.store.log_access(
            context.actor.id, "export", f"{layer.id} {fmt}", rows, at=dt.datetime.now(dt.UTC)
        ),
    )  # fmt: skip
    sent: dict[str, Any] = dcc.send_bytes(body, name, type=mime)  # type: ignore[attr-defined]
    return sent
