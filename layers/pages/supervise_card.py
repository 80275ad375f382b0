"""What is selected on my grid, in a card above the warnings: a subject, a hexagon or a warning, and its outline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import h3
import pandas as pd
from dash import html

from layers import board, casefile, explaining, inspect
from layers.masking import shown_name
from layers.pages.context import Context
from layers.pages.elements import icon, icon_button
from layers.pages.marks import level_mark, severity_tag
from layers.pages.supervise_list import version_of
from layers.products import Products
from layers.text import date, number, pick, text
from layers.worklist import due_words, title_of
from models.errors import UnknownNameError
from models.rules.measures import load_measures

FIRST_CAUSES = 3
FIRST_FACTS = 4


@dataclass(frozen=True)
class Chosen:
    """A selection as the page needs it.

    Attributes
    ----------
    card : what is known about it
    shape : what the map draws, as in docs/map.md
    narrows : filter of the list: cell, members, or nothing
    place : longitude and latitude to show, None where it has none
    """

    card: Any
    shape: dict[str, Any] | None
    narrows: dict[str, Any]
    place: tuple[float, float] | None


def chosen(context: Context, code: str | None, sel: str, lang: str) -> Chosen:
    """Card, outline and filter of a selection written ``kind:id``.

    Raises
    ------
    UnknownNameError : there is nothing of that kind and id in the area
    """
    kind, _, ident = sel.partition(":")
    if kind == "subject":
        return _subject(context, code, ident, lang)
    if kind == "cell":
        return _cell(context, code, ident, lang)
    if kind == "warning":
        return _warning(context, ident, lang)
    raise UnknownNameError(f"Nothing is of the kind {kind[:40]!r}; there are: subject, cell, warning")


def _frame(title: Any, under: Any, body: list[Any], lang: str) -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.Div([html.H3(title, className="cut"), html.Div(under, className="cap num")], className="grow"),
                    icon_button("supervise-close", text("inspect.close", lang), "x"),
                ],
                className="chosen-top",
            ),
            *body,
        ],
        className="chosen",
        **{"aria-label": text("supervise.chosen", lang)},
    )


def _subject(context: Context, code: str | None, ident: str, lang: str) -> Chosen:
    products = Products.live(context.store)
    rows = board.board(products, code)
    mine = rows[rows["uscc"] == ident]
    if mine.empty:
        raise UnknownNameError(f"No located subject of the area has the code {ident[:40]!r}")
    row = mine.iloc[0]
    kind = row["entity_type"] if isinstance(row["entity_type"], str) else None
    name = shown_name(row["name"], kind, context.actor, row["grid_code"])
    level = row["level"] if isinstance(row["level"], str) else None
    head = html.Div([level_mark(level, lang), html.Span(name, className="cut", title=name)], className="row gap8")
    place = float(row["lon"]), float(row["lat"])
    shape = {"kind": "subject", "id": ident, "point": [*place]}
    under = [ident, " · ", board.known_name(products, str(row["grid_code"]), lang)]
    return Chosen(_frame(head, under, _why(context, products, row, lang), lang), shape, {}, place)


def _why(context: Context, products: Products, row: pd.Series, lang: str) -> list[Any]:
    """Score and the first reasons of a subject."""
    rows = explaining.indicators_of(products, [row["uscc"]])
    if pd.isna(row["rule_score"]) or rows.empty:
        return [html.P(text("supervise.unclassified", lang), className="cap")]
    values = {str(k): v for k, v in rows.iloc[0].items()}
    said = explaining.explained(products, context.city, values, version_of(products), lang)
    score = text("supervise.score_of", lang, n=number(float(row["rule_score"]), lang, digits=0), rank=int(row["rank"]))
    if said is None:
        return [html.P(score, className="cap"), html.P(text("subject.rules_gone", lang), className="cap")]
    lines = [_line(name, "", text("subject.veto", lang)) for name, _ in said.vetoes]
    lines += [_line(c.title, c.value, number(c.points, lang, digits=0, signed=True)) for c in said.causes]
    shown: list[Any] = [*lines[:FIRST_CAUSES]] or [html.P(text("supervise.no_reason", lang), className="cap")]
    return [html.P(score, className="cap num"), html.Div(shown, className="chosen-lines")]


def _line(label: str, value: str, end: str) -> html.Div:
    return html.Div([html.Span(label, className="grow cut"), html.Span(value, className="num"), html.B(end)])


def _cell(context: Context, code: str | None, ident: str, lang: str) -> Chosen:
    products = Products.live(context.store)
    target = inspect.target(context.store, context.city, context.actor, "cell", ident, lang)
    rows = board.selected(products, code, cell=ident)
    found = rows["level"].value_counts()
    marks = [html.Span([level_mark(level, lang), f"{int(found.get(level, 0)):,}"]) for level in board.LEVELS]
    body = [
        html.P(text("supervise.in_cell", lang, n=f"{len(rows):,}"), className="cap num"),
        html.Div(marks, className="levels-key num"),
    ]
    shape = {"kind": "cell", "id": ident, "rings": [[list(p) for p in ring] for ring in target.rings]}
    card = _frame(target.title, f"H3 {ident}", body, lang)
    return Chosen(card, shape, {"cell": ident}, (target.lon, target.lat))


def _warning(context: Context, key: str, lang: str) -> Chosen:
    row = context.store.warning(key)
    codes = [row[c] for c in ("grid_code", "area_code", "district_code") if isinstance(row[c], str)]
    board.require(context.actor, codes[0] if codes else None)
    as_of = board.business_date(context.manifest)
    measure = load_measures().named(row["measure"])
    body = [
        html.Div(
            [
                severity_tag(int(row["severity"]), lang),
                html.Span(text(f"warning.theme.{row['theme']}", lang), className="tag"),
                html.Span(due_words(pd.Timestamp(row["due_on"]).date(), as_of, lang), className="cap"),
            ],
            className="row gap8 wrap",
        ),
        html.Div(_facts(row, lang), className="chosen-lines"),
    ]
    if measure:
        body.append(html.P([icon("clipboard-check", "s14"), " ", pick(measure.name, lang)], className="chosen-measure"))
    raised = text("supervise.raised", lang, date=date(str(row["raised_on"])[:10], lang), n=int(row["members"]))
    members = json.loads(row["member_ids"] or "[]")
    card = _frame(title_of(row["rule_id"], row["theme"], lang), raised, body, lang)
    shape, place = _where(row)
    return Chosen(card, shape, {"members": members} if members else {}, place)


def _facts(row: Mapping[str, Any], lang: str) -> list[Any]:
    """Observed against expected, then the first facts of the evidence, as the warning's own page says them."""
    said = casefile.sentences(row, json.loads(row["evidence"] or "{}"), lang)
    return [_line(sentence.label, "", sentence.value) for sentence in said[1 : 2 + FIRST_FACTS]]


def _where(row: Mapping[str, Any]) -> tuple[dict[str, Any] | None, tuple[float, float] | None]:
    """The hexagon of a warning, else its point, as the map draws it."""
    key = row["warning_key"]
    evidence = json.loads(row["evidence"] or "{}")
    cells = [c for c in evidence.get("cells", []) if h3.is_valid_cell(str(c))]
    if not cells and row["h3_r8"] is not None and not pd.isna(row["h3_r8"]):
        cells = [f"{int(row['h3_r8']):x}"]
    place = None if row["lon"] is None or pd.isna(row["lon"]) else (float(row["lon"]), float(row["lat"]))
    if cells:
        rings = [[[x, y] for y, x in h3.cell_to_boundary(cell)] for cell in cells]
        if place is None:
            lat, lon = h3.cell_to_latlng(cells[0])
            place = lon, lat
        return {"kind": "warning", "id": key, "rings": rings}, place
    return ({"kind": "warning", "id": key, "point": [*place]} if place else None), place
