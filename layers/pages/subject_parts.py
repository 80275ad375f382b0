"""The parts of the panorama that explain: scale of the score, reasons, history, timeline, relations."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from layers import theme as look
from layers.colours import colours
from layers.explaining import Cause
from layers.pages.elements import blank, chart, icon
from layers.pages.marks import asof_line, card, level_mark
from layers.panorama import Panorama
from layers.text import date, number, text

MOST_POINTS = 40.0
"""Points at which a bar fills its side of the zero line, unless a reason has more."""
ZERO = 22.0
"""Where the zero line of the bars stands, percent of their width."""
LEVELS = ("A", "B", "C", "D")
SYMBOLS = {"A": "circle", "B": "square", "C": "triangle-up", "D": "diamond", None: "circle-open"}
SHOWN_EVENTS = 60


def words(found: Panorama, lang: str) -> list[str]:
    """Status and section of a subject, as far as the register knows them."""
    section = found.row.get("industry_section")
    parts = [found.row.get("status"), text(f"section.{section}", lang) if isinstance(section, str) else None]
    return [part for part in parts if isinstance(part, str) and part]


def scale(found: Panorama, score: float, lang: str) -> html.Div:
    """The score on the bands of the levels, with the median of its industry section."""
    cuts = dict(found.reasons.cut_offs) if found.reasons else {}
    if not cuts:
        return html.Div()
    edges = [0.0, cuts["B"], cuts["C"], cuts["D"], 100.0]
    level = found.level.get("level")
    bands = [
        html.Span(
            html.Span(letter),
            className=f"band lv-band-{letter} on" if letter == level else f"band lv-band-{letter}",
            style={"left": f"{edges[n]:.1f}%", "width": f"{edges[n + 1] - edges[n]:.1f}%"},
        )
        for n, letter in enumerate(LEVELS)
    ]
    marks = [html.Span(className="mk", style={"left": f"{score:.1f}%"})]
    said = [html.Span(text("subject.self", lang, n=number(score, lang, digits=0)))]
    if found.peers:
        count, median = found.peers
        marks.append(html.Span(className="mk peer", style={"left": f"{median:.1f}%"}))
        said.append(html.Span(text("subject.peers", lang, n=number(median, lang, digits=0), m=f"{count:,}")))
    return html.Div(
        [
            html.Div([*bands, *marks], className="scale", **{"aria-hidden": "true"}),
            html.Div(said, className="scale-said cap num"),
        ],
        className="scalebox",
    )  # fmt: skip


def reasons(found: Panorama, lang: str) -> html.Section:
    """Why the subject has its level: bars on one zero line that add up to the score."""
    as_of, level = found.as_of.isoformat(), found.level.get("level")
    source = text("data.product_of.subject_levels", lang)
    if not found.level:
        empty = blank(text("subject.no_level_text", lang), "scale")
        return card(text("subject.no_level", lang), empty, source, as_of, kind="preasons")
    title = text("subject.why", lang, level=level)
    version = str(found.level["rule_version"])
    if found.reasons is None:
        empty = blank(text("subject.rules_gone", lang), "scale")
        return card(title, empty, source, as_of, asof_line(as_of, lang, version), kind="preasons")
    said = found.reasons
    total = number(float(found.level["rule_score"]), lang, digits=0)
    note = text("subject.why_note", lang, n=len(said.causes), score=total, m=said.silent)
    head = html.Div(
        [html.Span(text(f"subject.{key}", lang)) for key in ("factor", "measured", "contribution", "source")],
        className="frow fh",
    )
    widest = max([MOST_POINTS, *(abs(cause.points) for cause in said.causes)])
    rows: list[Any] = [_veto(name, basis, lang) for name, basis in said.vetoes]
    rows += [_cause(cause, widest, as_of, lang) for cause in said.causes]
    if not rows:
        rows = [html.P(text("subject.reason_none", lang), className="cap")]
    foot = html.Div(
        [
            html.Span(text("subject.total", lang), className="fa"),
            html.Span(),
            html.Div([html.Div(), html.B(total, className="num")], className="fc3"),
            html.Span(text("subject.base", lang), className="cap"),
        ],
        className="frow ft",
    )
    body = [
        head,
        html.Div(rows, className="scroll", tabIndex=0, role="region", **{"aria-label": title}),
        foot,
        _model(found, lang),
    ]
    line = html.Span([note, " · ", asof_line(as_of, lang, version)], className="cap grow")
    return card(title, body, source, as_of, line, kind="preasons")


def _veto(name: str, basis: str, lang: str) -> html.Div:
    return html.Div(
        [
            html.Div([html.Div(name, className="fa"), html.Div(basis, className="fe")]),
            html.Div(html.B(text("value.yes", lang))),
            html.Div(html.Span([icon("gavel", "s14"), text("subject.veto", lang)], className="tag danger")),
            html.Div(),
        ],
        className="frow veto",
    )


def _cause(cause: Cause, widest: float, as_of: str, lang: str) -> html.Div:
    room = 100 - ZERO if cause.points > 0 else ZERO
    width = min(abs(cause.points) / (widest if cause.points > 0 else max(widest * 0.3, abs(cause.points))), 1) * room
    left = ZERO if cause.points > 0 else ZERO - width
    kind = "pos" if cause.points > 0 else "neg"
    bar = html.Span(className=kind, style={"left": f"{left:.1f}%", "width": f"{width:.1f}%"})
    limit = text("subject.threshold", lang, n=cause.threshold) if cause.threshold else "–"
    source = f"{text(f'data.table_of.{cause.table}', lang)} · {date(as_of, lang)}"
    if cause.table == "warnings":
        source = f"{text('data.product_of.warnings', lang)} · {date(as_of, lang)}"
    return html.Div(
        [
            html.Div([html.Div(cause.title, className="fa"), html.Div(cause.evidence, className="fe")]),
            html.Div([html.B(cause.value, className="num"), html.Div(limit, className="cap num")]),
            html.Div(
                [
                    html.Div([html.Span(className="zero", style={"left": f"{ZERO}%"}), bar], className="fbar"),
                    html.B(number(cause.points, lang, digits=0, signed=True), className="num"),
                ],
                className="fc3",
            ),
            html.Div(
                [html.Div(source, className="cap num"), html.Div(cause.basis, className="cap cut", title=cause.basis)]
            ),
        ],
        className="frow",
        **{"data-indicator": cause.indicator, "data-points": f"{cause.points:g}"},
    )


def _model(found: Panorama, lang: str) -> html.Div:
    """What the statistical scorecard says, and what would lower the level."""
    level, chance = found.level.get("model_level"), found.level.get("model_probability")
    if isinstance(level, str) and chance is not None and not pd.isna(chance):
        share = f"{100 * float(chance):.0f} %"
        differs = bool(found.level.get("disagrees"))
        kind = "tag warn" if differs else "tag"
        model: list[Any] = [
            html.Span(text("subject.model", lang, level=level, p=share)),
            html.Span(text("subject.disagrees" if differs else "subject.agrees", lang), className=kind),
        ]
    else:
        model = [html.Span(text("subject.model_none", lang))]
    lines = found.changes or (text("subject.change_none", lang),)
    lower = [html.B(text("subject.change", lang)), *[html.Span(line) for line in lines]]
    shown = [] if found.level.get("level") == "A" else [html.Div(lower, className="lower")]
    return html.Div([html.Div(model, className="row gap8 num"), *shown], className="after")


def history(found: Panorama, lang: str, theme: str) -> html.Section:
    """Score over time with the level's mark where it changed; the median of its industry dashed."""
    source = text("data.product_of.level_history", lang)
    title = text("subject.history", lang)
    if not len(found.history):
        return card(title, blank(text("subject.no_level_text", lang), "history"), source, found.as_of.isoformat())
    figure = _history(found, theme)
    label = f"{title} · {found.name}"
    note = text("subject.history_note", lang)
    return card(title, chart(figure, theme, 190, label), source, found.as_of.isoformat(), note)


