"""The legend cards over the map: title, unit, period, one row per class, the states beside them, the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import html

from layers import registry, serve, spec
from layers.layer import Layer
from layers.legends import Legend, Row, State
from layers.pages.context import Context
from layers.text import text

COUNTED = ("hex", "polygon", "flow", "line")


def cards(
    context: Context,
    states: Sequence[spec.LayerState],
    lang: str,
    theme: str,
    *,
    period: str | None,
    resolutions: dict[str, str],
) -> list[Any]:
    """One card per visible layer that has a legend, topmost first; counts follow the map in the browser."""
    found = []
    for state in states:
        layer = registry.layer(state.id)
        if not state.visible or layer.legend is None:
            continue
        shown = spec.legend(
            context.store, context.city, context.actor, state.id,
            lang=lang, theme=theme, resolution=resolutions.get(state.id),
            period=serve.known_period(layer, context.store, period),
            scheme=state.scheme if layer.adjustable else None, classes=state.classes if layer.adjustable else None,
            opacity=state.opacity, area=state.area,
        )  # fmt: skip
        if layer.time.periods is not None and layer.kind in COUNTED:
            shown = replace(shown, states=with_those_of_other_periods(layer, shown, lang))
        found.append(
            card(shown, lang, counted=layer.kind in COUNTED, category=bool(layer.measure and layer.measure.categories))
        )
    return found


def with_those_of_other_periods(layer: Layer, shown: Legend, lang: str) -> tuple[State, ...]:
    """The states of a legend, and of count 0 those a later period may have: the browser shows them where they occur."""
    possible = [State("no_data", text("legend.no_data", lang), 0, "")]
    if layer.disclosure is not None:
        possible.insert(0, State("suppressed", text("legend.suppressed", lang, k=shown.k), 0, ""))
    own = {state.kind: state for state in shown.states}
    kinds = [state.kind for state in possible]
    return (
        *(own.get(state.kind, state) for state in possible),
        *(state for state in shown.states if state.kind not in kinds),
    )


def card(shown: Legend, lang: str, *, counted: bool, category: bool) -> html.Section:
    """One card. ``counted`` lets the browser keep the counts in step with what is drawn."""
    top = max((row.count for row in shown.rows if not row.zero), default=0)
    last = len(shown.rows) - 1
    rows = [_row(row, at if category else last - at, top) for at, row in enumerate(shown.rows)]
    zero = bool(shown.rows) and shown.rows[-1].zero
    states = [
        html.Div(
            [
                html.Span(
                    className=f"sw {state.kind}",
                    style={} if state.kind != "estimated" else {"background": state.colour},
                ),
                html.Span(state.label, className="rng wide"),
                html.Span(f"{state.count:,}", className="num"),
            ],
            className="lrow",
            hidden=not state.count,
            **{"data-state": state.kind},
        )
        for state in shown.states
    ]
    counted_mark = {"data-counted": "1"} if counted else {}
    return html.Section(
        [
            html.Div([html.H2(shown.title), html.Span(shown.unit)], className="ltitle"),
            html.Div(_subtitle(shown), className="lsub"),
            html.Div(rows[:-1] if zero else rows),
            *([html.Div(rows[-1:], className="lzero")] if zero else []),
            *([html.Div(states, className="lstates", hidden=not any(s.count for s in shown.states))] if states else []),
        ],
        className="legend worded" if category else "legend",
        **{
            "data-legend": "1",
            "data-layer": shown.id,
            "data-asof": shown.date,
            "data-source": shown.source,
            "aria-label": text("legend.label", lang, name=shown.title),
            **counted_mark,
        },
    )


def _subtitle(shown: Legend) -> list[Any]:
    """The line under the title; the period in it follows the time bar."""
    first, _, rest = shown.subtitle.partition(" · ")
    if shown.period is None:
        return [shown.subtitle]
    return [html.Span(first, **{"data-period-text": shown.id}), *([html.Span(rest)] if rest else [])]


def _row(row: Row, index: int, top: int) -> html.Div:
    share = 100 * row.count / top if top and not row.zero else 0
    return html.Div(
        [
            html.Span(className=f"sw {row.shape}".strip(), style={"background": row.colour}),
            html.Span(row.label, className="rng"),
            html.Span(
                html.Span(style={"width": f"{share:.0f}%"}), className="cnt", hidden=row.zero, **{"aria-hidden": "true"}
            ),
            html.Span(f"{row.count:,}", className="num"),
        ],
        className="lrow",
        **{"data-class": index},
    )
