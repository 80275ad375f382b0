"""The stores that hold a page's state and the messages between a page and the map."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, dcc

MAP = ("map-spec", "map-period", "map-command", "map-click", "map-view", "map-status", "map-support")
"""docs/map.md says what each holds."""
EXPLORE = (
    "boot",
    "chosen",
    "sel",
    "shape",
    "table-open",
    "camera",
    "draw-key",
    "layer-drop",
    "time-axis",
    "open-layer",
    "twin-key",
    "panel-key",
    "fallback-key",
    "sink",
    "explore-click",
)
QUEUE = ("queue-view", "queue-key", "queue-subject", "queue-choice", "queue-candidates", "queue-version")

SUPERVISE = ("supervise-ask", "supervise-draw", "supervise-sel", "supervise-filter", "supervise-narrow")
SUBJECT = ("subject-draw", "subject-drawn")
WARNING = (
    "warning-chosen", "warning-key", "warning-version", "warning-revision", "warning-task",
    "warning-undoable",
)  # fmt: skip
"""Which warning is chosen and shown, how often something was written, the revision read, form, way back."""

PAGE = ("page-start", "whom-chosen")
"""What the page that was opened starts from, ``{"page": its path, ...}``; as whom the pages are looked at."""

TASKS = ("tasks-chosen", "tasks-start", "tasks-key")


def stores() -> list[dcc.Store]:
    """All of them; they stand in every page so that a callback never misses one."""
    return [dcc.Store(id=name) for name in (*MAP, *EXPLORE, *QUEUE, *SUPERVISE, *SUBJECT, *WARNING, *PAGE, *TASKS)]


def register(app: Dash) -> None:
    """Let the map draw what the stores say."""
    for name, function in (("map-spec", "render"), ("map-period", "period"), ("map-command", "command")):
        app.clientside_callback(ClientsideFunction("cityhex", function), Output(name, "id"), Input(name, "data"))
    app.clientside_callback(
        ClientsideFunction("explore", "zoom"),
        Output("map-command", "data", allow_duplicate=True),
        *(Input(name, "n_clicks") for name in ("zoom-in", "zoom-out", "zoom-fit")),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "status"),
        Output("map-error", "children", allow_duplicate=True),
        Output("map-retry", "hidden"),
        Input("map-status", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "retry"),
        Output("map-command", "data", allow_duplicate=True),
        Input("map-retry", "n_clicks"),
        prevent_initial_call=True,
    )
