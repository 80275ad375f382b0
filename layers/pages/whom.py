"""As whom the pages are looked at: a choice in embedded mode, the person's name behind a reverse proxy."""

from __future__ import annotations

from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update

from layers import actors
from layers.access import LOCAL
from layers.pages.context import Context
from layers.pages.elements import icon
from layers.text import pick, text
from models.errors import UnknownNameError

SHOWN_AREAS = 2


def who(context: Context, lang: str) -> Any:
    """The name of the person who looks, in embedded mode with the list of those one may look as; a city without a
    staff list has nobody to choose."""
    known = actors.staff(context.city)
    actor = context.actor
    person = known.get(actor.id)
    name = pick(person.name, lang) if person else text(f"whom.{actor.id}", lang)
    label = [icon("user-circle"), html.Span(name, className="cut whom-name")]
    if context.settings.access != "embedded" or not known:
        return html.Span(label, className="quiet", title=text("whom.title", lang, name=name))
    rows = [_row(LOCAL.id, text("whom.local", lang), text("whom.everything", lang), actor.id)]
    rows += [_row(p.id, pick(p.name, lang), _says(p, lang), actor.id) for p in known.values()]
    return html.Details(
        [
            html.Summary(label, className="quiet", id="whom", title=text("whom.title", lang, name=name)),
            html.Div([html.P(text("whom.note", lang), className="cap"), *rows], className="menu float whom-menu"),
        ],
        className="opener down",
    )


def _says(person: Any, lang: str) -> str:
    roles = text("note.source_join", lang).join(text(f"role.{role}", lang) for role in person.roles)
    areas = [text("whom.city", lang) if code == "*" else code for code in person.areas[:SHOWN_AREAS]]
    more = [text("whom.more", lang, n=len(person.areas) - SHOWN_AREAS)] if len(person.areas) > SHOWN_AREAS else []
    return " · ".join([roles, *areas, *more])


def _row(ident: str, name: str, says: str, chosen: str) -> html.Button:
    mark = icon("check", "s14") if ident == chosen else html.Span(className="i s14 none", **{"aria-hidden": "true"})
    current = {"aria-current": "true"} if ident == chosen else {}
    return html.Button(
        [mark, html.Span([html.B(name), html.Span(says, className="cap")])],
        id={"type": "whom", "id": ident},
        className="item",
        type="button",
        n_clicks=0,
        **current,
    )


def choose(context: Context, ident: str) -> None:
    """Keep the choice in a cookie of the answer at hand.

    Raises
    ------
    UnknownNameError : nobody of that id, or the mode of access has no choice
    """
    known = actors.staff(context.city)
    if context.settings.access != "embedded" or (ident != LOCAL.id and ident not in known):
        raise UnknownNameError(f"Nobody to look as is called {ident[:40]!r}; there are: {', '.join(known) or 'none'}")
    ctx.response.set_cookie(actors.COOKIE, ident, samesite="Lax", httponly=True, path="/")


def register(app: Dash, context: Context) -> None:
    """Wire the list; the page is loaded anew as the person chosen."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("whom-chosen", "data"),
        Input({"type": "whom", "id": ALL}, "n_clicks"),
        State("whom-chosen", "data"),
        prevent_initial_call=True,
    )
    def chosen(clicks: Any, count: Any) -> Any:
        if not any(clicks or ()) or not isinstance(ctx.triggered_id, dict):
            return no_update
        choose(context, str(ctx.triggered_id["id"]))
        return (count or 0) + 1

    app.clientside_callback(
        ClientsideFunction("look", "again"),
        Output("whom-chosen", "id"),
        Input("whom-chosen", "data"),
        prevent_initial_call=True,
    )
