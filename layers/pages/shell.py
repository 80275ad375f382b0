"""The frame of every page: document, header, routes between pages, theme; makes the Dash application."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import dash_mantine_components as dmc
import flask
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from layers import theme as look
from layers.api import security
from layers.pages import data_page, explore, header, map_stores, new_data, queue_page, searching
from layers.pages.context import Context, language_of, query, report, theme_of
from layers.pages.elements import failed
from layers.text import HTML_LANG, text
from models.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from layers.access import Actor
    from models.profile import City
    from models.settings import Settings

PAGES = {"": explore, "queue": queue_page, "data": data_page}
OF_DASH = ("/assets/", "/_dash-", "/_reload-hash", "/_favicon.ico", "/favicon.ico", "/health")
"""Paths of Dash itself: its scripts, its callbacks, its health."""

_INDEX = """<!DOCTYPE html>
<html lang="{lang}" data-mantine-color-scheme="{theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="same-origin">
<title>{title}</title>
{favicon}{css}
</head>
<body>
<noscript>{noscript}</noscript>
{app_entry}
<footer>{config}{scripts}{renderer}</footer>
</body>
</html>"""


class _Dashboard(Dash):  # type: ignore[misc]
    """Dash with a document of its own: language, theme and title before any script has run."""

    context: Context

    def interpolate_index(self, **parts: Any) -> str:
        params = flask.request.args
        lang = language_of(params, self.context.settings.language)
        title = text("app.title", lang, city=self.context.city_name(lang))
        entry = f'<div id="react-entry-point"><div class="_dash-loading">{text("state.loading", lang)}</div></div>'
        return _INDEX.format(
            lang=HTML_LANG.get(lang, lang),
            theme=theme_of(params),
            title=title,
            noscript=text("shell.noscript", lang),
            favicon=f'<link rel="icon" type="image/svg+xml" href="{self.get_asset_url("favicon.svg")}">',
            css=parts["css"],
            app_entry=entry,
            config=parts["config"],
            scripts=parts["scripts"],
            renderer=parts["renderer"],
        )


def mount(server: flask.Flask, *, store: Any, city: City, actor: Actor, settings: Settings) -> Dash:
    """Put the pages on a Flask application.

    Parameters
    ----------
    server : application the pages are added to
    store : `models.store.Store` of the city
    city : its profile
    actor : whoever asks
    settings : settings of the process

    Returns
    -------
    The Dash application; its ``csp_hashes()`` name the only inline scripts of the document.
    """
    context = Context(store, city, actor, settings)
    app = _Dashboard(
        "cityhex",
        server=server,
        assets_folder=str(PROJECT_ROOT / "assets"),
        serve_locally=True,
        suppress_callback_exceptions=True,
        update_title=None,
        title="Cityhex",
        enable_mcp=False,
        health_endpoint="health",
    )
    app.context = context
    app.layout = _root
    security.allow(server, *(f"/{name}" for name in PAGES), *OF_DASH)
    _register(app, context)
    return app


def _root() -> dmc.MantineProvider:
    hint = query(urlsplit(flask.request.referrer or "").query) if flask.has_request_context() else {}
    theme = theme_of(hint)
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh=False),
            dcc.Store(id="theme", data=theme),
            *map_stores.stores(),
            html.Div(id="screen"),
        ],
        id="mantine",
        theme=look.mantine(),
        forceColorScheme=theme,
    )


def screen(context: Context, pathname: str | None, search: str | None) -> tuple[html.Div, str, dict[str, Any] | None]:
    """One page with its header in the language of the address, its name, and what its browser part starts from."""
    params = query(search)
    lang, theme = language_of(params, context.settings.language), theme_of(params)
    name = (pathname or "/").strip("/")
    page, start, notice = PAGES.get(name, explore), None, []
    try:
        head = header.header(context, name, lang, theme)
        body = page.layout(context, lang, theme)
        start = page.boot(context, lang, theme)
        notice = [new_data.notice(context.build_id, lang)]
    except Exception as error:
        head, body = header.plain(context, lang), html.Main(failed(lang, report(error)), id="main")
    skip = html.A(text("shell.skip", lang), href="#main", className="skip btn")
    return html.Div([skip, head, body, *notice], className="screen"), name, start


def _register(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("screen", "children"),
        Output("mantine", "forceColorScheme"),
        Output("theme", "data"),
        Output("boot", "data"),
        Output("queue-view", "data"),
        Input("url", "pathname"),
        State("url", "search"),
    )
    def show(pathname: str | None, search: str | None) -> tuple[html.Div, str, str, Any, Any]:
        theme = theme_of(query(search))
        body, name, start = screen(context, pathname, search)
        return body, theme, theme, start if name == "" else no_update, start if name == "queue" else no_update

    app.clientside_callback(
        ClientsideFunction("look", "toggle"),
        Output("mantine", "forceColorScheme", allow_duplicate=True),
        Output("theme", "data", allow_duplicate=True),
        Input("theme-toggle", "n_clicks"),
        State("theme", "data"),
        prevent_initial_call=True,
    )
    map_stores.register(app)
    new_data.register(app)
    searching.register(app, context)
    for page in PAGES.values():
        page.register(app, context)
