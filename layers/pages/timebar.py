"""The time bar of the topmost layer that has periods: play, step, slider over a small bar chart of all periods.

Where a layer tells the hours of many days (types of day and days of the week), one day is chosen below the slider, and
slider, bars and playing are of its hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import dash_mantine_components as dmc
import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, html, no_update

from layers import serve
from layers.layer import Layer
from layers.pages import rail
from layers.pages.context import Context, language_of, query
from layers.pages.elements import icon, icon_button
from layers.periods import days, of_day, said
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
            html.Div(
                dmc.SegmentedControl(
                    id="time-day",
                    data=[],
                    value="",
                    fullWidth=True,
                    size="xs",
                    **{"aria-label": text("time.day", lang)},
                ),
                id="time-days",
                className="timedays",
                hidden=True,
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


def axis(
    context: Context, chosen: Sequence[rail.Chosen], lang: str, period: str | None = None
) -> dict[str, Any] | None:
    """Periods and their names in the language, days to choose from, and the bars; None without a timed layer.

    Parameters
    ----------
    period : shown now; where a day is chosen, the bars (0..1) are of its hours
    """
    layer = timed_layer(context, chosen)
    if layer is None:
        return None
    periods = serve.periods(layer, context.store) or ()
    start, kinds = layer.time.first_shown(periods), days(layer, periods)
    now = str(period if period in periods else start).partition("-")[0]
    own = of_day(periods, now) if kinds else periods
    return {
        "layer": layer.id,
        "periods": list(periods),
        "start": start,
        "labels": [said(layer, p, lang) for p in periods],
        "ends": [said(layer, p, lang, end=True) for p in (*own[:1], *own[-1:])],
        "days": [{"value": day, "label": text(f"time.short.{day}", lang)} for day in kinds],
        "heights": list(_heights(layer, context.build_id, context, own)),
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


def register(app: Dash, context: Context) -> None:
    """Everything about time happens in the browser, but for the bars of another day."""
    app.clientside_callback(
        ClientsideFunction("time", "axis"),
        Output("time-slider", "min"),
        Output("time-slider", "max"),
        Output("time-slider", "value"),
        Output("timebar", "hidden"),
        Output("time-day", "data"),
        Output("time-day", "value"),
        Output("time-days", "hidden"),
        Input("time-axis", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("time", "shown"),
        Output("time-slider", "value", allow_duplicate=True),
        Output("time-day", "value", allow_duplicate=True),
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
    app.clientside_callback(ClientsideFunction("time", "bars"), Input("time-spark", "children"))
    app.clientside_callback(
        ClientsideFunction("time", "day"),
        Output("map-period", "data", allow_duplicate=True),
        Input("time-day", "value"),
        State("map-period", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("time", "speed"), Output("time-speed", "children"), Input("time-speed", "n_clicks")
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("time-spark", "children", allow_duplicate=True),
        Output("time-first", "children", allow_duplicate=True),
        Output("time-last", "children", allow_duplicate=True),
        Input("time-day", "value"),
        State("chosen", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def of_another_day(day: str, chosen: Any, address: Any) -> tuple[Any, ...]:
        """The bars of the day that was chosen; the map does not wait for them."""
        layer = timed_layer(context, chosen or [])
        periods = serve.periods(layer, context.store) or () if layer else ()
        if layer is None or day not in days(layer, periods):
            return no_update, no_update, no_update
        lang = language_of(query(address), context.settings.language)
        return bars(axis(context, chosen, lang, of_day(periods, day)[0]))
