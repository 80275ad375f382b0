"""The time bar of the topmost layer that has periods: play, step, slider over a small bar chart of all periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import dash_mantine_components as dmc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, html

from layers import serve
from layers.layer import Layer
from layers.pages import rail
from layers.pages.context import Context
from layers.pages.elements import icon, icon_button
from layers.periods import said
from layers.requests import Request
from layers.text import text


def frame(lang: str) -> html.Div:
    """The bar, hidden until a chosen layer has periods."""
    play = html.Button(
        [icon("player-play"), icon("player-pause")],
        id="time-play",
        className="play",
        type="button",
        n_clicks=0,
        title=text("time.play", lang),
        **{
            "aria-pressed": "false",
            "aria-label": text("time.play", lang),
            "data-play": text("time.play", lang),
            "data-pause": text("time.pause", lang),
        },
    )
    slider = dmc.Slider(
        id="time-slider",
        min=0,
        max=1,
        step=1,
        value=0,
        label=None,
        updatemode="drag",
        thumbLabel=text("time.slider", lang),
    )
    return html.Div(
        [
            html.Div(
                [
                    play,
                    icon_button("time-back", text("time.back", lang), "player-skip-back"),
                    icon_button("time-forward", text("time.forward", lang), "player-skip-forward"),
                    html.B(id="time-text", className="num"),
                    html.Button(
                        "1×",
                        id="time-speed",
                        className="speed num",
                        type="button",
                        n_clicks=0,
                        title=text("time.speed_title", lang),
                    ),
                ],
                className="timehead",
            ),
            html.Div(
                [html.Div(id="time-spark", className="bars", **{"aria-hidden": "true"}), slider], className="spark"
            ),
            html.Div(
                [html.Span(id="time-first"), html.Span(id="time-last")],
                className="sparkends num",
                **{"aria-hidden": "true"},
            ),
        ],
        id="timebar",
        className="timebar float",
        hidden=True,
        role="group",
        **{"aria-label": text("time.label", lang), "data-map-card": "1"},
    )


def timed_layer(context: Context, chosen: Sequence[rail.Chosen]) -> Layer | None:
    """The topmost visible layer that has periods."""
    layers = rail.allowed(context)
    for item in chosen:
        layer = layers.get(item["id"])
        if layer and item["visible"] and layer.time.periods:
            return layer
    return None


def axis(context: Context, chosen: Sequence[rail.Chosen], lang: str) -> dict[str, Any] | None:
    """Periods, their names in the language and the height (0..1) of each one's bar; None without a timed layer."""
    layer = timed_layer(context, chosen)
    if layer is None:
        return None
    periods = serve.periods(layer, context.store) or ()
    heights = _heights(layer, context.build_id, context, periods)
    return {
        "layer": layer.id,
        "periods": list(periods),
        "start": layer.time.first_shown(periods),
        "labels": [said(layer, p, lang) for p in periods],
        "ends": [said(layer, p, lang, end=True) for p in (*periods[:1], *periods[-1:])],
        "heights": list(heights),
    }


@lru_cache(maxsize=32)
def _heights(layer: Layer, build_id: str, context: Context, periods: tuple[str, ...]) -> tuple[float, ...]:
    """Sum of the shown values of each period at the coarsest resolution, as a share of the largest."""
    coarse = layer.support.resolutions[0]
    totals = []
    for period in periods:
        served = serve.serve(
            layer, Request(coarse, period), context.actor, store=context.store, city=context.city, build_id=build_id
        )
        totals.append(float(np.nansum(served.frame["value"].to_numpy(np.float64))))
    top = max(totals, default=0.0)
    return tuple(round(total / top, 3) if top > 0 else 0.0 for total in totals)


def bars(found: Mapping[str, Any] | None) -> tuple[list[Any], str, str]:
    """The bars, the first and the last period's name."""
    if not found or not found["periods"]:
        return [], "", ""
    spans = [html.Span(style={"height": f"{max(4, round(100 * h))}%"}) for h in found["heights"]]
    return spans, *found["ends"]


def register(app: Dash, context: Context) -> None:  # noqa: ARG001 - every page registers alike
    """Everything about time happens in the browser."""
    app.clientside_callback(
        ClientsideFunction("time", "axis"),
        Output("time-slider", "min"),
        Output("time-slider", "max"),
        Output("time-slider", "value"),
        Output("timebar", "hidden"),
        Input("time-axis", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("time", "shown"),
        Output("time-slider", "value", allow_duplicate=True),
        Input("map-period", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("time", "slide"),
        Output("map-period", "data", allow_duplicate=True),
        Input("time-slider", "value"),
        State("map-period", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("time", "press"),
        Output("map-period", "data", allow_duplicate=True),
        Input("time-play", "n_clicks"),
        Input("time-back", "n_clicks"),
        Input("time-forward", "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("time", "speed"), Output("time-speed", "children"), Input("time-speed", "n_clicks")
    )
