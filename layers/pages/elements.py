"""The small pieces all pages are made of: icon, button, section, tag, states, chart, list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import dash_ag_grid as dag
from dash import dcc, html

from layers import theme as look
from layers.text import text

Child: TypeAlias = Any
Id = str | dict[str, Any]

CHART_CONFIG: dict[str, Any] = {
    "displayModeBar": False,
    "displaylogo": False,
    "modeBarButtonsToRemove": ["sendChartToCloud"],
    "plotlyServerURL": "",
    "locale": "zh-CN",
}
GRID_BLOCK = 50


def icon(name: str, extra: str = "") -> html.Span:
    """A decorative icon of ``assets/icons.css``; the name that is read stands beside it or on its button."""
    return html.Span(className=f"i i-{name} {extra}".strip(), **{"aria-hidden": "true"})


def button(
    ident: Id, label: str, name: str | None = None, *, kind: str = "btn", title: str | None = None, **props: Any
) -> html.Button:
    """A button with a word and, where given, an icon before it."""
    inside: list[Child] = [icon(name)] if name else []
    extra = {"title": title} if title else {}
    return html.Button([*inside, label], id=ident, className=kind, type="button", n_clicks=0, **extra, **props)


def icon_button(ident: Id, label: str, name: str, *, kind: str = "act", **props: Any) -> html.Button:
    """A button that shows an icon only; the label is its tooltip and what a screen reader says."""
    aria = {"aria-label": label} | props
    return html.Button(icon(name), id=ident, className=kind, title=label, type="button", n_clicks=0, **aria)


def section(title: str, note: str | None, *children: Child) -> html.Section:
    """One part of a side panel: heading, what it covers, content."""
    head: list[Child] = [html.H3(title)]
    if note:
        head.append(html.Span(note, className="cap"))
    return html.Section([html.Div(head, className="sech"), *children], className="psec")


def facts(rows: Sequence[tuple[str, Child, str | None, str | None]], *, words: bool = False) -> html.Dl:
    """Label, value, unit, note; values of more than 12 characters take the whole width, ``words`` are set smaller."""
    cells = []
    for label, value, unit, note in rows:
        inside: list[Child] = [value]
        if unit:
            inside.append(html.Span(unit, className="ku"))
        if note:
            inside.append(html.Span(note, className="note"))
        wide = isinstance(value, str) and len(value) > 12
        cells.append(html.Div([html.Dt(label), html.Dd(inside)], className="fact long" if wide else "fact"))
    return html.Dl(cells, className="facts words" if words else "facts")


def pairs(rows: Sequence[tuple[str, Child]], kind: str = "prov") -> html.Dl:
    """Two columns of small text: what, and what it is."""
    return html.Dl([part for label, value in rows for part in (html.Dt(label), html.Dd(value))], className=kind)


def tag(label: str, kind: str = "", name: str | None = None) -> html.Span:
    """A word on a soft ground."""
    inside: list[Child] = [icon(name, "s14")] if name else []
    return html.Span([*inside, label], className=f"tag {kind}".strip())


def blank(label: str, name: str = "info-circle", action: Child | None = None) -> html.Div:
    """The empty state: one sentence and, where there is one, the next action."""
    return html.Div([icon(name), html.P(label), *([action] if action is not None else [])], className="blank")


def failed(lang: str, code: str, retry: Id | None = None) -> html.Div:
    """The error state: what happened, the id for the log, a way to try again."""
    again: list[Child] = [button(retry, text("state.retry", lang), kind="link")] if retry else []
    return html.Div(
        [icon("alert-triangle"), html.Span([text("state.error_plain", lang, id=code), " ", *again])],
        className="strip",
        role="alert",
    )


def skeleton(*heights: int) -> html.Div:
    """Grey bones with the heights (px) of what will stand there."""
    return html.Div(
        [html.Div(className="bone", style={"height": f"{h}px"}) for h in heights], **{"aria-hidden": "true"}
    )


def chart(figure: dict[str, Any], theme: str, height: int, label: str) -> html.Div:
    """A plotly chart without tool bar, on the template of the theme; the label says what it shows."""
    figure["layout"] = {"template": look.chart_template(theme), "height": height, "autosize": True} | figure["layout"]
    graph = dcc.Graph(figure=figure, config=CHART_CONFIG, style={"height": f"{height}px"}, responsive=True)
    return html.Div(graph, role="img", **{"aria-label": label})


def paged_list(ident: Id, columns: list[dict[str, Any]], row_id: str, **options: Any) -> dag.AgGrid:
    """A list whose rows are asked for in blocks of 50 from the server (`getRowsRequest`)."""
    return dag.AgGrid(
        id=ident,
        className="grid",
        rowModelType="infinite",
        columnDefs=columns,
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True, "minWidth": 60},
        getRowId=f"params.data.{row_id}",
        dashGridOptions={
            "theme": look.grid_theme(),
            "rowHeight": 32,
            "headerHeight": 32,
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "animateRows": False,
            "cacheBlockSize": GRID_BLOCK,
            "maxBlocksInCache": 8,
            "suppressCellFocus": False,
            "blockLoadDebounceMillis": 60,
        }
        | options,
        style={"height": "100%"},
    )


def end_column(**definition: Any) -> dict[str, Any]:
    """A column of numbers: right aligned, tabular figures."""
    return {"headerClass": "end", "cellClass": "end", "type": "rightAligned"} | definition


def zoom_buttons(lang: str) -> html.Div:
    """The buttons at the right top of a map; every map has the same."""
    zoom = (
        ("zoom-in", "map.zoom_in", "plus"),
        ("zoom-out", "map.zoom_out", "minus"),
        ("zoom-fit", "map.fit", "current-location"),
    )
    return html.Div(
        [icon_button(ident, text(label, lang), mark, kind="zb") for ident, label, mark in zoom],
        className="zoom float",
        role="group",
        **{"aria-label": text("map.zoom_group", lang), "data-map-card": "1"},
    )


def map_note(lang: str) -> html.Div:
    """Room over a map for what went wrong, with the button that asks again."""
    return html.Div(
        [
            html.Div(id="map-error", **{"data-failed": text("map.failed", lang, id="{id}")}),
            button("map-retry", text("state.retry", lang), "refresh", hidden=True),
        ],
        className="mapnote",
        role="status",
    )
