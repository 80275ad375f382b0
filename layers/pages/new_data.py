"""Says that a new build was published while a page is open, and offers to load it; nothing changes unasked."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, dcc, html

from layers.pages.elements import icon
from layers.text import text

EVERY_MS = 60_000


def notice(build_id: str, lang: str) -> html.Div:
    """The notice, hidden until ``/api/build`` names another build than the one this page was made from."""
    button = html.Button(
        text("shell.new_data_load", lang), id="new-data-load", className="btn primary", type="button", n_clicks=0
    )
    return html.Div(
        [
            html.Div(
                [icon("refresh"), html.Span(text("shell.new_data", lang)), button],
                id="new-data",
                className="newdata float",
                hidden=True,
                role="status",
                **{"data-build": build_id},
            ),
            dcc.Interval(id="new-data-poll", interval=EVERY_MS),
        ]
    )


def register(app: Dash) -> None:
    """Ask once a minute, in the browser alone."""
    app.clientside_callback(
        ClientsideFunction("newData", "ask"),
        Output("new-data", "hidden"),
        Input("new-data-poll", "n_intervals"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("newData", "load"),
        Output("new-data-load", "disabled"),
        Input("new-data-load", "n_clicks"),
        prevent_initial_call=True,
    )
