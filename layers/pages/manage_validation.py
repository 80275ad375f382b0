"""Part of the manager's page about trust: how well both scorecards predict, with and without the officer."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from layers import management
from layers import theme as look
from layers.pages.context import Context
from layers.pages.elements import blank, chart, facts
from layers.pages.manage_areas import table
from layers.pages.marks import LEVELS, card, level_mark
from layers.text import date, number, text

SPLITS = ("test", "visited_before", "first_visit", "random_share")
MODELS = ("rule", "statistical", "statistical_with_officer")
METRICS = (
    "visits", "base_rate", "auc", "ap", "precision_at_10", "lift_at_10", "first_half", "days_earlier", "brier",
    "brier_of_base_rate", "psi",
)  # fmt: skip
DIGITS = {"visits": 0, "days_earlier": 1, "lift_at_10": 2}


def tab(context: Context, lang: str, theme: str) -> list[Any]:
    """Measures by split and model, calibration, officers, and where the two levels disagree."""
    measures = management.product(context.store, "model_validation")
    as_of = context.manifest.get("as_of")
    if measures.empty:
        return [blank(text("manage.no_validation", lang))]
    if (measures["metric"] == "not_trained").any():
        why = str(measures["note"].iloc[0])
        said = text("manage.not_trained", lang)
        return [blank(f"{said} {why}", "alert-triangle")]
    parts = [_measures(measures, split, lang, as_of) for split in SPLITS if (measures["split"] == split).any()]
    side = [
        _calibration(context, lang, theme, as_of),
        _officers(measures, lang, as_of),
        _disagreement(context, lang),
        _changes(context, lang, as_of),
    ]
    return [
        html.P(text("manage.validation_note", lang), className="cap"),
        html.Div(
            [html.Div(parts, className="managecol"), html.Div(side, className="managecol")], className="managetwo"
        ),
    ]


def _measures(measures: pd.DataFrame, split: str, lang: str, as_of: str | None) -> html.Section:
    found = management.measure_table(measures, split)
    models = [model for model in MODELS if model in found]
    head = [(text("manage.measure", lang), "")] + [(text(f"manage.model.{model}", lang), "end") for model in models]
    rows = [
        [text(f"manage.metric.{metric}", lang), *(_value(found[model].get(metric), metric, lang) for model in models)]
        for metric in METRICS
        if any(metric in found[model] for model in models)
    ]
    title = text(f"manage.split.{split}", lang)
    return card(title, table(head, rows, title), "model_validation", as_of, text(f"manage.split_note.{split}", lang))


def _value(found: tuple[float, float, float] | None, metric: str, lang: str) -> Any:
    if found is None or pd.isna(found[0]):
        return "–"
    value, low, high = found
    shown = number(value, lang, digits=DIGITS.get(metric, 3))
    if pd.isna(low):
        return shown
    return [shown, html.Span(f" ({number(low, lang, digits=3)}–{number(high, lang, digits=3)})", className="cap")]


def _calibration(context: Context, lang: str, theme: str, as_of: str | None) -> html.Section:
    deciles = management.product(context.store, "model_deciles")
    rows = deciles[(deciles["split"] == "test") & (deciles["model"] == "statistical")]
    title = text("manage.calibration", lang)
    if rows.empty:
        return card(title, blank(text("manage.nothing", lang)), "model_deciles", as_of)
    colours = look.chart_template(theme)["layout"]["colorway"]
    x, y = (rows["mean_predicted"] * 100).to_numpy(), (rows["observed"] * 100).to_numpy()
    top = float(max(x.max(), y.max()))
    figure = {
        "data": [
            {"type": "scatter", "mode": "lines", "x": [0, top], "y": [0, top], "hoverinfo": "skip",
             "line": {"dash": "dash", "width": 1, "color": colours[5]}},
            {"type": "scatter", "mode": "lines+markers", "x": x, "y": y, "marker": {"size": 7},
             "line": {"color": colours[0]}, "customdata": rows["n"].to_numpy()},
        ],
        "layout": {
            "margin": {"l": 52, "r": 16, "t": 8, "b": 44},
            "showlegend": False,
            "xaxis": {"title": {"text": text("manage.predicted_axis", lang)}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": text("manage.observed_axis", lang)}, "rangemode": "tozero"},
        },
    }  # fmt: skip
    return card(title, chart(figure, theme, 260, title), "model_deciles", as_of, text("manage.calibration_note", lang))


def _officers(measures: pd.DataFrame, lang: str, as_of: str | None) -> html.Section:
    found = management.measure_table(measures, "test").get("statistical", {})
    with_officer = management.measure_table(measures, "test").get("statistical_with_officer", {})
    title = text("manage.officers", lang)
    if "officers" not in found:
        return card(title, blank(text("manage.no_officers", lang)), "model_validation", as_of)

    def three(metric: str) -> str:
        value, low, high = found[metric]
        return f"{number(value, lang, digits=2)} ({number(low, lang, digits=2)}–{number(high, lang, digits=2)})"

    rows = [
        (text("manage.officer_count", lang), number(found["officers"][0], lang), None, None),
        (text("manage.officer_rate", lang), three("officer_rate"), None, None),
        (text("manage.officer_ratio", lang), three("officer_ratio"), None, None),
        (text("manage.officer_p", lang), _p_value(found["officer_p"][0], lang), None, None),
        (text("manage.auc_without", lang), number(found["auc"][0], lang, digits=3), None, None),
        (text("manage.auc_with", lang), number(with_officer["auc"][0], lang, digits=3), None, None),
        (text("manage.auc_within", lang), number(found["auc_within_officers"][0], lang, digits=3), None, None),
    ]
    note = html.P(text("manage.officers_note", lang), className="cap")
    return card(title, [facts(rows, words=True), note], "model_validation", as_of)


def _p_value(value: float, lang: str) -> str:
    return text("manage.p_small", lang) if value < 0.0001 else number(value, lang, digits=4)


def _disagreement(context: Context, lang: str) -> html.Section:
    levels = management.product(context.store, "subject_levels", ["level", "model_level", "disagrees"])
    title = text("manage.disagreement", lang)
    as_of = context.manifest.get("as_of")
    if levels.empty or not levels["model_level"].notna().any():
        return card(title, blank(text("manage.nothing", lang)), "subject_levels", as_of)
    counts = pd.crosstab(levels["level"], levels["model_level"]).reindex(index=LEVELS, columns=LEVELS, fill_value=0)
    head = [(text("manage.rule_level", lang), "")] + [(letter, "end") for letter in LEVELS]
    rows = [
        [level_mark(level, lang, words=True), *(number(int(counts.loc[level, m]), lang) for m in LEVELS)]
        for level in LEVELS
    ]
    share = float(levels["disagrees"].astype("boolean").mean()) * 100
    note = text("manage.disagreement_note", lang, share=number(share, lang, digits=1))
    return card(title, table(head, rows, title), "subject_levels", as_of, note)


def _changes(context: Context, lang: str, as_of: str | None) -> html.Section:
    """How many levels change from month to month: a rule whose levels jump is of no use."""
    history = management.product(context.store, "level_history", ["subject_id", "as_of"])
    title = text("manage.changes", lang)
    if history.empty:
        return card(title, blank(text("manage.nothing", lang)), "level_history", as_of)
    head = [(text(f"manage.{key}", lang), kind) for key, kind in (("month", ""), ("changed", "end"), ("share", "end"))]
    found = management.level_changes(history)
    days, changed, share = (found[name].tolist() for name in ("as_of", "changed", "share"))
    rows = [
        [date(str(day)[:10], lang), number(count, lang), f"{number(100 * part, lang, digits=1)} %"]
        for day, count, part in zip(days, changed, share, strict=True)
    ]
    return card(title, table(head, rows, title), "level_history", as_of, text("manage.changes_note", lang))
