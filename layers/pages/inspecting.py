"""The inspect panel: what was clicked, in numbers and charts, the list of its firms, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from layers import inspect
from layers import theme as look
from layers.pages import actions, firm_list
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, chart, facts, failed, icon_button, section, skeleton, tag
from layers.text import date, number, pick, text
from models.errors import UnknownNameError

FIRST_FACTS = 1
SHOWN_PARTS = 6
MAX_SOURCES = 4


def frame(lang: str) -> html.Aside:
    """The panel before its first data, with the actions at its foot."""
    return html.Aside(
        [
            html.Div(id="panel-head", **{"aria-live": "polite"}),
            html.Div(
                dmc.SegmentedControl(
                    id="panel-side",
                    data=firm_list.sides(lang, 0),
                    value="about",
                    fullWidth=True,
                    **{"aria-label": text("inspect.sides", lang)},
                ),
                id="panel-sides",
                className="sides",
                hidden=True,
            ),
            html.Div(
                html.Div(skeleton(24, 64, 128, 96), className="psec"),
                id="panel",
                className="scroll",
                tabIndex=0,
                role="region",
                **{"aria-label": text("inspect.facts", lang)},
            ),
            html.Div(firm_list.frame(lang), id="firms-box", className="firms", hidden=True),
            actions.foot(lang),
            dcc.Download(id="download"),
            html.Div(id="method-box"),
        ],
        className="panel",
        **{"aria-label": text("inspect.label", lang)},
    )


def overview(context: Context, lang: str) -> list[Any]:
    """What stands in the panel while nothing is selected: the whole city, and how to select."""
    build = context.store.live_build()
    sources = build.manifest.get("sources", ())
    rejected = sum(int(source["quarantined"]) for source in sources)
    kind, total, waiting = _counted(context)
    unit = text(f"unit.{kind}", lang)
    share = f"{100 * (total - waiting) / total:.1f} %" if total else None
    rows = [
        (text("inspect.located", lang), f"{total - waiting:,}", unit, share),
        (text("inspect.unplaced" if kind == "premises" else "inspect.unlocated", lang), f"{waiting:,}", unit, None),
        (text("inspect.sources", lang), number(len(sources), lang), None, None),
        (text("inspect.rejected", lang), f"{rejected:,}", None, None),
    ]
    registers = [s for s in sources if s["table"] == "legal_persons"] or list(sources)
    titles = [
        html.Li([html.B(pick(s["title"], lang)), html.Br(), _source_note(s, lang)]) for s in registers[:MAX_SOURCES]
    ]
    if len(sources) > len(titles):
        more = text("inspect.more_sources", lang, n=len(sources) - len(titles))
        titles.append(html.Li(html.A(more, href=f"/data?lang={lang}", className="link", **{"data-keep": "theme"})))
    return [
        html.Section(
            _headline(text(f"inspect.{kind}", lang), f"{total:,}", unit, None),
            className="psec",
        ),
        section(text("inspect.facts", lang), None, facts(rows)),
        section(
            text("inspect.sources_head", lang),
            text("inspect.build_note", lang, build=build.build_id),
            html.Ul(titles, className="prov single"),
        ),
        html.Div(blank(text("inspect.hint", lang), "target-arrow")),
    ]


def _counted(context: Context) -> tuple[str, int, int]:
    """What the city counts, how many there are, and how many of them have no place on the map.

    A city without a register counts its places of business.
    """
    _, total = context.store.subjects_page(None, "uscc", False, 0, 1)
    if not total and "premises" in context.store.products():
        lon = context.store.product("premises", columns=["lon"]).column("lon")
        return "premises", len(lon), lon.null_count
    return "subjects", total, context.store.queue_page(0, 1)[1]


def _source_note(source: Mapping[str, Any], lang: str) -> html.Span:
    day = date(str(source["vintage"]), lang) if source.get("vintage") else ""
    parts = [day, pick(source.get("licence") or {}, lang)]
    return html.Span(" · ".join(part for part in parts if part), className="cap")


def panel(
    context: Context, target: inspect.Target, lang: str, theme: str
) -> tuple[html.Div, list[Any], dict[str, Any] | None]:
    """Head and content for one target, and the filter of the list of its firms (None where there is no list)."""
    found = inspect.panel(context.store, context.city, context.actor, target, lang)
    parts: list[Any] = []
    if found.facts:
        first = found.facts[0]
        if target.kind == "premises":
            parts.append(section(text("inspect.checks", lang), None, _facts(found.facts, words=True)))
            whole = f"/subject?id={target.id}&lang={lang}"
            link = html.A(text("supervise.open_subject", lang), href=whole, className="link", **{"data-keep": "theme"})
            parts.append(html.Section(link, className="psec"))
        elif target.kind == "subject":
            parts.append(section(text("inspect.register", lang), None, _facts(found.facts, words=True)))
        else:
            parts.append(html.Section(_headline(first.label, first.value, first.unit, first.note), className="psec"))
            parts.append(section(text("inspect.facts", lang), None, _facts(found.facts[FIRST_FACTS:])))
    if found.notes:
        parts.append(
            html.Section([tag(note, "warn", "alert-triangle") for note in found.notes], className="psec notes")
        )
    parts += [section(day.label, day.unit, _trend(day, theme, found.title)) for day in found.days]
    if found.people:
        parts += _people(found.people, lang, theme, found.title)
    if found.composition:
        parts.append(
            section(text("inspect.composition", lang), text("inspect.share", lang), _bars(found.composition, lang))
        )
    if found.trend and len(found.trend.periods) > 1:
        parts.append(section(found.trend.label, found.trend.unit, _trend(found.trend, theme, found.title)))
    if found.location:
        parts.append(section(text("inspect.quality", lang), text("inspect.share", lang), _bars(found.location, lang)))
    parts.append(
        section(
            text("inspect.provenance", lang),
            None,
            html.Ul([html.Li(line) for line in found.provenance], className="sources"),
        )
    )
    if not found.where:
        return _head(found, lang), parts, None
    return (
        _head(found, lang),
        parts,
        {
            "where": dict(found.where) | ({"h3": str(found.where["h3"])} if "h3" in found.where else {}),
            "total": found.subjects,
        },
    )


def _head(found: inspect.Panel, lang: str) -> html.Div:
    return html.Div(
        [
            html.Div(
                [html.H2(found.title, className="ptitle"), html.Div(found.subtitle, className="cap num")],
                className="grow",
            ),
            icon_button("panel-close", text("inspect.close", lang), "x"),
        ],
        className="ptop",
    )


def _headline(label: str, value: str, unit: str | None, note: str | None) -> html.Div:
    inside: list[Any] = [
        html.Div(label, className="kl"),
        html.Div([html.Span(value, className="kv"), html.Span(unit or "", className="ku")], className="kr"),
    ]
    return html.Div([*inside, *([html.Div(note, className="kn")] if note else [])], className="kpi")


def _facts(rows: Sequence[Any], *, words: bool = False) -> html.Dl:
    return facts([(row.label, row.value, row.unit, row.note) for row in rows], words=words)


def _bars(parts: Sequence[inspect.Share], lang: str) -> html.Div:
    """Parts of a whole as rows of label, bar and share; what is beyond the first six is summed up."""
    shown = list(parts[:SHOWN_PARTS])
    rest = parts[SHOWN_PARTS:]
    if rest:
        shown.append(
            inspect.Share("", text("inspect.other", lang), sum(p.count for p in rest), sum(p.share for p in rest))
        )
    top = max(part.share for part in shown)
    rows = [
        html.Div(
            [
                html.Span(part.label, className="cut", title=part.label),
                html.Div(
                    html.Span(style={"width": f"{100 * part.share / top:.1f}%"}),
                    className="track",
                    **{"aria-hidden": "true"},
                ),
                html.B([f"{100 * part.share:.0f} %", html.Span(number(part.count, lang), className="cap")]),
            ],
            className="hbar",
        )
        for part in shown
    ]
    return html.Div(rows)


def _people(people: inspect.People, lang: str, theme: str, name: str) -> list[Any]:
    """Residents, workers and short stays; the day of a workday and of a weekend day, hour by hour."""
    notes = [tag(note, "warn", "alert-triangle") for note in people.notes]
    told = [html.Div(notes, className="notes")] if notes else []
    inside = [*([_facts(people.facts)] if people.facts else []), *told]
    names = tuple(f"{hour:02d}:00" for hour in range(24))
    unit = text("unit.persons", lang)
    charts = [
        section(day.label, unit, _trend(inspect.Trend(day.label, unit, names, day.values), theme, name))
        for day in people.hours
    ]
    return [section(text("inspect.people", lang), None, html.Div(inside)), *charts]


def _trend(trend: inspect.Trend, theme: str, name: str) -> Any:
    colours = look.colours(theme)
    periods = list(trend.periods)
    figure = {
        "data": [
            {
                "type": "bar", "x": periods, "y": list(trend.values), "marker": {"color": colours["accent"]},
                "hovertemplate": "%{x}: %{y:,}<extra></extra>",
            }
        ],
        "layout": {
            "showlegend": False, "hovermode": "closest", "margin": {"l": 4, "r": 4, "t": 6, "b": 4},
            "xaxis": {"type": "category", "nticks": 6, "tickangle": 0},
            "yaxis": {"nticks": 4, "rangemode": "tozero", "tickformat": ",d", "fixedrange": True},
        },
    }  # fmt: skip
    return chart(figure, theme, 120, f"{trend.label} · {name}")


def shape_of(target: inspect.Target) -> dict[str, Any]:
    """What the map draws round a selected thing."""
    found: dict[str, Any] = {"kind": target.kind, "id": target.id}
    if target.rings:
        return found | {"rings": [[list(p) for p in ring] for ring in target.rings]}
    return found | {"point": [target.lon, target.lat]}


def describe(context: Context, sel: str | None, lang: str, theme: str) -> tuple[Any, Any, Any, Any]:
    """Head, content, list filter and outline of a selection written ``kind:id``; the overview where there is none."""
    if not sel:
        name = html.Div(
            [
                html.H2(context.city_name(lang), className="ptitle"),
                html.Div(text("inspect.overview", lang), className="cap"),
            ],
            className="grow",
        )
        return html.Div(name, className="ptop"), overview(context, lang), None, None
    kind, _, ident = sel.partition(":")
    try:
        target = inspect.target(context.store, context.city, context.actor, kind, ident, lang)
    except UnknownNameError:
        close = icon_button("panel-close", text("inspect.close", lang), "x")
        head = html.Div([html.Div(className="grow"), close], className="ptop")
        return head, blank(text("inspect.missing", lang), "map-search"), None, None
    head, content, where = panel(context, target, lang, theme)
    return head, content, where, shape_of(target)


def register(app: Dash, context: Context) -> None:
    """Wire the panel and its actions."""
    _content(app, context)
    actions.register(app, context)
    firm_list.register(app, context)


def _content(app: Dash, context: Context) -> None:
    app.clientside_callback(
        ClientsideFunction("explore", "panelKey"),
        Output("panel-key", "data"),
        Input("sel", "data"),
        Input("theme", "data"),
        Input("boot", "data"),
        prevent_initial_call=True,
    )

    @app.callback(  # type: ignore[untyped-decorator]
        Output("panel-head", "children"),
        Output("panel", "children"),
        Output("firms-where", "data"),
        Output("shape", "data", allow_duplicate=True),
        Input("panel-key", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def show(key: Any, address: Any) -> tuple[Any, ...]:
        lang = language_of(query(address), context.settings.language)
        try:
            return describe(context, key["sel"], lang, key["theme"])
        except Exception as error:
            return no_update, failed(lang, report(error)), None, no_update

    app.clientside_callback(
        ClientsideFunction("explore", "close"),
        Output("sel", "data", allow_duplicate=True),
        Input("panel-close", "n_clicks"),
        prevent_initial_call=True,
    )