def _history(found: Panorama, theme: str) -> dict[str, Any]:
    inks = look.colours(theme)
    fills = dict(zip(LEVELS, colours("levels", 4, theme), strict=True))
    days = [pd.Timestamp(day).date().isoformat() for day in found.history["as_of"]]
    scores, levels = list(found.history["rule_score"]), list(found.history["level"])
    if days[-1] != found.as_of.isoformat():
        days, scores, levels = [*days, found.as_of.isoformat()], [*scores, scores[-1]], [*levels, levels[-1]]
    if found.level and abs(scores[-1] - float(found.level["rule_score"])) > 1e-9:
        scores[-1] = float(found.level["rule_score"])
    line = {
        "type": "scatter", "x": days, "y": scores, "mode": "lines+markers+text", "text": levels,
        "textposition": "top center", "textfont": {"color": inks["ink"], "size": 12}, "cliponaxis": False,
        "line": {"color": inks["ink-2"], "width": 2, "shape": "hv"},
        "marker": {"size": 10, "color": [fills[v] for v in levels], "symbol": [SYMBOLS[v] for v in levels],
                   "line": {"width": 1.5, "color": inks["surface"]}},
        "hovertemplate": "%{x}: %{y:.0f}<extra></extra>",
    }  # fmt: skip
    data = [line]
    if found.peers:
        data.append({
            "type": "scatter", "x": [days[0], days[-1]], "y": [found.peers[1]] * 2, "mode": "lines",
            "hoverinfo": "skip",
            "line": {"color": inks["ink-3"], "width": 1.5, "dash": "4px 3px"},
        })  # fmt: skip
    layout = {
        "showlegend": False, "hovermode": "closest", "margin": {"l": 4, "r": 16, "t": 16, "b": 4},
        "yaxis": {"range": [0, 108], "tickvals": [0, 25, 50, 75, 100], "fixedrange": True},
        "xaxis": {"type": "date", "nticks": 4, "fixedrange": True, "tickformat": "%Y-%m"},
    }  # fmt: skip
    return {"data": data, "layout": layout}


