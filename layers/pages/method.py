"""How the shown layers were made: definition, unit, classes, protection, source; one section per layer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from layers import spec
from layers.pages import rail
from layers.pages.context import Context
from layers.pages.elements import blank, pairs
from layers.text import text


def method_text(context: Context, chosen: Sequence[rail.Chosen], lang: str, opened: dt.datetime) -> dmc.Modal:
    """A dialog with the method of every visible layer; a new ``opened`` makes it a new dialog, so it opens again."""
    layers = rail.allowed(context)
    shown = [(layers[item["id"]], item) for item in chosen if item["visible"] and item["id"] in layers]
    parts: list[Any] = [_layer(context, layer, item, lang) for layer, item in shown]
    if not parts:
        parts = [blank(text("method.none", lang))]
    return dmc.Modal(
        html.Div(parts, className="method"),
        id={"type": "method", "opened": opened.isoformat()},
        title=text("method.body", lang),
        opened=True,
        size="lg",
        closeButtonProps={"aria-label": text("method.close", lang)},
    )


def _layer(context: Context, layer: Any, item: rail.Chosen, lang: str) -> html.Section:
    made = spec.legend(
        context.store, context.city, context.actor, layer.id, lang=lang, theme="light",
        **rail.own_classes(layer, item),
    )  # fmt: skip
    rows = [
        (text("method.body", lang), made.method),
        (text("method.unit", lang), made.unit),
        (text("method.source", lang), made.source),
    ]
    rows.append((text("method.date", lang), made.date))
    if layer.adjustable:
        scheme = item.get("scheme") or layer.legend.scheme
        rows.append((text("method.scheme", lang), text(f"scheme.{scheme}", lang)))
    if made.k:
        rows.append((text("method.disclosure", lang), text("legend.suppressed", lang, k=made.k)))
    return html.Section(
        [html.H3(made.title), html.P(made.description), pairs([(a, b) for a, b in rows if b])], className="psec"
    )
