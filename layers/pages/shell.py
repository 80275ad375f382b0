"""The frame of every page: document, header, routes between pages, theme; makes the Dash application."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import dash_mantine_components as dmc
import flask
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from layers import theme as look
from layers.api import security
from layers.pages import (
    data_page,
    explore,
    header,
    manage,
    map_stores,
    new_data,
    permits,
    queue_page,
    searching,
    subject,
    supervise,
    tasks_page,
    warning_page,
    whom,
)
from layers.pages.context import Context, language_of, query, report, theme_of
from layers.pages.elements import blank, failed
from layers.text import HTML_LANG, text
from models.errors import AccessDeniedError
from models.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from layers.actors import ActorOf
    from models.profile import City
    from models.settings import Settings

PAGES: dict[str, Any] = {
    "": explore,
    "supervise": supervise,
    "subject": subject,
    "warning": warning_page,
    "tasks": tasks_page,
    "queue": queue_page,
    "data": data_page,
    "manage": manage,
}
OF_DASH = ("/assets/", "/_dash-", "/_reload-hash", "/_favicon.ico", "/favicon.ico", "/health")
"""Paths of Dash itself: its scripts, its callbacks, its health."""
UPDATE = "/_dash-update-component"
NO_PAGE = "-"

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


_DENIED = """<!DOCTYPE html>
<html lang="{lang}" data-mantine-color-scheme="{theme}">
<head><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="/assets/00-tokens.css"><link rel="stylesheet" href="/assets/10-base.css"></head>
<body><main class="blank"><h1>{title}</h1><p>{said}</p><a class="btn primary" href="{href}">{back}</a></main></body>
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


def mount(server: flask.Flask, *, store: Any, city: City, actor_of: ActorOf, settings: Settings) -> Dash:
    """Put the pages on a Flask application.

    Parameters
    ----------
    server : application the pages are added to
    store : `models.store.Store` of the city
    city : its profile
    actor_of : says who asks in the request at hand
    settings : settings of the process

    Returns
    -------
    The Dash application; its ``csp_hashes()`` name the only inline scripts of the document.
    """
    context = Context(store, city, actor_of, settings)
    app = _Dashboard(
        "cityhex",
        server=server,
        assets_folder=str(PROJECT_ROOT / "assets"),
        assets_path_ignore=["^wall$"],
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
    server.before_request(lambda: _admit(context))
    _register(app, context)
    return app


def _admit(context: Context) -> flask.Response | None:
    """Answer 403 with a sentence and a way on to whoever may not open the page or what its address names."""
    if flask.request.path == UPDATE:
        permits.guard_callback(context.actor, flask.request.get_json(silent=True))
    name = flask.request.path.strip("/")
    if flask.request.method != "GET" or name not in PAGES:
        return None
    params = flask.request.args.to_dict()
    try:
        permits.guard(context, name, PAGES[name], params)
    except AccessDeniedError as error:
        report(error)
        lang = language_of(params, context.settings.language)
        page = _DENIED.format(
            lang=HTML_LANG.get(lang, lang),
            theme=theme_of(params),
            title=text("denied.title", lang),
            said=text("denied.text", lang),
            back=text("denied.back", lang),
            href=f"/{'supervise' if permits.may_open(context.actor, 'supervise') else ''}?lang={lang}",
        )
        return flask.Response(page, AccessDeniedError.status, mimetype="text/html")
    return None


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
    """One page with its header in the language of the address, its name, and what its browser part starts from.

    Where the page cannot be shown its name is `NO_PAGE`, so that no script looks for its parts.
    """
    params = query(search)
    lang, theme = language_of(params, context.settings.language), theme_of(params)
    name = (pathname or "/").strip("/")
    page, start, notice = PAGES.get(name, explore), None, []
    try:
        head = header.header(context, name, lang, theme, [path for path, p in PAGES.items() if not lacking(context, p)])
        permits.guard(context, name if name in PAGES else "", page, params)
        if names := lacking(context, page):
            body, name = html.Main(_without(names, lang), id="main"), NO_PAGE
        else:
            body = _laid_out(page, context, lang, theme, params)
            start = page.boot(context, lang, theme)
        notice = [new_data.notice(context.build_id, lang)]
    except AccessDeniedError:
        raise
    except Exception as error:
        head, body = header.plain(context, lang), html.Main(failed(lang, report(error)), id="main")
        name = NO_PAGE
    skip = html.A(text("shell.skip", lang), href="#main", className="skip btn")
    return html.Div([skip, head, body, *notice], className="screen"), name, start


def lacking(context: Context, page: Any) -> tuple[str, ...]:
    """Products that a page cannot do without (its ``NEEDS``) and the city's build does not hold."""
    needed = getattr(page, "NEEDS", ())
    return tuple(name for name in needed if name not in context.store.products()) if needed else ()


def _without(names: Sequence[str], lang: str) -> html.Div:
    """What stands in the place of a page that the city has no data for."""
    words = text("note.source_join", lang).join(text(f"data.product_of.{name}", lang) for name in names)
    return blank(text("rail.no_product", lang, names=words))


def _laid_out(page: Any, context: Context, lang: str, theme: str, params: Mapping[str, str]) -> html.Main:
    """The page's body; a page about one thing (`layout_for`) is given what the address names."""
    about = getattr(page, "layout_for", None)
    body: html.Main = about(context, lang, theme, params) if about else page.layout(context, lang, theme)
    return body


def _register(app: Dash, context: Context) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("screen", "children"),
        Output("mantine", "forceColorScheme"),
        Output("theme", "data"),
        Output("boot", "data"),
        Output("queue-view", "data"),
        Output("page-start", "data"),
        Input("url", "pathname"),
        State("url", "search"),
    )
    def show(pathname: str | None, search: str | None) -> tuple[html.Div, str, str, Any, Any, Any]:
        theme = theme_of(query(search))
        body, name, start = screen(context, pathname, search)
        explores, queues = (start if name == own else no_update for own in ("", "queue"))
        return body, theme, theme, explores, queues, (start or {}) | {"page": name, "t": time.time()}

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
    whom.register(app, context)
    for page in PAGES.values():
        page.register(app, context)
