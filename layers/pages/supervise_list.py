"""The list of my grid: subjects of the area in a strict order, filtered with the map, paged and exported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import dash_mantine_components as dmc
import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from layers import board, explaining, export
from layers.masking import shown_name
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import button, end_column, icon, paged_list
from layers.pages.grid_words import grid_words
from layers.products import Products
from layers.provenance import of_tables
from layers.refusals import refusal
from layers.text import number, text
from models.errors import AccessDeniedError, CityhexError

AreaOf = Callable[[Context, Mapping[str, str]], str | None]
SORTABLE = {"level": "rank", "name": "name", "score": "score"}
MOST_EXPORTED = 10_000


def frame(counts: board.Counts, area: board.Area, as_of: str, lang: str) -> html.Section:
    """Head with filters and the grid; its rows are asked for by the browser."""
    grid = paged_list("supervise-list", columns(lang), "uscc", localeText=grid_words(lang), enableBrowserTooltips=True)
    total = text("supervise.total", lang, n=f"{counts.located:,}")
    if counts.waiting:
        total = text("supervise.total_waiting", lang, n=f"{counts.located:,}", m=f"{counts.waiting:,}")
    return html.Section(
        [
            html.Div(
                [
                    html.H2(text("supervise.list", lang)),
                    html.Span(total, id="supervise-total", className="cap num", **{"aria-live": "polite"}),
                    html.Span(className="grow"),
                    html.Button(
                        [icon("x", "s14"), html.Span(text("supervise.clear", lang))],
                        id="supervise-clear",
                        className="quiet",
                        type="button",
                        n_clicks=0,
                        hidden=True,
                    ),
                    dmc.TextInput(
                        id="supervise-text",
                        placeholder=text("supervise.search", lang),
                        debounce=250,
                        size="xs",
                        className="list-search",
                        **{"aria-label": text("supervise.search", lang)},
                    ),
                    button("supervise-export", text("export.xlsx", lang), "download"),
                    html.Span(id="supervise-said", className="cap", role="status"),
                ],
                className="ph",
            ),
            html.Div(grid, className="tablebox"),
            dcc.Store(id="supervise-columns"),
        ],
        className="area-list",
        **{
            "aria-label": text("supervise.list_of", lang, area=area.name),
            "data-asof": as_of,
            "data-source": text("data.product_of.subject_levels", lang),
        },
    )


def columns(lang: str) -> list[dict[str, Any]]:
    """Level, name, code, section, main reasons, score, months since the last inspection."""
    plain = {"sortable": False, "cellClass": "soft"}
    wide = 104 if lang != "en" else 140
    return [
        {"field": "level", "headerName": text("supervise.col_level", lang), "width": 76, "cellRenderer": "LevelMark"},
        {
            "field": "name",
            "headerName": text("list.name", lang),
            "flex": 2,
            "minWidth": 180,
            "cellClass": "strong",
            "tooltipField": "name",
        },
        {"field": "uscc", "headerName": text("list.uscc", lang), "width": 172, **plain},
        {
            "field": "section",
            "headerName": text("list.industry", lang),
            "width": 120,
            "sortable": False,
            "tooltipField": "section",
        },
        {
            "field": "why",
            "headerName": text("supervise.col_why", lang),
            "flex": 3,
            "minWidth": 200,
            "sortable": False,
            "tooltipField": "why",
        },
        end_column(field="score", headerName=text("supervise.col_score", lang), width=84),
        end_column(field="checked", headerName=text("supervise.col_checked", lang), width=wide, sortable=False),
    ]


def filtered(context: Context, code: str | None, found: Mapping[str, Any] | None) -> pd.DataFrame:
    """Rows of the area that pass the filters of the page: levels, text, and what is selected."""
    wanted = found or {}
    members = wanted.get("members")
    return board.selected(
        Products.live(context.store), code,
        levels=tuple(wanted.get("levels") or ()), text=str(wanted.get("text") or ""), cell=wanted.get("cell"),
        members=None if members is None else frozenset(members),
    )  # fmt: skip


def in_order(rows: pd.DataFrame, asked: Mapping[str, Any] | None) -> pd.DataFrame:
    """Rows in the order the list asks for."""
    sort = (asked or {}).get("sortModel") or []
    key = SORTABLE.get(sort[0]["colId"], "rank") if sort else "rank"
    return board.ordered(rows, key, descending=bool(sort) and sort[0]["sort"] == "desc")


def shown(context: Context, part: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    """Rows in words; one read of the indicators for all of them."""
    products = Products.live(context.store)
    ids = list(part["uscc"])
    version = version_of(products)
    indicators = explaining.indicators_of(products, ids) if ids else pd.DataFrame()
    why = explaining.main_causes(products, context.city, indicators, version, lang)
    months = indicators["months_since_inspection"] if len(indicators) else pd.Series(dtype="float64")
    actor, found = context.actor, []
    for row in part.to_dict("records"):
        level = row["level"] if isinstance(row["level"], str) else None
        kind = row["entity_type"] if isinstance(row["entity_type"], str) else None
        section = row["industry_section"] if isinstance(row["industry_section"], str) else "unknown"
        since = months.get(row["uscc"])
        found.append(
            {
                "uscc": row["uscc"],
                "level": level or "–",
                "words": text(f"level.{level or 'none'}", lang),
                "name": shown_name(row["name"], kind, actor, row["grid_code"]),
                "section": text(f"section.{section}", lang),
                "why": why.get(row["uscc"]) or text("supervise.no_reason", lang),
                "score": "–" if pd.isna(row["rule_score"]) else number(float(row["rule_score"]), lang, digits=0),
                "checked": text("supervise.never", lang)
                if since is None or pd.isna(since)
                else text("value.months", lang, n=number(float(since), lang, digits=0)),
            }
        )
    return found


def version_of(products: Products) -> str:
    """Version of the rules that the levels of the build were computed by; "" where it has none."""
    if not products.has("subject_levels"):
        return ""
    rows = products.frame("subject_levels", ("rule_version",))
    return str(rows["rule_version"].iloc[0]) if len(rows) else ""


def sheet(context: Context, code: str | None, found: Any, lang: str) -> tuple[bytes, str, str]:
    """The rows of the list as a workbook with what they are and the filter in its readme; logged before it leaves.

    Raises
    ------
    CityhexError : too many rows for one list
    """
    rows = filtered(context, code, found)
    if len(rows) > MOST_EXPORTED:
        raise CityhexError(text("supervise.too_many", lang, n=f"{len(rows):,}", most=f"{MOST_EXPORTED:,}"))
    products = Products.live(context.store)
    area = board.area(products, code, lang, context.city_name(lang))
    listed = pd.DataFrame(shown(context, rows, lang), columns=[c["field"] for c in columns(lang)])
    titles = {c["field"]: c["headerName"] for c in columns(lang)}
    filters = " · ".join([area.name, *words_of(found, lang)])
    as_of = str(context.manifest.get("as_of") or "")
    readme = [
        *export.head(context.city, text("supervise.list", lang), text("supervise.sheet", lang), filters, lang),
        (text("readme.method", lang), text("marks.version", lang, version=version_of(products))),
        *export.origin(of_tables(context.city, ("legal_persons",)), as_of, products.build_id, len(listed), lang),
    ]
    context.store.log_access(
        context.actor.id, "export", f"subjects of {code or 'the city'} xlsx", len(listed), at=dt.datetime.now(dt.UTC)
    )
    name = f"{context.city.id}_{code or 'city'}_{products.build_id}"
    return export.file_of(listed.rename(columns=titles), readme, name, "xlsx", lang)


def words_of(found: Mapping[str, Any] | None, lang: str) -> list[str]:
    """The filters in words."""
    wanted = found or {}
    said = [text(f"level.{level}", lang) for level in wanted.get("levels") or ()]
    said += [f"“{wanted['text']}”"] if wanted.get("text") else []
    said += [f"H3 {wanted['cell']}"] if wanted.get("cell") else []
    said += [text("supervise.of_warning", lang)] if wanted.get("members") is not None else []
    return said


def register(app: Dash, context: Context, area_of: AreaOf) -> None:
    """Fill the list and keep it in step with the selection."""
    _rows(app, context, area_of)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("supervise-download", "data"),
        Output("supervise-said", "children"),
        Input("supervise-export", "n_clicks"),
        State("supervise-filter", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def save(clicks: Any, found: Any, address: Any) -> tuple[Any, Any]:
        params = query(address)
        lang = language_of(params, context.settings.language)
        if not clicks:
            return no_update, no_update
        code = area_of(context, params)
        try:
            body, name, mime = sheet(context, code, found, lang)
        except CityhexError as error:
            return no_update, refusal(error, lang)
        except Exception as error:
            return no_update, text("state.error_plain", lang, id=report(error))
        return dcc.send_bytes(body, name, type=mime), ""  # type: ignore[attr-defined]

    app.clientside_callback(
        ClientsideFunction("supervise", "refresh"),
        Output("supervise-list", "className"),
        Input("supervise-filter", "data"),
        prevent_initial_call=True,
    )


def _rows(app: Dash, context: Context, area_of: AreaOf) -> None:
    @app.callback(  # type: ignore[untyped-decorator]
        Output("supervise-list", "getRowsResponse"),
        Output("supervise-total", "children"),
        Output("supervise-clear", "hidden"),
        Input("supervise-list", "getRowsRequest"),
        State("supervise-filter", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def block(asked: Any, found: Any, address: Any) -> tuple[Any, Any, Any]:
        params = query(address)
        lang = language_of(params, context.settings.language)
        if not asked:
            return no_update, no_update, no_update
        code = area_of(context, params)
        try:
            rows = in_order(filtered(context, code, found), asked)
            data = shown(context, rows.iloc[int(asked["startRow"]) : int(asked["endRow"])], lang)
        except AccessDeniedError:
            raise
        except Exception as error:
            return {"rowData": [], "rowCount": 0}, text("state.error_plain", lang, id=report(error)), True
        said = words_of(found, lang)
        total = _total(context, code, len(rows), said, lang)
        return {"rowData": data, "rowCount": len(rows)}, total, not said

    @app.callback(  # type: ignore[untyped-decorator]
        Output("supervise-list", "selectedRows"),
        Output("supervise-list", "scrollTo"),
        Input("supervise-sel", "data"),
        Input("supervise-list", "getRowsResponse"),
        State("supervise-list", "getRowsRequest"),
        State("supervise-filter", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def follow(sel: Any, _rows: Any, asked: Any, found: Any, address: Any) -> tuple[Any, Any]:
        kind, _, ident = str(sel or "").partition(":")
        if kind != "subject":
            return [], no_update
        rows = in_order(filtered(context, area_of(context, query(address)), found), asked)
        at = (rows["uscc"] == ident).to_numpy().nonzero()[0]
        if not len(at):
            return [], no_update
        return {"ids": [ident]}, {"rowIndex": int(at[0]), "rowPosition": "middle"}


def _total(context: Context, code: str | None, rows: int, said: list[str], lang: str) -> str:
    """How many rows, of how many, with what waits for a place."""
    counts = board.counts(Products.live(context.store), code)
    if said:
        return text("supervise.total_of", lang, n=f"{rows:,}", m=f"{counts.located:,}", what=" · ".join(said))
    if counts.waiting:
        return text("supervise.total_waiting", lang, n=f"{counts.located:,}", m=f"{counts.waiting:,}")
    return text("supervise.total", lang, n=f"{counts.located:,}")
