"""The data page: where everything comes from, what was left out and why, how the build was made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, html

from layers import theme as look
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, end_column, paged_list, pairs
from layers.pages.grid_words import grid_words
from layers.text import date, has, number, pick, text, translate
from models.errors import NotBuiltError

ALL = "*"


def layout(context: Context, lang: str, theme: str) -> html.Main:  # noqa: ARG001 - every page is laid out alike
    """The page: build, sources, quarantine, products."""
    manifest = context.manifest
    if not context.build_id:
        raise NotBuiltError(f"{context.city.id} has no build yet")
    return html.Main(
        [
            html.H1(text("data.title", lang), className="sr"),
            html.Div(
                [_build(context, manifest, lang), _products(context, lang)],
                className="datacol side",
            ),
            html.Div([_sources(manifest, lang), _quarantine(context, manifest, lang)], className="datacol"),
        ],
        id="main",
        className="datapage",
    )


def boot(context: Context, lang: str, theme: str) -> None:
    """This page keeps nothing in the address but language and theme."""


def _card(title: str, note: str | None, *children: Any, kind: str = "card") -> html.Section:
    head: list[Any] = [html.H2(title)]
    if note:
        head.append(html.P(note, className="cap"))
    return html.Section([html.Div(head, className="cardhead"), *children], className=kind)


def _build(context: Context, manifest: Mapping[str, Any], lang: str) -> html.Section:
    build = context.store.live_build()
    about = [
        (text("data.build_id", lang), build.build_id),
        (text("data.built_at", lang), _moment(context, build.created_at)),
    ]
    if "code_version" in manifest:
        about.append((text("data.code", lang), str(manifest["code_version"])))
    titles = {source["source_id"]: pick(source["title"], lang) for source in manifest.get("sources", ())}
    steps = [
        html.Tr(
            [
                html.Td(_step_name(str(step["name"]), titles, lang)),
                html.Td(text("data.step_skipped" if step.get("skipped") else "data.step_ran", lang), className="soft"),
                html.Td(number(step.get("seconds"), lang, digits=2), className="end"),
            ]
        )
        for step in manifest.get("steps", ())
    ]
    head = [
        html.Th(text(f"data.{key}", lang), scope="col", className=kind)
        for key, kind in (("step", ""), ("step_state", ""), ("step_seconds", "end"))
    ]
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(steps)], className="plain")
    return _card(
        text("data.build", lang),
        None,
        html.Div(pairs(about), className="cardbody"),
        html.Div(table, className="scroll", tabIndex=0),
    )


def _step_name(name: str, titles: Mapping[str, str], lang: str) -> str:
    """``read register``, ``table grids`` or ``subjects by cell`` in words; a name without words stays as it is."""
    whole = f"data.step_of.{name.replace(' ', '_')}"
    if has(whole, lang):
        return text(whole, lang)
    verb, _, rest = name.partition(" ")
    key = f"data.step_of.{verb}"
    return text(key, lang, name=titles.get(rest) or _named("table", rest, lang)) if rest and has(key, lang) else name


def _named(group: str, name: str, lang: str) -> str:
    """A table, product or column in words, else by its name."""
    key = f"data.{group}_of.{name}"
    return text(key, lang) if has(key, lang) else name


def _moment(context: Context, value: Any) -> str:
    at = pd.Timestamp(value)
    at = at.tz_localize("UTC") if at.tzinfo is None else at
    return str(at.tz_convert(context.city.timezone).strftime("%Y-%m-%d %H:%M"))


def _sources(manifest: Mapping[str, Any], lang: str) -> html.Section:
    rows = [_source_row(source, lang) for source in manifest.get("sources", ())]
    columns = [
        {
            "field": "title",
            "headerName": text("data.source", lang),
            "flex": 3,
            "minWidth": 220,
            "cellClass": "strong",
            "tooltipField": "title",
        },
        {"field": "table", "headerName": text("data.table", lang), "flex": 1, "minWidth": 110, "cellClass": "soft"},
        {
            "field": "licence",
            "headerName": text("data.licence", lang),
            "width": 108,
            "tooltipField": "licence",
        },
        {"field": "vintage", "headerName": text("data.vintage", lang), "width": 108},
        {
            "field": "cadence",
            "headerName": text("data.cadence", lang),
            "width": 88 if lang != "en" else 116,
            "cellClass": "soft",
        },
        {
            "field": "files",
            "headerName": text("data.files", lang),
            "flex": 1,
            "minWidth": 120,
            "cellClass": "soft",
            "tooltipField": "files",
        },
        end_column(field="read", headerName=text("data.read", lang), width=96),
        end_column(field="loaded", headerName=text("data.loaded", lang), width=96),
        end_column(field="quarantined", headerName=text("data.quarantined", lang), width=110),
        {"field": "balance", "headerName": text("data.balance", lang), "width": 80},
    ]
    grid = dag.AgGrid(
        id="sources-list",
        className="grid",
        columnDefs=columns,
        rowData=rows,
        defaultColDef={"resizable": True, "suppressHeaderMenuButton": True, "minWidth": 60},
        dashGridOptions={
            "theme": look.grid_theme(),
            "rowHeight": 32,
            "headerHeight": 32,
            "animateRows": False,
            "localeText": grid_words(lang),
            "enableBrowserTooltips": True,
        },
        style={"height": "100%"},
    )
    return _card(
        text("data.sources", lang),
        text("data.sources_note", lang),
        html.Div(grid, className="gridbox"),
        kind="card fill",
    )


def _source_row(source: Mapping[str, Any], lang: str) -> dict[str, Any]:
    read, loaded, out = (int(source[key]) for key in ("read", "loaded", "quarantined"))
    cadence = f"cadence.{source.get('cadence')}"
    files = [_file_name(entry.get("path_label")) for entry in source.get("files", ())]
    return {
        "title": pick(source["title"], lang),
        "table": _named("table", source["table"], lang),
        "licence": pick(source.get("licence") or {}, lang) or text("data.unknown", lang),
        "vintage": date(str(source.get("vintage") or ""), lang)
        if source.get("vintage")
        else text("data.unknown", lang),
        "cadence": text(cadence, lang) if has(cadence, lang) else text("data.unknown", lang),
        "files": text("note.source_join", lang).join(files),
        "read": f"{read:,}",
        "loaded": f"{loaded:,}",
        "quarantined": f"{out:,}",
        "balance": text("data.balanced" if read == loaded + out else "data.unbalanced", lang),
    }


def _quarantine(context: Context, manifest: Mapping[str, Any], lang: str) -> html.Section:
    total = context.store.quarantine_page(0, 1)[1]
    if not total:
        return _card(text("data.quarantine", lang), None, blank(text("data.quarantine_none", lang), "check"))
    names = [{"value": ALL, "label": text("data.all_sources", lang)}]
    out = {s["source_id"]: pick(s["title"], lang) for s in manifest.get("sources", ()) if s["quarantined"]}
    names += [{"value": source, "label": title} for source, title in out.items()]
    columns = [
        {
            "field": "source_file",
            "headerName": text("data.file", lang),
            "flex": 2,
            "minWidth": 150,
            "cellClass": "soft",
            "sortable": False,
            "tooltipField": "source_file",
        },
        end_column(field="source_row", headerName=text("data.row", lang), width=90, sortable=False),
        {"field": "column", "headerName": text("data.column", lang), "width": 130, "sortable": False},
        {
            "field": "found",
            "headerName": text("data.found", lang),
            "flex": 2,
            "minWidth": 140,
            "cellClass": "strong",
            "sortable": False,
            "tooltipField": "found",
        },
        {
            "field": "reason",
            "headerName": text("data.reason", lang),
            "flex": 3,
            "minWidth": 200,
            "sortable": False,
            "tooltipField": "reason",
        },
        {
            "field": "raw",
            "headerName": text("data.raw", lang),
            "flex": 3,
            "minWidth": 160,
            "cellClass": "soft",
            "sortable": False,
            "tooltipField": "raw",
        },
    ]
    grid = paged_list("quarantine-list", columns, "fid", localeText=grid_words(lang), enableBrowserTooltips=True)
    chooser = dmc.Select(
        id="quarantine-source",
        data=names,
        value=ALL,
        allowDeselect=False,
        w=260,
        **{"aria-label": text("data.quarantine_filter", lang)},
    )
    head = html.Div(
        [html.Span(id="quarantine-total", className="cap num", **{"aria-live": "polite"}), chooser],
        className="row gap8 cardtools",
    )
    return _card(
        text("data.quarantine", lang),
        text("data.quarantine_note", lang),
        head,
        html.Div(grid, className="gridbox"),
        kind="card fill",
    )


def _products(context: Context, lang: str) -> html.Section:
    found = context.store.products()
    rows = [
        html.Tr([html.Td(_named("product", name, lang)), html.Td(f"{entry.rows:,}", className="end")])
        for name, entry in sorted(found.items())
    ]
    head = [
        html.Th(text("data.product", lang), scope="col"),
        html.Th(text("data.rows", lang), scope="col", className="end"),
    ]
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="plain")
    return _card(text("data.products", lang), None, html.Div(table, className="scroll", tabIndex=0))


def _file_name(label: Any) -> str:
    """The last part of a file's label."""
    return str(label or "").rsplit("/", 1)[-1]


