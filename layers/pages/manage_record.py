"""Part of the manager's page: the algorithm record, every rule that decides with its version, source and limits."""

from __future__ import annotations

from typing import Any

from dash import html

from layers import management
from layers.pages.context import Context
from layers.pages.elements import tag
from layers.pages.manage_areas import table
from layers.pages.marks import card
from layers.text import has, pick, text
from models.rules.algorithm_record import RuleRecord, algorithm_record


def tab(context: Context, lang: str, theme: str) -> list[Any]:  # noqa: ARG001 - every part is made alike
    """Every rule file with its version, whether the workbench published it, and what the levels do not say."""
    drafts = context.store.drafts(state="approved")
    texts = {}
    for row in drafts.sort_values(["decided_at", "draft_id"]).itertuples():
        texts[(str(row.kind), str(row.name))] = str(row.content)
    rules = algorithm_record(texts)
    head = [
        (text(f"manage.record.{key}", lang), "") for key in ("kind", "title", "version", "author", "verified", "source")
    ]
    rows = [_row(rule, lang) for rule in rules]
    levels = management.product(context.store, "subject_levels", ["rule_version", "model_version"])
    as_of = context.manifest.get("as_of")
    used = management.built_version(levels)
    models: list[str] = levels["model_version"].dropna().unique().tolist() if len(levels) else []
    built = [text("manage.record.used", lang, version=used)] if used else []
    built += [text("manage.record.model", lang, version=model) for model in models]
    limits = html.Ul([html.Li(text(f"manage.record.limit_{n}", lang)) for n in range(1, 7)], className="dots")
    title = text("manage.record.all", lang)
    return [
        card(
            text("manage.record.limits", lang),
            [*(html.P(line, className="num") for line in built), limits],
            "rules",
            as_of,
        ),
        card(title, table(head, rows, title), "rules", as_of, text("manage.record.note", lang), "fill"),
    ]


def _row(rule: RuleRecord, lang: str) -> list[Any]:
    kind = f"manage.record.kind_{rule.kind or 'other'}"
    version: list[Any] = [rule.version or "–"]
    if rule.published:
        version += [" ", tag(text("manage.record.published", lang), "ok")]
    known = {True: "yes", False: "no", None: "unsaid"}[rule.verified]
    return [
        text(kind, lang) if has(kind, lang) else rule.kind,
        _title(rule, lang),
        version,
        rule.author or "–",
        text(f"manage.record.verified_{known}", lang),
        pick(rule.source, lang) if rule.source else "–",
    ]


def _title(rule: RuleRecord, lang: str) -> str:
    key = f"manage.record.rule_{rule.rule_id}"
    if rule.title:
        return pick(rule.title, lang)
    return text(key, lang) if has(key, lang) else rule.rule_id
