"""The layer panel: the chosen layers from top to bottom as drawn, then what else there is, by theme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from layers import availability, provenance, registry, spec
from layers.access import decide
from layers.layer import Layer
from layers.pages.context import Context
from layers.pages.elements import icon, icon_button, pairs
from layers.products import Products
from layers.requests import MAX_CLASSES
from layers.text import date, has, text

Chosen = Mapping[str, Any]
MARKS = {
    "hex": "hexagons", "polygon": "hexagon", "point": "map-pin", "outline": "map-2", "flow": "arrows-exchange",
    "line": "route",
}  # fmt: skip
THEME_MARKS = {
    "market": "building-store",
    "supervision": "clipboard-check",
    "population": "users",
    "migration": "arrows-exchange",
    "roads": "route",
    "housing": "home",
    "services": "school",
}
SCHEMES = ("quantile", "natural", "headtail")
FLOWS_ON_OFFER = (10, 20, 50, 100, 200)


def allowed(context: Context) -> dict[str, Layer]:
    """The layers the actor may see, in the order of the menu."""
    return {key: layer for key, layer in registry.layers().items() if decide(context.actor, layer).allowed}


def defaults(context: Context) -> dict[str, dict[str, Any]]:
    """What each layer starts with: opacity in percent, scheme and class count of its legend."""
    return {key: _default(layer) for key, layer in allowed(context).items()}


def first_choice(context: Context) -> list[dict[str, Any]]:
    """The layers a fresh page shows, top first."""
    layers = allowed(context)
    shown = [key for key in availability.default_layers(context.store, context.city) if key in layers]
    return [{"id": key, "visible": True, **_default(layers[key])} for key in reversed(shown)]


def lacking(context: Context, lang: str) -> dict[str, str]:
    """Why the city has no data for a layer, by its id; only for those it has none for."""
    products = Products.live(context.store)
    found = {key: availability.why_not(v, products, context.city, lang) for key, v in allowed(context).items()}
    return {key: why for key, why in found.items() if why}


def _default(layer: Layer) -> dict[str, Any]:
    legend = layer.legend
    return {
        "opacity": layer.opacity,
        "scheme": legend.scheme if legend else None,
        "classes": legend.class_count if legend else None,
        **({"top": spec.FLOWS_SHOWN, "least": 0} if layer.kind == "flow" else {}),
    }


def own_classes(layer: Layer, item: Chosen) -> dict[str, Any]:
    """The reader's own scheme and class count, as keyword arguments; none where the layer's classes are fixed."""
    return {key: item.get(key) if layer.adjustable else None for key in ("scheme", "classes")}


def title(layer: Layer, lang: str) -> str:
    """The layer's name."""
    return text(f"{layer.text_key}.title", lang)


def rail(context: Context, chosen: Sequence[Chosen], opened: str, lang: str) -> list[Any]:
    """Everything below the head of the panel."""
    layers = allowed(context)
    shown = [item for item in chosen if item["id"] in layers]
    lacks = lacking(context, lang)
    rows: list[Any] = [
        _row(
            context,
            layers[item["id"]],
            item,
            lang,
            why=lacks.get(item["id"], ""),
            opened=opened == item["id"],
            at=at,
            count=len(shown),
        )
        for at, item in enumerate(shown)
    ]
    taken = {item["id"] for item in shown}
    rest = [layer for key, layer in layers.items() if key not in taken]
    if not rows:
        rows = [html.P(text("rail.empty", lang), className="blank")]
    head = html.Div(rows, role="group", **{"aria-label": text("rail.shown", lang)})
    return [head, *_groups(rest, lacks, lang)]


def _groups(rest: Sequence[Layer], lacks: Mapping[str, str], lang: str) -> list[Any]:
    themes = dict.fromkeys(layer.theme for layer in rest)
    parts: list[Any] = []
    for theme in themes:
        parts.append(html.Div(html.H2(text(f"theme.{theme}", lang)), className="ph sub"))
        own = [layer for layer in rest if layer.theme == theme]
        parts += [_offer(layer, lang) for layer in own if layer.id not in lacks]
        parts += [_refusal(layer, lacks[layer.id], lang) for layer in own if layer.id in lacks]
    return parts


def _mark(layer: Layer, colour: bool) -> html.Span:
    name = MARKS[layer.kind] if layer.theme == "base" else THEME_MARKS.get(layer.theme, MARKS[layer.kind])
    return icon(name, f"th-{layer.theme}" if colour else "")


def _offer(layer: Layer, lang: str) -> html.Button:
    name = title(layer, lang)
    return html.Button(
        [_mark(layer, False), html.Span(name, className="name"), icon("plus", "mute")],
        id={"type": "layer-add", "layer": layer.id},
        className="lay add",
        type="button",
        n_clicks=0,
        **{"aria-label": text("rail.add", lang, name=name)},
    )


def _refusal(layer: Layer, why: str, lang: str) -> html.Div:
    """A layer the city has no data for, greyed, with the reason."""
    words = html.Span([title(layer, lang), html.Span(why, className="later")], className="name")
    return html.Div([_mark(layer, False), words], className="lay none", title=why)


