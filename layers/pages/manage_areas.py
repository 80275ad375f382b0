"""Parts of the manager's page about areas: who was inspected, what waits, and rates with intervals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pandas as pd
from dash import html

from layers import management
from layers import theme as look
from layers.pages.context import Context
from layers.pages.elements import blank, chart, facts
from layers.pages.marks import card
from layers.text import number, text

SHOWN = 40
"""Areas in the chart, those with most inspections first."""


def table(head: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], label: str) -> html.Div:
    """A plain table: heads with the kind of their column ("" or "end"), rows of cells; it scrolls by itself."""
    top = html.Thead(html.Tr([html.Th(title, scope="col", className=kind) for title, kind in head]))
    body = [html.Tr([html.Td(cell, className=kind) for cell, (_, kind) in zip(row, head, strict=True)]) for row in rows]
    whole = html.Table([html.Caption(label, className="sr"), top, html.Tbody(body)], className="plain")
    return html.Div(whole, className="scroll", tabIndex=0, role="region", **{"aria-label": label})


def coverage(context: Context, lang: str, theme: str) -> list[Any]:  # noqa: ARG001 - every part is made alike
    """Coverage by area in the last twelve months, and tasks open, overdue and done."""
    rows = management.compared(context.store, context.actor)
    as_of = context.manifest.get("as_of")
    if rows.empty or not as_of:
        return [blank(text("manage.nothing", lang))]
    day = dt.date.fromisoformat(as_of)
    work = management.workload(context.store, context.actor, rows["area_code"].tolist(), day)
    joined = rows.merge(work.table, on="area_code")
    totals = work.totals
    summed = rows[["subjects", "inspected_12m", "inspections"]].sum()
    summary = facts(
        [
            (text("manage.subjects", lang), number(summed["subjects"], lang), None, None),
            (text("manage.inspected", lang), number(summed["inspected_12m"], lang), None, _share(summed, lang)),
            (text("manage.open", lang), number(totals["open"], lang), None, None),
            (text("manage.overdue", lang), number(totals["overdue"], lang), None, text("manage.overdue_note", lang)),
            (text("manage.done", lang), number(totals["done"], lang), None, None),
        ]
    )
    head = [(text("manage.area", lang), "")] + [
        (text(f"manage.{key}", lang), "end")
        for key in ("subjects", "inspected", "coverage", "risk_share", "open", "overdue", "done")
    ]
    cells = [
        [
            row.name,
            number(row.subjects, lang),
            number(row.inspected_12m, lang),
            _percent(row.coverage, lang),
            _percent(row.risk_share, lang),
            *(number(getattr(row, key), lang) for key in ("open", "overdue", "done")),
        ]
        for row in joined.sort_values("coverage").itertuples(index=False)
    ]
    elsewhere = sum(work.elsewhere.values())
    note = text("manage.elsewhere", lang, n=number(elsewhere, lang)) if elsewhere else None
    return [
        card(text("manage.summary", lang), summary, "area_comparison", as_of),
        card(
            text("manage.by_area", lang),
            [table(head, cells, text("manage.by_area", lang)), *([html.P(note, className="cap")] if note else [])],
            "area_comparison",
            as_of,
            text("manage.coverage_note", lang),
            "fill",
        ),
    ]


def compare(context: Context, lang: str, theme: str) -> list[Any]:
    """Rates of inspections with a fault: raw, drawn to the mean, and 95 % interval."""
    rows = management.compared(context.store, context.actor)
    if rows.empty or not rows["eb_rate"].notna().any():
        return [blank(text("manage.nothing", lang))]
    as_of = context.manifest.get("as_of")
    shown = rows.nlargest(SHOWN, "inspections").sort_values("eb_rate")
    head = [(text("manage.area", lang), "")] + [
        (text(f"manage.{key}", lang), "end") for key in ("inspections", "positives", "raw_rate", "eb_rate", "interval")
    ]
    cells = [
        [
            row.name,
            number(row.inspections, lang),
            number(row.positives, lang),
            _percent(row.raw_rate, lang),
            _percent(row.eb_rate, lang),
            f"{_percent(row.eb_low, lang)} – {_percent(row.eb_high, lang)}",
        ]
        for row in rows.sort_values("eb_rate", ascending=False).itertuples(index=False)
    ]
    label = text("manage.compare_label", lang)
    return [
        card(
            text("manage.compare_title", lang),
            chart(_intervals(shown, lang, theme), theme, max(240, 18 * len(shown) + 60), label),
            "area_comparison",
            as_of,
            text("manage.compare_note", lang),
        ),
        card(text("manage.by_area", lang), table(head, cells, label), "area_comparison", as_of, kind="fill"),
    ]


def _intervals(rows: pd.DataFrame, lang: str, theme: str) -> dict[str, Any]:
    colours = look.chart_template(theme)["layout"]["colorway"]
    middle = (rows["eb_rate"] * 100).to_numpy()
    spread = {
        "type": "data",
        "symmetric": False,
        "array": (rows["eb_high"] * 100).to_numpy() - middle,
        "arrayminus": middle - (rows["eb_low"] * 100).to_numpy(),
        "thickness": 2,
        "width": 0,
        "color": colours[0],
    }
    names = rows["name"].tolist()
    rate = {"type": "scatter", "mode": "markers", "x": middle, "y": names, "error_x": spread,
            "name": text("manage.eb_rate", lang), "marker": {"size": 8, "color": colours[0]}}  # fmt: skip
    raw = {"type": "scatter", "mode": "markers", "x": (rows["raw_rate"] * 100).to_numpy(), "y": names,
           "name": text("manage.raw_rate", lang),
           "marker": {"size": 7, "symbol": "line-ns-open", "color": colours[1]}}  # fmt: skip
    return {
        "data": [rate, raw],
        "layout": {
            "margin": {"l": 96, "r": 16, "t": 8, "b": 40},
            "xaxis": {"title": {"text": text("manage.rate_axis", lang)}, "rangemode": "tozero"},
            "yaxis": {"automargin": True},
            "legend": {"orientation": "h", "y": 1.04, "x": 0},
            "showlegend": True,
        },
    }


def _percent(value: Any, lang: str) -> str:
    share = None if pd.isna(value) else float(value) * 100
    return f"{number(share, lang, digits=1)} %" if share is not None else "–"


def _share(summed: pd.Series, lang: str) -> str:
    return _percent(summed["inspected_12m"] / summed["subjects"], lang) if summed["subjects"] else "–"
