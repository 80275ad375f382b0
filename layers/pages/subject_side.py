"""The side of the panorama: warnings and measures, place on the map, facts of the register."""

from __future__ import annotations

from typing import Any

from dash import html

from layers import board
from layers.masking import area_of
from layers.numbers import wan
from layers.pages.context import Context
from layers.pages.elements import blank, icon
from layers.pages.marks import card, fact_line, warning_row
from layers.pages.permits import may_open
from layers.panorama import Panorama, shown_day
from layers.products import Products
from layers.text import pick, text


def cards(context: Context, found: Panorama, lang: str) -> list[Any]:
    """Warnings, measures, place, register."""
    parts = [_measures(found, lang), _place(found, lang), _register(context, found, lang)]
    return [_warnings(found, lang), *parts] if may_open(context.actor, "supervise") else parts


def _warnings(found: Panorama, lang: str) -> html.Section:
    title, source = text("subject.warnings", lang), text("data.product_of.warnings", lang)
    if not found.warnings:
        line = html.P([icon("circle-check", "s14"), " ", text("subject.warnings_none", lang)], className="cap")
        return card(title, line, source, found.as_of.isoformat(), kind="pwarn")
    rows = [
        html.A(
            warning_row(w, w["title"], w["line"], lang, due=w["due"], late=w["late"]).children,
            href=f"/warning?id={w['key']}&lang={lang}",
            className="wrow",
            **{"data-keep": "theme"},
        )
        for w in found.warnings
    ]
    body = html.Div(rows, className="scroll wlist", tabIndex=0, role="region", **{"aria-label": title})
    return card(title, body, source, found.as_of.isoformat(), str(len(rows)), kind="pwarn")


def _measures(found: Panorama, lang: str) -> html.Section:
    title, source = text("subject.measures", lang), text("supervise.measures_source", lang)
    level = found.level.get("level")
    rows = [
        html.Li(
            [
                html.Span(str(n + 1), className="no"),
                html.Div(
                    [html.B(pick(m.name, lang)), html.Div(pick(m.legal_basis, lang), className="cap cut")],
                    className="grow",
                ),
                html.Span(text("subject.measure_days", lang, n=m.days), className="tag"),
            ],
            className="ms",
            title=pick(m.text, lang),
        )
        for n, m in enumerate(found.measures)
    ]
    if not rows:
        return card(title, html.P(text("subject.no_level_text", lang), className="cap"), source, None)
    note = text("subject.measures_note", lang, level=level)
    body = html.Ol(rows, className="scroll", tabIndex=0)
    return card(title, body, source, found.as_of.isoformat(), note, kind="pmeas")


def _place(found: Panorama, lang: str) -> html.Section:
    title, source = text("subject.place", lang), text("layer.subject-levels.title", lang)
    if not found.row.get("located") or found.row.get("lon") is None:
        link = html.A(text("subject.no_place_go", lang), href=f"/queue?uscc={found.id}&lang={lang}", className="link")
        return card(title, blank(text("subject.no_place", lang), "map-pin-question", link), source, None)
    note = None if found.near is None else text("subject.near", lang, n=found.near)
    body = html.Div(html.Div(id="map"), className="mapbox minimap")
    return card(title, body, source, found.as_of.isoformat(), note, kind="pplace")


def _register(context: Context, found: Panorama, lang: str) -> html.Section:
    row, code = found.row, area_of(found.row)
    capital = row.get("capital_cny")
    section = row.get("industry_section")
    level = row.get("match_level")
    pairs = [
        (text("list.uscc", lang), found.id),
        (text("subject.type", lang), _text(row.get("entity_type"))),
        (text("subject.status", lang), _text(row.get("status"))),
        (text("subject.established", lang), shown_day(row.get("established_on"), lang)),
        (text("subject.capital", lang), wan(None if capital is None else float(capital), lang)),
        (text("subject.section", lang), text(f"section.{section}", lang) if isinstance(section, str) else "–"),
        (text("subject.address", lang), _text(row.get("address"))),
        (
            text("subject.grid", lang),
            board.known_name(Products.live(context.store), code, lang) if code else "–",
        ),
        (
            text("subject.located", lang),
            "–" if level is None or level != level else text(f"match_level.{int(level)}", lang),  # noqa: PLR0124 - NaN
        ),
    ]
    facts = [fact_line(label, value) for label, value in pairs if value != "–"]
    label = text("subject.register", lang)
    body = html.Div(facts, className="scroll", tabIndex=0, role="region", **{"aria-label": label})
    source = text("data.table_of.legal_persons", lang)
    return card(text("subject.register", lang), body, source, found.as_of.isoformat(), source, kind="preg")


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value else "–"
