"""The list of tasks: mine, those of my area, those overdue; what is chosen goes to the day at the right."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
import numpy as np
from dash import Dash, Input, Output, State, html

from layers import theme as look
from layers.masking import area_of, shown_name
from layers.pages.context import Context, language_of, query, report
from layers.pages.grid_words import grid_words
from layers.pages.tasks_reading import as_of, item_name, level_of
from layers.text import date, number, text
from models.errors import AccessDeniedError

SHOWN = 1000
SCOPES = ("area", "mine", "overdue")


def sheet(lang: str) -> list[Any]:
    """Choice of whose tasks, how many there are, and the list."""
    return [
        html.Div(
            [
                dmc.SegmentedControl(
                    id="tasks-scope",
                    value="area",
                    size="xs",
                    data=[{"value": key, "label": text(f"tasks.scope_{key}", lang)} for key in SCOPES],
                    **{"aria-label": text("tasks.scope", lang)},
                ),
                html.Span(id="tasks-total", className="cap num grow", **{"aria-live": "polite"}),
            ],
            className="queuebar",
        ),
        html.Div(
            dag.AgGrid(
                id="tasks-list",
                className="grid",
                columnDefs=columns(lang),
                rowData=[],
                getRowId="params.data.task_id",
                defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True, "minWidth": 56},
                dashGridOptions={
                    "theme": look.grid_theme(),
                    "rowHeight": 32,
                    "headerHeight": 32,
                    "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": True,
                                     "enableClickSelection": True},
                    "animateRows": False,
                    "localeText": grid_words(lang),
                },
                style={"height": "100%"},
            ),
            className="queuelist",
        ),
    ]  # fmt: skip


def columns(lang: str) -> list[dict[str, Any]]:
    """Columns of the list."""
    late = {"cell-late": "params.data.overdue"}
    wide = lang == "en"
    return [
        {"field": "due", "headerName": text("tasks.due", lang), "width": 104 if wide else 96,
         "cellClassRules": late},
        {"field": "name", "headerName": text("tasks.subject", lang), "flex": 3, "minWidth": 130, "cellClass": "strong",
         "tooltipField": "name"},
        {"field": "level", "headerName": text("tasks.level", lang), "width": 62},
        {"field": "item", "headerName": text("tasks.item", lang), "flex": 2, "minWidth": 76, "tooltipField": "item"},
        {"field": "state", "headerName": text("tasks.state", lang), "width": 72 if wide else 70},
        {"field": "why", "headerName": text("tasks.why", lang), "width": 80 if wide else 62, "cellClass": "soft"},
        {"field": "officers", "headerName": text("tasks.officers", lang), "width": 96, "cellClass": "soft",
         "tooltipField": "officers"},
    ]  # fmt: skip


def rows(context: Context, scope: str, lang: str) -> tuple[list[dict[str, Any]], int]:
    """Rows in words, the one due first in front, and how many match."""
    actor = context.actor
    found = context.store.tasks(sorted(actor.areas), as_of(context), state=["open", "follow_up"])
    if scope == "overdue":
        found = found[found["overdue"]]
    if scope == "mine":
        me = actor.officer_id or actor.id
        teams = found["officers"].fillna("").astype("str").str.split(";")
        found = found[(found["owner"] == actor.id).to_numpy(bool) | np.array([me in t for t in teams], dtype=bool)]
    total, found = len(found), found.head(SHOWN)
    known = context.store.subjects_of(found["subject_id"].dropna()).set_index("subject_id").to_dict("index")
    officers = context.store.officer_names()
    of_level = level_of(context, found["subject_id"].dropna().unique())
    plain = found.astype(object).where(found.notna(), None).to_dict("records")
    return [_row(context, row, known.get(row["subject_id"]), officers, of_level, lang) for row in plain], total


def _row(  # noqa: PLR0917 - what a row is made of
    context: Context, row: dict[Any, Any], firm: Any, officers: dict[str, str], of_level: dict[str, Any], lang: str
) -> dict[str, Any]:
    name = text("tasks.warning_only", lang)
    if firm is not None:
        name = shown_name(firm["name"], _text(firm["entity_type"]), context.actor, area_of(firm))
    team = [officers.get(o, o) for o in str(row["officers"] or "").split(";") if o]
    level = of_level.get(row["subject_id"])
    return {
        "task_id": str(row["task_id"]),
        "due": date(str(row["due_on"])[:10], lang),
        "overdue": bool(row["overdue"]),
        "name": name,
        "level": level if isinstance(level, str) else "–",
        "item": item_name(row["item_code"], lang) if row["item_code"] else row["measure"] or "–",
        "state": text(f"tasks.state_{row['state']}", lang),
        "why": text(f"tasks.why_{row['selected_by']}", lang),
        "officers": text("note.source_join", lang).join(team) or "–",
        "goes": firm is not None,
    }


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def register(app: Dash, context: Context) -> None:
    """Fill the list; hand on what is chosen."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-list", "rowData"),
        Output("tasks-total", "children"),
        Input("tasks-scope", "value"),
        Input("tasks-version", "data"),
        State("url", "search"),
    )
    def fill(scope: Any, version: Any, address: Any) -> tuple[Any, Any]:  # noqa: ARG001 - a cause, not a value
        lang = language_of(query(address), context.settings.language)
        try:
            found, total = rows(context, scope or "area", lang)
        except AccessDeniedError:
            raise
        except Exception as error:
            return [], text("state.error_plain", lang, id=report(error))
        said = text("tasks.total", lang, n=number(total, lang))
        return found, said if total <= SHOWN else text("tasks.total_cut", lang, n=number(total, lang), shown=SHOWN)

    @app.callback(  # type: ignore[untyped-decorator]
        Output("tasks-chosen", "data"), Input("tasks-list", "selectedRows"), prevent_initial_call=True
    )
    def choose(selected: Any) -> list[int]:
        return [int(row["task_id"]) for row in selected or [] if row.get("goes")]
