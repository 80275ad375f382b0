"""What the warning page shows of one warning: head, evidence, timeline, members, rule, life, papers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import pandas as pd
from dash import html

from layers import casefile
from layers.casefile import Casefile
from layers.pages.elements import Child, button, chart, icon, section, tag
from layers.pages.marks import card, fact_line, level_mark, severity_tag
from layers.text import date, has, number, pick, text
from layers.theme import colours
from layers.worklist import due_words, rules

LIFE = ("open", "taken", "on_site", "closed")
STATE_TAGS = {"open": "warn", "taken": "info", "on_site": "info", "closed": "ok"}
STEP_ICONS = {"take": "user-check", "visit": "map-pin", "close": "check", "reopen": "arrow-back-up"}
CHART_PX = 148


def head(case: Casefile, lang: str) -> html.Header:
    """Title, severity, theme, state, until when."""
    row = case.row
    late = row["state"] != "closed" and row["due_on"] < case.as_of
    due = due_words(row["due_on"], case.as_of, lang) if row["state"] != "closed" else None
    marks: list[Child] = [
        severity_tag(int(row["severity"]), lang),
        tag(text(f"warning.theme.{row['theme']}", lang)),
        state_tag(row, lang),
    ]
    if row["data_fault"]:
        marks.append(tag(text("casework.data_fault", lang), "", "database"))
    if due:
        marks.append(html.Span([icon("clock", "s14"), due], className="wrow-due late" if late else "wrow-due"))
    line = text(
        "casework.raised",
        lang,
        day=date(row["raised_on"], lang),
        number=row["warning_key"],
        version=row["rule_version"],
    )
    return html.Header(
        [
            html.H2(case.title, className="ptitle"),
            html.Div(marks, className="row gap8 wrap"),
            html.P(line, className="cap"),
        ],
        className="whead",
        **{"data-state": row["state"], "data-key": row["warning_key"]},
    )


def state_tag(row: Any, lang: str) -> html.Span:
    """Where the warning stands, in a word."""
    stands = row["outcome"] if isinstance(row["outcome"], str) else row["state"]
    kind = {"confirmed": "danger", "withdrawn": ""}.get(stands, STATE_TAGS[row["state"]])
    return tag(text(f"casework.state.{stands}", lang), kind)


def evidence(case: Casefile, lang: str, theme: str) -> list[Child]:
    """Sentences, timeline and members, one card each."""
    source, as_of = case.row["rule_id"], case.row["window_to"].isoformat()
    lines = [fact_line(s.label, s.value, s.note) for s in case.sentences]
    texts = matched(case, lang)
    return [
        card(text("casework.evidence", lang), [*lines, *texts], source, as_of, text("casework.evidence_note", lang)),
        card(text("casework.timeline", lang), timeline(case, lang, theme), source, as_of),
        card(
            text("casework.members", lang),
            member_table(case, lang, theme),
            source,
            as_of,
            text("casework.members_note", lang, n=len(case.members), all=int(case.row["members"])),
        ),
    ]


def matched(case: Casefile, lang: str) -> list[Child]:
    """Words that were found, each with its weight."""
    texts = case.evidence.get("texts", ())
    if not texts:
        return []
    names = {member.subject_id: member.name for member in case.members}
    rows = [
        html.Li(
            [html.Mark(str(t["matched"])), f" {names.get(t['subject_id'], t['subject_id'])} · {_field(t, lang)}"],
        )
        for t in texts[:12]
    ]
    return [html.Ul(rows, className="dots")]


def _field(found: Any, lang: str) -> str:
    key = f"data.column_of.{found['field']}"
    name = text(key, lang) if has(key, lang) else str(found["field"])
    return text("casework.weight", lang, field=name, n=number(found.get("weight"), lang))


def timeline(case: Casefile, lang: str, theme: str) -> Child:
    """Counts by day as bars, what was expected as a dashed line, the window shaded; a sentence where there are none."""
    series = case.evidence.get("series", ())
    if not series:
        return html.P(text("casework.no_series", lang), className="cap")
    days = [str(point["t"])[:10] for point in series]
    counts = [point["n"] for point in series]
    look = colours(theme)
    traces: list[dict[str, Any]] = [
        {
            "type": "bar", "x": days, "y": counts, "marker": {"color": look["accent"]},
            "name": text("casework.observed", lang), "hovertemplate": "%{x}: %{y}<extra></extra>",
        }
    ]  # fmt: skip
    expected = [(day, point.get("expected")) for day, point in zip(days, series, strict=True)]
    if any(value is not None for _, value in expected):
        traces.append(
            {
                "type": "scatter", "mode": "lines", "x": days, "y": [value for _, value in expected],
                "line": {"dash": "dash", "color": look["ink-3"], "width": 2}, "name": text("casework.expected", lang),
                "hovertemplate": "%{x}: %{y:.1f}<extra></extra>",
            }
        )  # fmt: skip
    window = {
        "type": "rect", "xref": "x", "yref": "paper", "x0": case.row["window_from"].isoformat(),
        "x1": (case.row["window_to"] + pd.Timedelta(days=1)).isoformat()[:10], "y0": 0, "y1": 1, "line": {"width": 0},
        "fillcolor": look["accent"], "opacity": 0.08, "layer": "below",
    }  # fmt: skip
    layout = {
        "margin": {"l": 34, "r": 8, "t": 6, "b": 26}, "showlegend": False, "bargap": 0.3, "shapes": [window],
        "xaxis": {"type": "date", "tickformat": "%m-%d" if lang != "en" else "%d %b"},
        "yaxis": {"rangemode": "tozero", "dtick": 1 if max(counts) <= 5 else None},
    }  # fmt: skip
    label = text("casework.timeline_label", lang, n=sum(counts), first=days[0], last=days[-1])
    return chart({"data": traces, "layout": layout}, theme, CHART_PX, label)


def member_table(case: Casefile, lang: str, theme: str) -> Child:
    """The subjects of the warning as a table; the numbers are those on the map."""
    if not case.members:
        return html.P(text("casework.no_members", lang), className="cap")
    names = ("name", "level", "section", "established", "address")
    titles = html.Tr([html.Th("#"), *(html.Th(text(f"casework.col_{name}", lang)) for name in names)])
    rows = []
    for n, member in enumerate(case.members, start=1):
        query = urlencode({"id": member.subject_id, "lang": lang, "theme": theme})
        place = {"className": "soft", "title": text("casework.not_placed", lang)} if member.lon is None else {}
        rows.append(
            html.Tr(
                [
                    html.Td(str(n), className="num soft"),
                    html.Td(
                        html.A(member.name, href=f"/subject?{query}", className="link cut"), title=member.subject_id
                    ),
                    html.Td(level_mark(member.level, lang, size="small")),
                    html.Td(section_name(member.section, lang), className="cut"),
                    html.Td(date(member.established_on, lang), className="num"),
                    html.Td(member.address or "–", **place),
                ]
            )
        )
    return html.Div(
        html.Table([html.Thead(titles), html.Tbody(rows)], className="plain wmembers"),
        className="wscroll",
        tabIndex=0,
        role="region",
        **{"aria-label": text("casework.members", lang)},
    )


def section_name(code: str | None, lang: str) -> str:
    """Name of an industry section."""
    return text(f"section.{code}", lang) if code and has(f"section.{code}", lang) else "–"


def life(case: Casefile, lang: str) -> list[Child]:
    """The steps of its life, what may follow, and who has it."""
    at = LIFE.index(case.row["state"])
    dots = [
        html.Li(
            text(f"casework.state.{name}", lang),
            className="done" if n < at else "now" if n == at else "",
            **({"aria-current": "step"} if n == at else {}),
        )
        for n, name in enumerate(LIFE)
    ]
    owner = case.row["owner"] or text("casework.nobody", lang)
    lines = [
        fact_line(text("casework.owner", lang), owner),
        fact_line(text("casework.due", lang), date(case.row["due_on"], lang)),
        fact_line(text("casework.measure", lang), casefile.measure_name(case.row["measure"], lang), _basis(case, lang)),
    ]
    if case.row["opinion"]:
        lines.append(fact_line(text("casework.opinion", lang), case.row["opinion"]))
    if case.row["end_reason"]:
        lines.append(fact_line(text("casework.ended", lang), ended(case, lang), date(case.row["ended_on"], lang)))
    return [section(text("casework.life", lang), None, html.Ol(dots, className="wlife"), *lines)]


def ended(case: Casefile, lang: str) -> str:
    """Why the condition ended, in words where the reason is a code."""
    key = f"warning.end_reason.{case.row['end_reason']}"
    return text(key, lang) if has(key, lang) else str(case.row["end_reason"])


def _basis(case: Casefile, lang: str) -> str | None:
    measure = next((m for m in case.measures if m.code == case.row["measure"]), None)
    return None if measure is None else f"{pick(measure.text, lang)} {pick(measure.legal_basis, lang)}"


def step_buttons(case: Casefile, lang: str) -> list[Child]:
    """Buttons of the steps that may follow, the main one first; a sentence for whoever may only read."""
    if not case.may_act:
        return [html.P(text("casework.read_only", lang), className="cap")]
    made: list[Child] = []
    for action, outcome in casefile.steps(case.row):
        label = text(f"casework.do.{outcome or action}", lang)
        main = action in ("take", "visit") or outcome == "confirmed"
        made.append(
            button(
                {"type": "warning-step", "action": action, "outcome": outcome or ""},
                label,
                STEP_ICONS[action],
                kind="btn primary" if main else "btn",
            )
        )
    return made


def rule_card(case: Casefile, lang: str) -> Child:
    """The rule with its reason, version, legal basis, and how often it was right."""
    rule, known = rules().get(case.row["rule_id"]), case.precision
    lines: list[Child] = [] if rule is None else [html.P(pick(rule.why, lang))]
    lines.append(fact_line(text("casework.version", lang), case.row["rule_version"]))
    if rule is not None:
        lines.append(fact_line(text("casework.basis", lang), pick(rule.legal_basis, lang)))
    measured = text("casework.precision_none", lang)
    if known.share is not None:
        share = f"{100 * known.share:.0f}"
        measured = text("casework.precision_of", lang, share=share, n=known.confirmed, m=known.judged)
    lines.append(fact_line(text("casework.precision", lang), measured))
    return section(text("casework.rule", lang), case.row["rule_id"], *lines)


def papers(case: Casefile, lang: str) -> list[Child]:
    """Tasks, results, attachments and the history."""
    return [
        section(text("casework.tasks", lang), None, _tasks(case, lang)),
        *([section(text("casework.results", lang), None, _results(case, lang))] if len(case.results) else []),
        section(text("casework.history", lang), None, _history(case, lang)),
    ]


def _tasks(case: Casefile, lang: str) -> Child:
    if case.tasks.empty:
        return html.P(text("casework.no_tasks", lang), className="cap")
    items = []
    for row in case.tasks.to_dict("records"):
        state = text(f"casework.task_state.{row['state']}", lang)
        words = [_item_name(row["item_code"], lang), casefile.measure_name(_known(row["measure"]), lang)]
        due = text("worklist.until", lang, date=_day(row["due_on"], lang))
        active = row["state"] in ("open", "follow_up")
        late = html.Span([icon("clock", "s14"), due], className="wrow-due late" if row["overdue"] else "wrow-due")
        items.append(html.Li([html.Span(" · ".join(w for w in words if w)), tag(state), *([late] if active else [])]))
    return html.Ul(items, className="wlist")


def _day(value: pd.Timestamp, lang: str) -> str:
    return date(f"{value:%Y-%m-%d}", lang)


def _known(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _item_name(code: Any, lang: str) -> str:
    if not isinstance(code, str):
        return ""
    item = next((i for i in casefile.subject_items(None, None) if i.code == code), None)
    return f"{code} {pick(item.name, lang)}" if item else code


def _results(case: Casefile, lang: str) -> Child:
    names = {member.subject_id: member.name for member in case.members}
    items = []
    for row in case.results.to_dict("records"):
        said = text(f"field.result_{row['result']}", lang)
        whom = names.get(row["subject_id"], "") if isinstance(row["subject_id"], str) else ""
        note = [html.P(row["note"])] if isinstance(row["note"], str) else []
        line = " · ".join(p for p in (_day(row["done_on"], lang), said, whom, row["actor"]) if p)
        items.append(html.Li([html.Span(line), *note]))
    return html.Ul(items, className="wlist")


def _history(case: Casefile, lang: str) -> Child:
    items = []
    for row in case.events.iloc[::-1].to_dict("records"):
        what = text(f"casework.action.{row['action']}", lang)
        stands = _known(row["outcome"]) or row["to_state"]
        actor = text("casework.system", lang) if row["actor"] == "system" else row["actor"]
        line = f"{_day(row['acted_on'], lang)} · {actor} · {what}"
        note = [html.P(row["note"], className="cap")] if isinstance(row["note"], str) else []
        items.append(html.Li([html.Span(line), tag(text(f"casework.state.{stands}", lang)), *note]))
    return html.Ul(items, className="wlist")


def blank_options(names: Sequence[str], group: str, lang: str) -> list[dict[str, str]]:
    """Choices of a list whose words stand under ``group``."""
    return [{"value": name, "label": text(f"{group}{name}", lang)} for name in names]
