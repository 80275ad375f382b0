"""Keeping and taking back decisions about un-located firms."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, Dash, Input, Output, State, html, no_update

from layers.masking import reaches
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import button, failed, tag
from layers.pages.queue_panel import Candidate
from layers.refusals import refusal
from layers.text import number, text
from models.errors import AccessDeniedError, CityhexError


def save(
    context: Context,
    uscc: str,
    choice: Mapping[str, Any],
    candidates: Sequence[Candidate],
    *,
    level: int,
    note: str | None,
) -> int:
    """Record the choice; returns the id for undoing.

    Raises
    ------
    AccessDeniedError : the legal person waits in a district where the actor does not work
    """
    district = context.store.subject(uscc).get("district_code")
    if not reaches(context.actor, district):
        raise AccessDeniedError(f"{uscc} waits in district {district}, which is not one of {context.actor.id}'s areas")
    now = dt.datetime.now(dt.UTC)
    if choice["kind"] == "point":
        lon, lat, place_id = float(choice["lon"]), float(choice["lat"]), None
    else:
        picked = candidates[int(choice["n"])]
        lon, lat, level, place_id = picked["lon"], picked["lat"], int(picked["match_level"]), picked["place_id"]
    alias: int = context.store.decide(
        uscc, lon, lat, level, place_id, actor=context.actor.id, at=now, note=(note or "").strip() or None
    )
    return alias


def undo_button(alias: int | str, name: str, lang: str) -> html.Button:
    """The button that takes one decision back."""
    label = text("queue.undo_label", lang, name=name)
    return button(
        {"type": "undo", "alias": str(alias)}, text("queue.undo", lang), "arrow-back-up", **{"aria-label": label}
    )


def register(app: Dash, context: Context) -> None:
    """Wire save and undo."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("queue-panel", "children", allow_duplicate=True),
        Output("queue-version", "data"),
        Output("queue-count", "children"),
        Output("queue-said", "children", allow_duplicate=True),
        Output("queue-form", "hidden", allow_duplicate=True),
        Output("queue-foot", "hidden", allow_duplicate=True),
        Input("queue-save", "n_clicks"),
        State("queue-subject", "data"),
        State("queue-choice", "data"),
        State("queue-candidates", "data"),
        State("queue-level", "value"),
        State("queue-note", "value"),
        State("queue-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def keep(  # noqa: PLR0917 - one argument per store
        clicks: Any, uscc: Any, chosen: Any, candidates: Any, level: Any, note: Any, version: Any, address: Any
    ) -> tuple[Any, ...]:
        lang = language_of(query(address), context.settings.language)
        if not clicks or not uscc or not chosen:
            return (no_update,) * 6
        try:
            alias = save(context, uscc, chosen, candidates or [], level=int(level or 2), note=note)
            name = context.store.subject(uscc)["name"]
        except AccessDeniedError:
            raise
        except CityhexError as error:
            said = html.Div(refusal(error, lang), className="strip", role="alert")
            return *[no_update] * 3, said, no_update, no_update
        except Exception as error:
            return *[no_update] * 3, failed(lang, report(error)), no_update, no_update
        return saved(name, alias, lang), (version or 0) + 1, _count(context, lang), [], True, True

    @app.callback(  # type: ignore[untyped-decorator]
        Output("queue-panel", "children", allow_duplicate=True),
        Output("queue-version", "data", allow_duplicate=True),
        Output("queue-count", "children", allow_duplicate=True),
        Output("decided-undo", "children", allow_duplicate=True),
        Input({"type": "undo", "alias": ALL}, "n_clicks"),
        State({"type": "undo", "alias": ALL}, "id"),
        State("queue-version", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def take_back(clicks: Any, idents: Any, version: Any, address: Any) -> tuple[Any, ...]:
        lang = language_of(query(address), context.settings.language)
        pressed = [ident["alias"] for count, ident in zip(clicks, idents, strict=True) if count]
        if not pressed:
            return no_update, no_update, no_update, no_update
        try:
            context.store.undo(int(pressed[0]), context.actor.id, dt.datetime.now(dt.UTC))
        except CityhexError as error:
            return html.Div(refusal(error, lang), className="strip", role="alert"), no_update, no_update, []
        said = html.Div(
            [tag(text("queue.undone", lang), "info", "arrow-back-up"), html.P(text("queue.pick", lang))],
            className="blank",
        )
        return said, (version or 0) + 1, _count(context, lang), []


def saved(name: str, alias: int, lang: str) -> html.Div:
    """What stands in the panel after a decision: that it is kept, what it does, and the way back."""
    return html.Div(
        [
            tag(text("queue.saved", lang), "ok", "check"),
            html.B(name),
            undo_button(alias, name, lang),
            html.P(text("queue.pick", lang), className="cap"),
        ],
        className="blank",
        role="status",
    )


def _count(context: Context, lang: str) -> str:
    return number(context.store.queue_page(0, 1)[1], lang)
