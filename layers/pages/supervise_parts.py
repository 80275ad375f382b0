"""The parts of my grid: strip with counts, key of the levels, switch of the map's fill, panel of warnings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from layers import board
from layers.pages.context import Context
from layers.pages.elements import blank, button, icon
from layers.pages.marks import level_mark, warning_row
from layers.products import Products
from layers.text import date, number, text
from layers.worklist import Item, Worklist

FILLS = ("risk-density", "risk-share-grid", "none")
SORTS = ("due", "severity", "raised")
SHOWN = 60
MOST_OPTIONS = 100
"""Areas the chooser lists at once; more are found by typing."""


def strip(context: Context, products: Products, area: board.Area, counts: board.Counts, lang: str) -> html.Div:
    """Name of the area with its chooser, subjects by level as filters of the list, to-dos."""
    choices = board.choices(products, context.actor, lang, area.code)
    options = [
        {"value": code or "all", "label": name or text("supervise.city", lang, name=context.city_name(lang))}
        for code, name in choices
    ]
    if area.code is not None and all(code != area.code for code, _ in choices):
        options.insert(0, {"value": area.code, "label": area.name})
    chooser = dmc.Select(
        id="supervise-area", data=options, value=area.code or "all", searchable=len(options) > 8, allowDeselect=False,
        limit=MOST_OPTIONS,
        size="sm", comboboxProps={"width": 240, "position": "bottom-start"},
        **{"aria-label": text("supervise.area", lang)},
    )  # fmt: skip
    return html.Div(
        [
            html.Div([html.Span(text("supervise.mine", lang), className="cap"), chooser], className="strip-area"),
            html.Div(
                [_level(level, counts.by_level[level], lang) for level in board.LEVELS],
                className="strip-levels",
                role="group",
                **{"aria-label": text("supervise.levels", lang)},
            ),
            html.Div(_duties(context, area, counts, lang), className="strip-duties"),
        ],
        className="area-strip",
    )


def _level(level: str, count: int, lang: str) -> html.Button:
    return html.Button(
        [
            level_mark(level, lang),
            html.B(number(count, lang), className="num"),
            html.Span(text(f"supervise.level_{level}", lang), className="cap"),
        ],
        id={"type": "supervise-level", "level": level},
        className="level-chip",
        type="button",
        n_clicks=0,
        title=text("supervise.level_filter", lang, name=text(f"level.{level}", lang)),
        **{"aria-pressed": "false"},
    )


def _duties(context: Context, area: board.Area, counts: board.Counts, lang: str) -> list[Any]:
    """Tasks of the area and what waits for a place; a dash where the role may not see the tasks."""
    areas = ("*",) if area.code is None else (area.code,)
    as_of = board.business_date(context.manifest)
    lines = context.store.todos(areas, as_of, context.actor.roles)
    tasks = [line for line in lines if line.kind == "tasks" and line.state in ("open", "follow_up")]
    waiting = None if any(line.count is None for line in tasks) else sum(line.count or 0 for line in tasks)
    late = None if any(line.late is None for line in tasks) else sum(line.late or 0 for line in tasks)
    found = [
        _duty("tasks", "–" if waiting is None else number(waiting, lang), lang),
        _duty("late", "–" if late is None else number(late, lang), lang, bad=bool(late)),
    ]
    if counts.waiting:
        found.append(_duty("unlocated", number(counts.waiting, lang), lang))
    return found


def _duty(key: str, value: str, lang: str, *, bad: bool = False) -> html.Div:
    return html.Div(
        [
            html.Span(text(f"supervise.duty_{key}", lang), className="cap"),
            html.B(value, className="num late" if bad else "num"),
        ],
        className="duty",
    )


def levels_key(counts: board.Counts, as_of: str, lang: str) -> html.Section:
    """The marks on the map with the number of subjects of each level in the area."""
    marks = [html.Span([level_mark(level, lang), f"{counts.by_level[level]:,}"]) for level in board.LEVELS]
    return html.Section(
        [
            html.Div(
                [html.H2(text("supervise.key", lang)), html.Span(text("supervise.key_unit", lang))], className="ltitle"
            ),
            html.Div(marks, className="levels-key num"),
            html.Div(text("supervise.key_note", lang), className="lsub"),
        ],
        className="legend",
        **{
            "data-legend": "1",
            "data-layer": "subject-levels",
            "data-asof": as_of,
            "data-source": text("layer.subject-levels.title", lang),
            "aria-label": text("supervise.key", lang),
        },
    )


def fills(lang: str) -> html.Div:
    """The switch between what fills the map."""
    return html.Div(
        dmc.SegmentedControl(
            id="supervise-fill",
            value=FILLS[0],
            size="xs",
            data=[{"value": fill, "label": text(f"supervise.fill_{fill}", lang)} for fill in FILLS],
            **{"aria-label": text("supervise.fill", lang)},
        ),
        className="fills float",
        **{"data-map-card": "1"},
    )


def panel(work: Worklist, as_of: str, lang: str) -> html.Aside:
    """Warnings with tiles, the card of the selection, and what can be done at the foot."""
    sorts = [{"value": sort, "label": text(f"supervise.sort_{sort}", lang)} for sort in SORTS]
    return html.Aside(
        [
            html.Div(
                [
                    html.H2(text("supervise.warnings", lang)),
                    html.Span(number(work.total, lang), className="badge num" if work.total else "badge none num"),
                    html.Span(className="grow"),
                    dmc.SegmentedControl(
                        id="supervise-sort",
                        value="due",
                        size="xs",
                        data=sorts,
                        **{"aria-label": text("supervise.sort", lang)},
                    ),
                ],
                className="ph",
            ),
            html.Div(
                [
                    _tile(work.new, "new", lang),
                    _tile(work.late, "late", lang, bad=work.late > 0),
                    _tile(work.soon, "soon", lang),
                ],
                className="tiles",
            ),
            html.Div(id="supervise-card", hidden=True, **{"aria-live": "polite"}),
            html.Div(
                warnings(work.items, as_of, lang, total=work.total),
                id="supervise-warnings",
                className="scroll",
                tabIndex=0,
                role="region",
                **{"aria-label": text("supervise.warnings", lang)},
            ),
            html.Div(foot(None, lang), id="supervise-foot", className="pfoot"),
        ],
        className="panel",
        **{
            "aria-label": text("supervise.panel", lang),
            "data-asof": as_of,
            "data-source": text("data.product_of.warnings", lang),
        },
    )


def _tile(count: int, key: str, lang: str, *, bad: bool = False) -> html.Div:
    return html.Div(
        [html.B(number(count, lang), className="num"), html.Span(text(f"supervise.tile_{key}", lang))],
        className="tile bad" if bad else "tile",
    )


def warnings(items: Sequence[Item], as_of: str, lang: str, *, sort: str = "due", total: int = 0) -> list[Any]:
    """The list of warnings, or the sentence that there is none with the day of the check."""
    if not items:
        said = text("supervise.no_warnings", lang, date=date(as_of, lang))
        return [blank(said, "circle-check")]
    keys = {
        "due": lambda i: (i.due_on, -i.severity, i.key),
        "severity": lambda i: (-i.severity, i.due_on, i.key),
        "raised": lambda i: (-i.raised_on.toordinal(), -i.severity, i.key),
    }
    rows = [_warning(item, lang) for item in sorted(items, key=keys[sort])[:SHOWN]]
    more = total - len(rows)
    return [*rows, *([html.P(text("supervise.more", lang, n=more), className="cap more")] if more > 0 else [])]


def _warning(item: Item, lang: str) -> Any:
    said = {"severity": item.severity, "raised_on": item.raised_on.isoformat()}
    ident = {"type": "supervise-warning", "key": item.key}
    return warning_row(said, item.title, item.line, lang, due=item.due, late=item.late, ident=ident)


def foot(sel: str | None, lang: str) -> list[Any]:
    """What can be done with the selection; the first button is the next step."""
    kind, _, ident = (sel or "").partition(":")
    if kind == "subject":
        return [_go(f"/subject?id={ident}", "supervise.open_subject", "file-text", lang, primary=True)]
    if kind == "warning":
        return [_go(f"/warning?id={ident}", "supervise.open_warning", "clipboard-check", lang, primary=True)]
    hint = text("supervise.pick", lang)
    return [button("supervise-idle", hint, "target-arrow", kind="btn grow", disabled=True)]


def _go(href: str, key: str, mark: str, lang: str, *, primary: bool = False) -> html.A:
    kind = "btn primary grow" if primary else "btn"
    return html.A([icon(mark), text(key, lang)], href=f"{href}&lang={lang}", className=kind, **{"data-keep": "theme"})
