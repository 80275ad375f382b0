"""Part of the manager's page: the rule workbench. Edit numbers, see whose level changes, let another person approve."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, html, no_update

from layers import management
from layers import theme as look
from layers.access import Actor
from layers.pages.context import Context, language_of, query, report
from layers.pages.elements import blank, button, end_column, icon, tag
from layers.pages.grid_words import grid_words
from layers.pages.manage_areas import table
from layers.pages.marks import LEVELS, card, level_mark
from layers.refusals import refusal
from layers.text import number, text
from models.errors import AccessDeniedError, CityhexError, NotBuiltError, RequestError
from models.rules.preview import Preview, bin_shares, preview
from models.rules.scorecard import Scorecard, parse_scorecard
from models.rules.scorecard_text import to_toml, with_numbers

WRITERS = frozenset({"manager", "admin"})
"""Roles that may hand in a draft or decide on one; nobody decides on their own."""
CUTS = ("B", "C", "D")
STATES = {"draft": "", "submitted": "warn", "approved": "ok", "rejected": ""}


def tab(context: Context, lang: str, theme: str) -> list[Any]:  # noqa: ARG001 - every part is made alike
    """The numbers of the live scorecard, what a change of them would do, and the drafts."""
    card_ = management.live_card(context.store, context.city.supervision.scorecard)
    indicators = management.product(context.store, "subject_indicators")
    if card_ is None or indicators.empty:
        return [blank(text("manage.no_scorecard", lang))]
    as_of = context.manifest.get("as_of")
    rows = management.bin_rows(card_, bin_shares(card_, indicators), lang)
    built = management.built_version(management.product(context.store, "subject_levels", ["rule_version"]))
    waiting = [tag(text("manage.wb.waits", lang), "warn")] if built != card_.rule_version else []
    note = html.Span(
        [text("manage.wb.live", lang, version=card_.rule_version), " ", *waiting], className="cap num grow"
    )
    return [
        html.Div(
            [
                card(
                    text("manage.wb.title", lang),
                    [_tools(card_, lang), _grid(rows, lang)],
                    "scorecards",
                    as_of,
                    note,
                    "fill",
                ),
                html.Div(
                    [
                        card(
                            text("manage.wb.preview_title", lang),
                            html.Div(
                                html.P(text("manage.wb.preview_hint", lang), className="cap"),
                                id="manage-preview",
                                **{"aria-live": "polite"},
                            ),
                            "subject_indicators",
                            as_of,
                        ),
                        card(
                            text("manage.wb.drafts", lang),
                            html.Div(drafts(context, lang), id="manage-drafts", **{"aria-live": "polite"}),
                            "rule_drafts",
                            as_of,
                            text("manage.wb.two", lang),
                        ),
                    ],
                    className="managecol",
                ),
            ],
            className="managetwo wide",
        )
    ]


def _tools(card_: Scorecard, lang: str) -> html.Div:
    cuts = [
        dmc.NumberInput(
            id=f"manage-cut-{letter.lower()}",
            label=text("manage.wb.cut", lang, level=letter),
            value=card_.cut_offs.model_dump()[letter],
            min=1,
            max=100,
            w=96,
        )
        for letter in CUTS
    ]
    return html.Div(
        [
            *cuts,
            dmc.TextInput(
                id="manage-version", label=text("manage.wb.version", lang), value=_next(card_.version), w=128
            ),
            dmc.TextInput(id="manage-note", label=text("manage.wb.note", lang), className="grow"),
            button("manage-try", text("manage.wb.preview", lang), "eye"),
            button("manage-submit", text("manage.wb.submit", lang), "check", kind="btn primary"),
        ],
        className="managetools",
    )


def _next(version: str) -> str:
    head, _, last = version.rpartition(".")
    return f"{head}.{int(last) + 1}" if head and last.isdigit() else f"{version}.1"


def _grid(rows: list[dict[str, Any]], lang: str) -> html.Div:
    shown = [
        row
        | {
            "group": text(f"manage.group.{row['group']}", lang),
            "from": text("manage.wb.missing", lang) if row["missing"] else _bound(row["low"], lang),
        }
        for row in rows
    ]
    columns = [
        {"field": "group", "headerName": text("manage.wb.group", lang), "width": 96, "cellClass": "soft"},
        {"field": "name", "headerName": text("manage.wb.indicator", lang), "flex": 3, "minWidth": 150,
         "tooltipField": "name", "cellClass": "strong"},
        end_column(field="from", headerName=text("manage.wb.from", lang), width=96),
        end_column(field="below", headerName=text("manage.wb.below", lang), width=92,
                   editable={"function": "params.data.below !== null"}, cellDataType="number"),
        end_column(field="points", headerName=text("manage.wb.points", lang), width=80, editable=True,
                   cellDataType="number", cellClass="end strong"),
        end_column(field="n", headerName=text("manage.wb.subjects", lang), width=92),
    ]  # fmt: skip
    grid = dag.AgGrid(
        id="manage-bins",
        className="grid",
        columnDefs=columns,
        rowData=shown,
        getRowId="params.data.id",
        defaultColDef={"resizable": True, "suppressHeaderMenuButton": True, "sortable": False, "minWidth": 60},
        dashGridOptions={
            "theme": look.grid_theme(),
            "rowHeight": 32,
            "headerHeight": 32,
            "animateRows": False,
            "localeText": grid_words(lang),
            "singleClickEdit": True,
            "stopEditingWhenCellsLoseFocus": True,
            "enableBrowserTooltips": True,
        },
        style={"height": "100%"},
    )
    return html.Div(grid, className="gridbox")


def _bound(low: float | None, lang: str) -> str:
    return "–" if low is None else number(low, lang)


def drafts(context: Context, lang: str) -> list[Any]:
    """Drafts of the city's scorecard, newest first, with what the actor may do with each."""
    found = context.store.drafts(kind=management.KIND, name=context.city.supervision.scorecard)
    if found.empty:
        return [html.P(text("manage.wb.no_drafts", lang), className="cap")]
    return [_draft(row._asdict(), context.actor, lang) for row in found.head(20).itertuples(index=False)]


