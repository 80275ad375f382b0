"""The list of firms of a selection, sorted and paged on the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html

from layers import masking
from layers.access import EVERYWHERE, STAFF, Actor, require_area
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import end_column, paged_list
from layers.pages.grid_words import grid_words
from layers.text import number, text
from models.errors import AccessDeniedError
from models.store import SubjectFilter

SORTABLE = {
    "name": "name",
    "established": "established_on",
    "capital": "capital_cny",
    "section": "industry_section",
    "level": "match_level",
}
WAN = 10_000


def frame(lang: str) -> html.Section:
    """Head and grid; the rows come when something is selected."""
    columns = [
        {
            "field": "name",
            "headerName": text("list.name", lang),
            "flex": 2,
            "minWidth": 150,
            "cellClass": "strong",
            "tooltipField": "name",
        },
        {"field": "section", "headerName": text("list.industry", lang), "width": 112, "tooltipField": "section"},
        {"field": "established", "headerName": text("list.established_on", lang), "width": 104, "cellClass": "soft"},
        end_column(field="capital", headerName=text("list.capital", lang), width=124),
        {
            "field": "level",
            "headerName": text("list.match_level", lang),
            "width": 132,
            "cellClass": "soft",
            "tooltipField": "level",
        },
        {
            "field": "address",
            "headerName": text("list.address", lang),
            "width": 260,
            "sortable": False,
            "tooltipField": "address",
        },
        {"field": "uscc", "headerName": text("list.uscc", lang), "width": 180, "cellClass": "soft", "sortable": False},
    ]
    grid = paged_list("firms-list", columns, "uscc", localeText=grid_words(lang), enableBrowserTooltips=True)
    return html.Section(
        [
            grid,
            dcc.Store(id="firms-where"),
        ],
        className="listbox",
        **{"aria-label": text("list.label", lang)},
    )


def sides(lang: str, total: int) -> list[dict[str, str]]:
    """The two sides of the panel; the list says how many it holds."""
    count = text("inspect.list_side", lang, n=f"{total:,}")
    return [{"value": "about", "label": text("inspect.about", lang)}, {"value": "list", "label": count}]


def filter_of(where: Mapping[str, Any]) -> SubjectFilter:
    """The filter as the store wants it; an H3 index travels as text, because a browser would round it."""
    found = dict(where)
    if "h3" in found:
        found["h3"] = int(found["h3"])
    return SubjectFilter(**found)


def scoped(actor: Actor, where: SubjectFilter) -> SubjectFilter:
    """The filter cut to the actor's own areas.

    Raises
    ------
    AccessDeniedError : single subjects are not for the actor's roles
    """
    if EVERYWHERE in actor.areas and actor.has(STAFF):
        return where
    require_area(actor, next(iter(actor.areas), None), STAFF, "the list of subjects")
    return replace(where, areas=tuple(sorted(actor.areas)))


def rows(
    context: Context, where: Mapping[str, Any], asked: Mapping[str, Any], lang: str
) -> tuple[list[dict[str, Any]], int]:
    """One block of rows in words, and how many there are."""
    sort, start = asked.get("sortModel") or [], int(asked["startRow"])
    key, down = (SORTABLE.get(sort[0]["colId"], "uscc"), sort[0]["sort"] == "desc") if sort else ("capital_cny", True)
    actor = context.actor
    found = scoped(actor, filter_of(where))
    page, total = context.store.subjects_page(found, key, down, start, int(asked["endRow"]) - start)
    plain = page.astype(object).where(page.notna(), None)
    return [_row(row, actor, lang) for row in plain.to_dict("records")], total


def _row(row: Mapping[Any, Any], actor: Actor, lang: str) -> dict[str, Any]:
    section, level, day, capital = (
        row[key] for key in ("industry_section", "match_level", "established_on", "capital_cny")
    )
    return {
        "uscc": row["uscc"],
        "sel": f"subject:{row['uscc']}" if row["located"] else None,
        "name": masking.shown_name(row["name"], row["entity_type"], actor, masking.area_of(row)),
        "section": text(f"section.{section or 'unknown'}", lang),
        "established": "–" if day is None else str(day)[:10],
        "capital": "–" if capital is None else number(capital / WAN, lang, digits=0),
        "level": "–" if level is None else text(f"match_level.{int(level)}", lang),
        "address": row["address"] or "–",
        "lon": row["lon"],
        "lat": row["lat"],
    }


def register(app: Dash, context: Context) -> None:
    """Fill the list; a chosen row becomes the selection."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("firms-list", "getRowsResponse"),
        Input("firms-list", "getRowsRequest"),
        State("firms-where", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def block(asked: Any, found: Any, address: Any) -> Any:
        lang = language_of(query(address), context.settings.language)
        if not asked or not found:
            return {"rowData": [], "rowCount": 0}
        try:
            data, total = rows(context, found["where"], asked, lang)
        except AccessDeniedError:
            raise
        except Exception as error:
            report(error)
            return {"rowData": [], "rowCount": 0}
        return {"rowData": data, "rowCount": total}

    @app.callback(  # type: ignore[untyped-decorator]
        Output("panel-sides", "hidden"),
        Output("panel-side", "data"),
        Input("firms-where", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def count(found: Any, address: Any) -> tuple[bool, Any]:
        lang = language_of(query(address), context.settings.language)
        total = found["total"] if found else 0
        return not total, sides(lang, total)

    app.clientside_callback(
        ClientsideFunction("explore", "side"),
        Output("panel", "hidden"),
        Output("firms-box", "hidden"),
        Input("panel-side", "value"),
        Input("firms-where", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "refreshList"),
        Output("firms-list", "className"),
        Input("firms-where", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("explore", "rowChosen"),
        Output("sel", "data", allow_duplicate=True),
        Output("map-command", "data", allow_duplicate=True),
        Input("firms-list", "selectedRows"),
        State("sel", "data"),
        prevent_initial_call=True,
    )