def _row(
    context: Context, layer: Layer, item: Chosen, lang: str, *, why: str, opened: bool, at: int, count: int
) -> html.Div:
    name, visible = title(layer, lang), bool(item["visible"])
    eye = "rail.hide" if visible else "rail.show"
    fold = "rail.collapse" if opened else "rail.expand"
    head = html.Div(
        [
            html.Span(icon("grip-vertical", "grip"), title=text("rail.drag", lang), className="row"),
            _mark(layer, visible),
            html.Span([name, *_later(layer, why, lang)], className="name"),
            icon_button(
                {"type": "layer-eye", "layer": layer.id},
                text(eye, lang, name=name),
                "eye" if visible else "eye-off",
                **{"aria-pressed": str(visible).lower()},
            ),
            icon_button(
                {"type": "layer-open", "layer": layer.id},
                text(fold, lang, name=name),
                "chevron-down" if opened else "chevron-right",
                **{"aria-expanded": str(opened).lower()},
            ),
        ],
        className="lay on" if visible else "lay",
    )
    body = [_body(context, layer, item, lang, at=at, count=count)] if opened else []
    return html.Div([head, *body], className="layer open" if opened else "layer", **{"data-layer": layer.id})


def _later(layer: Layer, why: str, lang: str) -> list[html.Span]:
    """Said under the name where there are no data, or while the map is still too far away for the layer."""
    if why:
        return [html.Span(why, className="later")]
    if layer.min_zoom is None:
        return []
    return [html.Span(text("rail.later", lang, zoom=f"{layer.min_zoom:g}"), className="later", hidden=True)]


def _body(context: Context, layer: Layer, item: Chosen, lang: str, *, at: int, count: int) -> html.Div:
    name = title(layer, lang)
    origin = provenance.of_layer(layer, context.city, Products.live(context.store))
    meta = [(text("rail.source", lang), origin.source_text(lang)), (text("rail.date", lang), date(origin.date, lang))]
    about = f"{layer.text_key}.method"
    if has(about, lang):
        meta.append((text("rail.method", lang), text(about, lang)))
    return html.Div(
        [
            *_classes(layer, item, name, lang),
            *_flows(layer, item, name, lang),
            _opacity(layer, item, name, lang),
            pairs(meta, "meta"),
            _order(layer, name, lang, at, count),
        ],
        className="laybody",
    )


def _classes(layer: Layer, item: Chosen, name: str, lang: str) -> list[Any]:
    if layer.legend is None or not layer.adjustable:
        return []
    scheme = dmc.Select(
        id={"type": "layer-scheme", "layer": layer.id},
        data=[{"value": key, "label": text(f"scheme.{key}", lang)} for key in SCHEMES],
        value=item.get("scheme") or layer.legend.scheme,
        allowDeselect=False,
        **{"aria-label": text("rail.scheme_label", lang, name=name)},
    )
    classes = dmc.Select(
        id={"type": "layer-classes", "layer": layer.id},
        data=[{"value": str(n), "label": text("rail.classes_n", lang, n=n)} for n in range(3, MAX_CLASSES + 1)],
        value=str(item.get("classes") or layer.legend.class_count),
        allowDeselect=False,
        **{"aria-label": text("rail.classes_label", lang, name=name)},
    )
    return [
        html.Div([html.Span(text("rail.scheme", lang), className="lab"), scheme], className="opt"),
        html.Div([html.Span(text("rail.classes", lang), className="lab"), classes], className="opt"),
    ]


def _flows(layer: Layer, item: Chosen, name: str, lang: str) -> list[Any]:
    """How many flows are drawn, and from how many persons on."""
    if layer.kind != "flow":
        return []
    shown = dmc.Select(
        id={"type": "layer-top", "layer": layer.id},
        data=[{"value": str(n), "label": text("rail.flows_n", lang, n=n)} for n in FLOWS_ON_OFFER]
        + [{"value": "0", "label": text("rail.flows_all", lang)}],
        value=str(item.get("top", spec.FLOWS_SHOWN)),
        allowDeselect=False,
        **{"aria-label": text("rail.flows_label", lang, name=name)},
    )
    least = dmc.NumberInput(
        id={"type": "layer-least", "layer": layer.id},
        value=item.get("least", 0),
        min=0,
        step=100,
        allowNegative=False,
        allowDecimal=False,
        debounce=400,
        **{"aria-label": text("rail.least_label", lang, name=name)},
    )
    return [
        html.Div([html.Span(text("rail.flows", lang), className="lab"), shown], className="opt"),
        html.Div([html.Span(text("rail.least", lang), className="lab"), least], className="opt"),
    ]


def _opacity(layer: Layer, item: Chosen, name: str, lang: str) -> html.Div:
    slider = dmc.Slider(
        id={"type": "layer-opacity", "layer": layer.id},
        value=item["opacity"],
        min=5,
        max=100,
        step=1,
        size="sm",
        label=None,
        updatemode="drag",
        thumbLabel=text("rail.opacity_label", lang, name=name),
    )
    shown = html.Span(f"{item['opacity']} %", className="num", **{"data-opacity": layer.id})
    return html.Div([html.Span(text("rail.opacity", lang), className="lab"), slider, shown], className="opt")


def _order(layer: Layer, name: str, lang: str, at: int, count: int) -> html.Div:
    return html.Div(
        [
            icon_button(
                {"type": "layer-up", "layer": layer.id}, text("rail.up", lang, name=name), "arrow-up", disabled=at == 0
            ),
            icon_button(
                {"type": "layer-down", "layer": layer.id},
                text("rail.down", lang, name=name),
                "arrow-down",
                disabled=at == count - 1,
            ),
            icon_button({"type": "layer-remove", "layer": layer.id}, text("rail.remove", lang, name=name), "x"),
        ],
        className="layacts",
    )