def _draft(row: Mapping[str, Any], actor: Actor, lang: str) -> html.Div:
    state = str(row["state"])
    said = [
        html.B(str(row["version"]), className="num"),
        tag(text(f"manage.wb.state_{state}", lang), STATES.get(state, "")),
        html.Span(text("manage.wb.by", lang, who=row["author"]), className="cap"),
    ]
    if isinstance(row.get("decided_by"), str):
        said.append(html.Span(text("manage.wb.decided_by", lang, who=row["decided_by"]), className="cap"))
    if isinstance(row.get("note"), str) and row["note"]:
        said.append(html.Span(row["note"], className="cap"))
    acts = [_act(row, "preview", "eye", lang)]
    if state == "submitted" and actor.has(WRITERS):
        if row["author"] == actor.id:
            said.append(html.Span(text("manage.wb.own", lang), className="cap"))
        else:
            acts += [_act(row, "approve", "check", lang), _act(row, "reject", "x", lang)]
    return html.Div(
        [html.Div(said, className="row gap8 wrap"), html.Div(acts, className="row gap8")], className="draft"
    )


def _act(row: Mapping[str, Any], act: str, mark: str, lang: str) -> html.Button:
    ident = {"type": "manage-decide", "id": int(row["draft_id"]), "act": act}
    return button(ident, text(f"manage.wb.{act}", lang), mark, kind="link")


def draft_of(
    context: Context, rows: Sequence[Mapping[str, Any]], cuts: Sequence[Any], version: str | None
) -> Scorecard:
    """The live scorecard with the numbers of the screen.

    Raises
    ------
    RequestError, ConfigError : the numbers are not allowed
    """
    live = management.live_card(context.store, context.city.supervision.scorecard)
    if live is None:
        raise RequestError(f"{context.city.id} names no scorecard")
    if any(cut in (None, "") for cut in cuts) or any(row["points"] in (None, "") for row in rows):
        raise RequestError("a cut-off or a number of points is empty")
    numbers = [{**row, "points": int(row["points"])} for row in rows]
    bounds = {letter: float(cut) for letter, cut in zip(CUTS, cuts, strict=True)}
    return with_numbers(live, numbers, bounds, version=(version or "").strip())


def tried(context: Context, draft: Scorecard) -> Preview:
    """What a draft would change for all subjects of the live build."""
    live = management.live_card(context.store, context.city.supervision.scorecard)
    frames = {name: management.product(context.store, name) for name in ("subject_indicators", "indicators_before")}
    frames["subject_levels"] = management.product(context.store, "subject_levels", ["subject_id", "level"])
    if live is None or frames["subject_levels"].empty:
        raise NotBuiltError(f"{context.city.id} has no levels yet; build it")
    return preview(
        live,
        draft,
        indicators=frames["subject_indicators"],
        before=frames["indicators_before"],
        levels=frames["subject_levels"],
        as_of=dt.date.fromisoformat(context.manifest["as_of"]),
    )


