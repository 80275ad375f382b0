"""The panorama of one subject: why it has its level, on what evidence, what happened, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, dcc, html

from layers import board, panorama
from layers.access import SUPERVISION
from layers.masking import area_of
from layers.pages import contesting, subject_map, subject_parts, subject_side
from layers.pages.context import Context
from layers.pages.elements import blank, icon
from layers.pages.marks import level_mark
from layers.pages.permits import may_open
from layers.products import Products
from layers.text import date, number, text
from models.errors import UnknownNameError


def guard(context: Context, params: Mapping[str, str]) -> None:
    """Refuse the page where its address names a subject of somebody else's area."""
    try:
        row = context.store.subject(params.get("id", ""))
    except UnknownNameError:
        return
    panorama.require(context.actor, row)


def layout_for(context: Context, lang: str, theme: str, params: Mapping[str, str]) -> html.Main:
    """The page of the subject that the address names."""
    ident = params.get("id", "")
    try:
        found = panorama.panorama(context, ident, lang)
    except UnknownNameError:
        back = html.A(text("subject.missing_go", lang), href=f"/supervise?lang={lang}", className="btn")
        missing = blank(text("subject.missing", lang, id=ident[:40] or "–"), "building-store", back)
        return html.Main(missing, id="main", className="page")
    panorama.log_view(context, found)
    return html.Main(
        [
            html.H1(text("subject.title", lang, name=found.name), className="sr"),
            _crumbs(context, found, lang),
            _head(context, found, lang),
            html.Div(
                [
                    html.Div(
                        [
                            subject_parts.reasons(found, lang),
                            html.Div(
                                [
                                    subject_parts.history(found, lang, theme),
                                    subject_parts.timeline(found, lang),
                                    subject_parts.relations(found, lang, theme),
                                ],
                                className="pgrid3",
                            ),
                        ],
                        className="pmain",
                    ),
                    html.Div(subject_side.cards(context, found, lang), className="pside"),
                ],
                className="pgrid",
            ),
            contesting.dialog(context, found, lang),
        ],
        id="main",
        className="page",
        **{"data-subject": found.id},
    )


def boot(context: Context, lang: str, theme: str) -> dict[str, Any]:
    """What the browser starts from."""
    return {"build": context.build_id, "lang": lang, "theme": theme}


def register(app: Dash, context: Context) -> None:
    """Wire the small map and the objections."""
    subject_map.register(app, context)
    contesting.register(app, context)


def _crumbs(context: Context, found: panorama.Panorama, lang: str) -> html.Nav:
    code = area_of(found.row)
    parts: list[Any] = []
    if may_open(context.actor, "supervise"):
        parts += [_link("/supervise?", text("supervise.mine", lang), lang), icon("chevron-right", "s14")]
        if code:
            name = board.known_name(Products.live(context.store), code, lang)
            parts += [_link(f"/supervise?area={code}", name, lang), icon("chevron-right", "s14")]
    return html.Nav([*parts, html.Span(text("subject.crumb", lang))], className="crumbs", **{"aria-label": found.name})


def _link(href: str, label: str, lang: str) -> html.A:
    join = "" if href.endswith("?") else "&"
    return html.A(label, href=f"{href}{join}lang={lang}", className="link", **{"data-keep": "theme"})


def _head(context: Context, found: panorama.Panorama, lang: str) -> html.Section:
    level = found.level.get("level")
    since = found.level.get("level_since")
    tags = [html.Span(word, className="tag") for word in subject_parts.words(found, lang)]
    if since is not None and level:
        said = text("subject.since", lang, date=date(str(since)[:10], lang))
        tags.append(html.Span(said, className="cap"))
    if found.name != found.row["name"]:
        tags.append(html.Span([icon("eye-off", "s14"), text("subject.masked", lang)], className="tag info"))
    return html.Section(
        [
            level_mark(level, lang, size="xl"),
            html.Div(
                [html.H2(found.name, className="pname"), html.Div(tags, className="row gap8 wrap")], className="grow"
            ),
            *_score(found, lang),
            html.Div([*contesting.buttons(context, found, lang), *_paper(context, found, lang)], className="row gap8"),
        ],
        className="card phead",
        **{"data-asof": found.as_of.isoformat(), "data-source": text("data.product_of.subject_levels", lang)},
    )


def _paper(context: Context, found: panorama.Panorama, lang: str) -> list[Any]:
    """The button that gives the subject on one page of paper; its answer is a file, so the page stays."""
    if not context.actor.has(SUPERVISION):
        return []
    given = {"subject": found.id, "lang": lang}
    hidden = [dcc.Input(name=name, type="hidden", value=value) for name, value in given.items()]
    send = html.Button([icon("printer"), text("field.summary_button", lang)], type="submit", className="btn")
    return [html.Form([*hidden, send], action="/api/field/summary", method="post")]


def _score(found: panorama.Panorama, lang: str) -> list[Any]:
    if not found.level:
        return [html.Div(text("subject.no_level_text", lang), className="cap")]
    score = float(found.level["rule_score"])
    figure = html.Div(
        [
            html.Div(text("subject.score", lang), className="kl"),
            html.Div(
                [
                    html.Span(number(score, lang, digits=0), className="kv"),
                    html.Span(text("subject.of", lang), className="ku"),
                ],
                className="kr",
            ),
            html.Div(text("subject.rank", lang, n=f"{int(found.level['rank']):,}"), className="cap num"),
        ],
        className="kpi",
    )
    return [figure, subject_parts.scale(found, score, lang)]
