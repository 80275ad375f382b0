"""The 48 px header: city, pages, search, how fresh the data are, language and theme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from dash import html

from layers.freshness import Freshness, freshness
from layers.pages import whom
from layers.pages.context import Context
from layers.pages.elements import icon
from layers.pages.permits import has_entry
from layers.pages.searching import box
from layers.text import date, languages, number, text

YEAR_DAYS = 365
NAV = (
    ("", "map-2", "explore"),
    ("supervise", "clipboard-check", "supervise"),
    ("tasks", "list-check", "tasks"),
    ("manage", "report-analytics", "manage"),
    ("queue", "map-pin-question", "queue"),
    ("data", "database", "data"),
)
"""Path, icon and text key of each entry, in the order of the work; `layers.pages.permits` says for whom."""
PART_OF = {"subject": "supervise", "warning": "supervise"}
"""Pages without an entry of their own, and the entry they belong to."""


def header(context: Context, active: str, lang: str, theme: str, pages: Collection[str]) -> html.Header:
    """The header of a page.

    Parameters
    ----------
    active : the page's path without slashes
    pages : paths of the pages there are; those the actor may open get an entry
    """
    fresh = freshness(context.manifest, dt.datetime.now(dt.UTC).date(), ageless=context.city.demo)
    badges: list[Any] = [html.Span(text("shell.demo", lang), className="demo")] if context.city.demo else []
    badges += [_as_of(context, fresh, lang)] if fresh else []
    entries = [entry for entry in NAV if entry[0] in pages and has_entry(context, entry[0])]
    waiting = context.store.queue_page(0, 1)[1] if any(name == "queue" for name, *_ in entries) else 0
    return html.Header(
        [
            _brand(context, lang),
            html.Nav(
                [_entry(entry, PART_OF.get(active, active), lang, theme, waiting) for entry in entries],
                className="nav",
                **{"aria-label": text("shell.nav", lang)},
            ),
            html.Div(
                [
                    *_drawers(active, lang),
                    box(lang),
                    *badges,
                    _languages(lang),
                    _themes(lang),
                    whom.who(context, lang),
                ],
                className="topright",
            ),
        ],
        className="top",
    )


def plain(context: Context, lang: str) -> html.Header:
    """The header without anything that has to be read from the store."""
    return html.Header(_brand(context, lang), className="top")


def queue_count(waiting: int, lang: str) -> str:
    """The number beside the queue's entry."""
    return number(waiting, lang)


def _brand(context: Context, lang: str) -> html.Div:
    return html.Div(
        [
            html.Span(className="logo", **{"aria-hidden": "true"}),
            html.Span(text("app.name", lang), className="brand"),
            html.Span(context.city_name(lang), className="city"),
        ],
        className="row gap8",
    )


def _entry(entry: tuple[str, str, str], active: str, lang: str, theme: str, waiting: int) -> html.A:
    name, mark, key = entry
    inside: list[Any] = [icon(mark), text(f"shell.{key}", lang)]
    if name == "queue":
        inside.append(html.Span(queue_count(waiting, lang), id="queue-count", className="count"))
    current = {"aria-current": "page"} if name == active else {}
    return html.A(inside, href=f"/{name}?lang={lang}&theme={theme}", **current, **{"data-keep": "theme"})


def _as_of(context: Context, fresh: Freshness, lang: str) -> html.Span:
    day = date(fresh.date, lang)
    words = text("shell.asof", lang, date=day)
    if fresh.days_late > YEAR_DAYS:
        words = text("shell.asof_years", lang, date=day, years=fresh.days_late // YEAR_DAYS)
    elif fresh.days_late:
        words = text("shell.asof_late", lang, date=day, days=fresh.days_late)
    title = text("shell.asof_title", lang, build=context.build_id, time=date(context.manifest.get("created_at"), lang))
    kind = {"ok": "asof", "late": "asof late", "old": "asof old"}[fresh.state]
    return html.Span(words, className=kind, title=title, **{"data-asof": fresh.date})


def _drawers(active: str, lang: str) -> list[html.Div]:
    """Buttons for the two sides of a page with a map; only narrow windows show them (``assets/pages/drawers.js``)."""
    sides: dict[str, tuple[tuple[str, str, str], ...]] = {
        "": (("rail", "rail", "stack-2"), ("panel", "panel", "info-circle"))
    }
    sides["queue"] = (("rail", "list", "list-check"), ("panel", "panel", "info-circle"))
    sides["warning"] = sides["queue"]
    sides["tasks"] = sides["queue"]
    sides["supervise"] = (("panel", "panel", "info-circle"),)
    if active not in sides:
        return []
    buttons = [
        html.Button(
            [icon(mark), text(f"shell.drawer_{word}", lang)],
            className="quiet",
            type="button",
            **{"data-opens": side, "aria-expanded": "false"},
        )
        for side, word, mark in sides[active]
    ]
    return [html.Div(buttons, className="drawers", role="group", **{"aria-label": text("shell.drawers", lang)})]


def _languages(lang: str) -> html.A:
    others = [other for other in languages() if other != lang]
    return html.A(
        [icon("language"), html.Span(text("shell.language", lang), lang="en" if lang != "en" else "zh-CN")],
        id="language",
        href=f"?lang={others[0]}",
        className="quiet",
        title=text("shell.language_title", lang),
        **{"data-keep": "all"},
    )


def _themes(lang: str) -> html.Button:
    return html.Button(
        [
            html.Span(icon("moon"), className="only-light row", title=text("shell.dark_title", lang)),
            html.Span(icon("sun"), className="only-dark row", title=text("shell.light_title", lang)),
        ],
        id="theme-toggle",
        className="quiet",
        type="button",
        n_clicks=0,
        **{"aria-label": text("shell.theme", lang)},
    )