def _rejected(row: Mapping[Any, Any], number_of_row: int, lang: str) -> dict[str, Any]:
    """A row of the quarantine as the list shows it."""
    column = _named("column", row["column"], lang) if row["column"] else ""
    reason = translate(row["reason"] or "", "reject", lang)
    file = _file_name(row["source_file"])
    return {**row, "fid": str(number_of_row), "source_file": file, "column": column, "reason": reason}


def register(app: Dash, context: Context) -> None:
    """Page through the quarantine."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("quarantine-list", "getRowsResponse"),
        Output("quarantine-total", "children"),
        Input("quarantine-list", "getRowsRequest"),
        State("quarantine-source", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def block(asked: Any, source: Any, address: Any) -> tuple[Any, Any]:
        lang = language_of(query(address), context.settings.language)
        if not asked:
            return {"rowData": [], "rowCount": 0}, ""
        try:
            page, total = context.store.quarantine_page(
                asked["startRow"], asked["endRow"] - asked["startRow"], None if source in (None, ALL) else source
            )
        except Exception as error:
            return {"rowData": [], "rowCount": 0}, text("state.error_plain", lang, id=report(error))
        plain = page.astype(object).where(page.notna(), None)
        rows = [_rejected(row, asked["startRow"] + n, lang) for n, row in enumerate(plain.to_dict("records"))]
        return {"rowData": rows, "rowCount": total}, text("table.rows", lang, n=f"{total:,}")

    app.clientside_callback(
        ClientsideFunction("queue", "refreshQuarantine"),
        Output("quarantine-list", "className"),
        Input("quarantine-source", "value"),
        prevent_initial_call=True,
    )