def shown(found: Preview, draft: Scorecard, lang: str) -> list[Any]:
    """A preview in words and as a table of levels now and then."""
    head = [(text("manage.wb.now", lang), "")] + [(text("manage.wb.then", lang, level=x), "end") for x in LEVELS]
    rows = [
        [level_mark(now, lang, words=True), *(number(int(found.table.loc[now, x]), lang) for x in LEVELS)]
        for now in LEVELS
    ]
    shares = [f"{number(found.shares[x] * 100, lang, digits=1)} %" for x in LEVELS]
    wanted = [f"{number(draft.target_shares[x] * 100, lang, digits=1)} %" for x in LEVELS]  # type: ignore[index]
    rows += [[text("manage.wb.share", lang), *shares], [text("manage.wb.target", lang), *wanted]]
    said = text(
        "manage.wb.changed",
        lang,
        version=draft.version,
        n=f"{found.changed:,}",
        share=number(100 * found.changed / max(found.subjects, 1), lang, digits=2),
    )
    title = text("manage.wb.preview_title", lang)
    return [html.P(html.B(said), **{"data-changed": str(found.changed)}), table(head, rows, title)]


def _refused(error: CityhexError, lang: str) -> list[Any]:
    report(error)
    said = [text("manage.wb.refused", lang), " ", refusal(error, lang)]
    return [html.Div([icon("alert-triangle"), html.Span(said)], className="strip", role="alert")]


def _writer(actor: Actor) -> None:
    if not actor.has(WRITERS):
        held = ", ".join(sorted(actor.roles)) or "none"
        raise AccessDeniedError(
            f"drafts of rules are for {', '.join(sorted(WRITERS))}; {actor.id} has the roles: {held}"
        )


def hand_in(context: Context, draft: Scorecard, note: str | None, at: dt.datetime) -> int:
    """Save and submit a draft in the name of the actor; gives its number."""
    _writer(context.actor)
    name = context.city.supervision.scorecard
    live = context.store.published_rule(management.KIND, name)
    known = {"actor": context.actor.id, "at": at}
    number_ = context.store.save_draft(
        management.KIND, name, draft.version, to_toml(draft), **known,
        base_version=live["version"] if live else None, note=(note or "").strip() or None,
    )  # fmt: skip
    context.store.submit_draft(number_, **known)
    return int(number_)


def decide(context: Context, number_: int, act: str, at: dt.datetime) -> None:
    """Approve or reject a draft in the name of the actor; its author cannot."""
    _writer(context.actor)
    does = {"approve": context.store.approve_draft, "reject": context.store.reject_draft}[act]
    does(number_, actor=context.actor.id, at=at)


def register(app: Dash, context: Context) -> None:
    """Wire preview, handing in and deciding."""

    @app.callback(  # type: ignore[untyped-decorator]
        Output("manage-preview", "children"),
        Output("manage-drafts", "children"),
        Input("manage-try", "n_clicks"),
        Input("manage-submit", "n_clicks"),
        Input({"type": "manage-decide", "id": ALL, "act": ALL}, "n_clicks"),
        State("manage-bins", "rowData"),
        *(State(f"manage-cut-{letter.lower()}", "value") for letter in CUTS),
        State("manage-version", "value"),
        State("manage-note", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def act(*given: Any) -> Any:
        clicked = ctx.triggered_id
        if not ctx.triggered or not ctx.triggered[0]["value"]:
            return no_update, no_update
        rows, cuts, version, note, address = given[3], given[4:7], given[7], given[8], given[9]
        lang = language_of(query(address), context.settings.language)
        at = dt.datetime.now(dt.UTC)
        try:
            if isinstance(clicked, dict):
                return _of_draft(context, int(clicked["id"]), str(clicked["act"]), lang, at)
            draft = draft_of(context, rows, cuts, version)
            found = shown(tried(context, draft), draft, lang)
            if clicked == "manage-submit":
                hand_in(context, draft, note, at)
                return found, drafts(context, lang)
        except AccessDeniedError:
            raise
        except CityhexError as error:
            return _refused(error, lang), no_update
        return found, no_update


def _of_draft(context: Context, number_: int, act: str, lang: str, at: dt.datetime) -> tuple[Any, Any]:
    row = context.store.draft(number_)
    draft = parse_scorecard(row["content"], f"draft {number_}")
    found = shown(tried(context, draft), draft, lang)
    if act == "preview":
        return found, no_update
    decide(context, number_, act, at)
    return found, drafts(context, lang)