def timeline(found: Panorama, lang: str) -> html.Section:
    """Everything that happened, newest first, each once with its source and import batch."""
    rows = [
        html.Li(
            [
                html.Span(date(event.day, lang), className="cap num"),
                level_mark(event.level, lang, size="small") if event.level else html.Span(className="tdot"),
                html.Span(event.said, title=" · ".join(p for p in (event.source, event.build_id) if p)),
            ],
            className="tl",
            **{"data-event": f"{event.table}:{event.record_id}:{event.day.isoformat()}", "data-build": event.build_id},
        )
        for event in found.events[:SHOWN_EVENTS]
    ]
    title = text("subject.timeline", lang)
    body = html.Ol(rows, className="scroll", tabIndex=0, **{"aria-label": title})
    note = text("subject.timeline_note", lang, n=f"{len(found.events):,}")
    source = text("data.table_of.inspections", lang)
    return card(title, body, source, found.as_of.isoformat(), note, kind="ptime")


def relations(found: Panorama, lang: str, theme: str) -> html.Section:
    """The subjects tied to it as a small graph, and the same as a list for those who cannot see it."""
    tied = found.relations
    title, source = text("subject.relations", lang), text("data.table_of.legal_persons", lang)
    as_of = found.as_of.isoformat()
    if not tied.edges:
        return card(title, blank(text("subject.relations_none", lang), "sitemap"), source, as_of)
    holdings = sum(tied.totals[kind] for kind in ("holds", "held_by", "same_investor"))
    counts = {"a": tied.totals["building"], "b": tied.totals["representative"], "c": holdings}
    names = {node.id: node.name for node in tied.nodes}
    listed = html.Ul(
        [html.Li(f"{names.get(other, other)}: {text(f'subject.tie_{kind}', lang)}") for _, other, kind in tied.edges],
        className="sr",
    )
    graph = chart(_graph(found, lang, theme), theme, 190, f"{title} · {found.name}")
    return card(title, [graph, listed], source, as_of, text("subject.relations_note", lang, **counts))


def _graph(found: Panorama, lang: str, theme: str) -> dict[str, Any]:
    inks = look.colours(theme)
    fills = dict(zip(LEVELS, colours("levels", 4, theme), strict=True))
    places = {node.id: (node.x, node.y) for node in found.relations.nodes}
    dashes = {"building": "solid", "representative": "dash"}
    data: list[dict[str, Any]] = []
    for kind in dict.fromkeys(kind for _, _, kind in found.relations.edges):
        ends = [(places[a], places[b]) for a, b, k in found.relations.edges if k == kind and b in places]
        data.append({
            "type": "scatter", "mode": "lines", "hoverinfo": "skip", "name": text(f"subject.tie_{kind}", lang),
            "x": [v for a, b in ends for v in (a[0], b[0], None)],
            "y": [v for a, b in ends for v in (a[1], b[1], None)],
            "line": {"color": inks["line-strong"], "width": 1.4, "dash": dashes.get(kind, "dot")},
        })  # fmt: skip
    nodes = found.relations.nodes
    data.append({
        "type": "scatter", "mode": "markers", "showlegend": False,
        "x": [node.x for node in nodes], "y": [node.y for node in nodes], "text": [node.name for node in nodes],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "opacity": 1,
            "size": [18 if node.centre else 12 for node in nodes],
            "symbol": [SYMBOLS[node.level] for node in nodes],
            "color": [fills.get(node.level or "", inks["ink-3"]) for node in nodes],
            "line": {"width": [3 if node.centre else 1 for node in nodes],
                     "color": [inks["ink"] if node.centre else inks["surface"] for node in nodes]},
        },
    })  # fmt: skip
    axis = {"visible": False, "range": [-1.15, 1.15], "fixedrange": True}
    layout = {
        "showlegend": True, "hovermode": "closest", "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "xaxis": axis,
        "yaxis": axis, "legend": {"orientation": "h", "x": 0, "y": 0, "font": {"size": 11, "color": inks["ink-2"]}},
    }  # fmt: skip
    return {"data": data, "layout": layout}
