"""One warning as its page shows it: evidence in sentences, members, rule with measured precision, what may follow.

Everything that is read of a warning comes from here, so that page and tests agree; nothing here knows of Dash.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import h3
import pandas as pd

from layers.access import Actor
from layers.board import business_date
from layers.masking import shown_name
from layers.products import Products
from layers.text import date, has, number, pick, text
from layers.worklist import rules, title_of
from models.casework.lifecycle import UNDO_S, may
from models.casework.scope import lies_in
from models.casework.tasks import members_of
from models.errors import AccessDeniedError
from models.rules.checklists import Item, load_checklists
from models.rules.measures import Measure, load_measures

__all__ = [
    "UNDO_S",
    "Casefile",
    "Member",
    "Precision",
    "Sentence",
    "business_date",
    "casefile",
    "guard_area",
    "steps",
    "subject_items",
]

MEMBERS_SHOWN = 30
"""Members in the table and on the map; the number of all stands beside."""
DESK = frozenset({"supervisor", "manager", "admin"})
"""Roles that act on a warning."""
_MONEY = ("cny",)
_SUBJECT_COLUMNS = ("uscc", "name", "entity_type", "industry_section", "established_on", "address", "grid_code",
                    "district_code", "lon", "lat")  # fmt: skip


@dataclass(frozen=True)
class Sentence:
    """One piece of evidence: what it is called, its value in words, and where it comes from."""

    label: str
    value: str
    note: str | None


@dataclass(frozen=True)
class Member:
    """One subject of a warning, its name as the actor may see it; what is not known is None."""

    subject_id: str
    name: str
    level: str | None
    section: str | None
    established_on: str | None
    address: str | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class Precision:
    """What became of the closed warnings of the rule: how many a person judged, how many were confirmed."""

    judged: int
    confirmed: int

    @property
    def share(self) -> float | None:
        """Confirmed over judged; None while nobody judged one."""
        return self.confirmed / self.judged if self.judged else None


@dataclass(frozen=True)
class Casefile:
    """Everything about one warning.

    Attributes
    ----------
    row : the warning as it stands in the casework
    title : title of its rule
    evidence : facts, series, cells and texts as they were when it was raised
    sentences : the facts in words
    members : at most `MEMBERS_SHOWN`
    precision : of its rule, over all versions
    measures : prescribed measures, the first one first
    tasks, results, attachments, documents, events : frames of the casework
    as_of : business date of the build that is shown
    may_act : whether the actor's role may take steps
    """

    row: Mapping[str, Any]
    title: str
    evidence: Mapping[str, Any]
    sentences: tuple[Sentence, ...]
    members: tuple[Member, ...]
    precision: Precision
    measures: tuple[Measure, ...]
    tasks: pd.DataFrame
    results: pd.DataFrame
    attachments: pd.DataFrame
    documents: pd.DataFrame
    events: pd.DataFrame
    as_of: dt.date
    may_act: bool


def guard_area(actor: Actor, row: Mapping[str, Any]) -> None:
    """Refuse a warning outside of the actor's areas.

    Raises
    ------
    AccessDeniedError : it lies elsewhere
    """
    if not lies_in(actor.areas, row["grid_code"], row["district_code"], row["area_code"]):
        raise AccessDeniedError(f"warning {row['warning_key']} lies outside of the areas of {actor.id}")


def casefile(context: Any, key: str, lang: str) -> Casefile:
    """Read one warning with all that belongs to it.

    Parameters
    ----------
    context : `layers.pages.context.Context`: store, actor, manifest, city
    key : of the warning

    Raises
    ------
    UnknownNameError : there is none of that key
    AccessDeniedError : it lies outside of the actor's areas
    """
    store, actor = context.store, context.actor
    row = store.warning(key)
    guard_area(actor, row)
    evidence = json.loads(row["evidence"] or "{}")
    rule = rules().get(row["rule_id"])
    as_of = business_date(context.manifest)
    first = row["measure"] or (rule.measure if rule else None)
    return Casefile(
        row=row,
        title=title_of(row["rule_id"], row["theme"], lang),
        evidence=evidence,
        sentences=tuple(sentences(row, evidence, lang)),
        members=tuple(members(Products.live(store), members_of(row)[:MEMBERS_SHOWN], actor)),
        precision=precision(store.rule_precision(), row["rule_id"]),
        measures=load_measures().of_warning(row["theme"], data_fault=row["data_fault"], first=first),
        tasks=store.tasks({"*"}, as_of, warning_key=key),
        results=store.results_of_warning(key),
        attachments=store.attachments(warning_key=key),
        documents=store.documents(warning_key=key),
        events=store.warning_events(key),
        as_of=as_of,
        may_act=actor.has(DESK),
    )


def steps(row: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
    """What a person may do with a warning as it stands: pairs of action and outcome (None where it has none)."""
    actions = ("take", "visit", "close", "reopen")
    return tuple((action, outcome) for action in actions for _, outcome in may(row["state"], action))


def sentences(row: Mapping[str, Any], evidence: Mapping[str, Any], lang: str) -> list[Sentence]:
    """The evidence in words: the window, what was observed against what was expected, then every fact."""
    window = text("casework.window", lang, first=date(row["window_from"], lang), last=date(row["window_to"], lang))
    found = [Sentence(text("casework.period", lang), window, None), _observed(row, lang)]
    if row["p_value"] is not None:
        chance = text("casework.p", lang, p=_small(row["p_value"], lang))
        often = row["recurrence_days"]
        note = None if often is None else text("casework.recurrence", lang, n=number(often, lang, digits=0))
        found.append(Sentence(text("casework.chance", lang), chance, note))
    return [*found, *(_fact(fact, lang) for fact in evidence.get("facts", ()))]


def _observed(row: Mapping[str, Any], lang: str) -> Sentence:
    seen, expected = number(row["observed"], lang), row["expected"]
    said = (
        text("casework.observed_only", lang, n=seen)
        if expected is None
        else text("casework.observed_against", lang, n=seen, m=number(expected, lang))
    )
    return Sentence(text("casework.observed", lang), said, None)


def _small(value: float, lang: str) -> str:
    return number(value, lang) if value >= 0.01 else f"{value:.2g}"


def _fact(fact: Mapping[str, Any], lang: str) -> Sentence:
    key, value, unit = str(fact["key"]), fact.get("value"), fact.get("unit") or ""
    label = text(f"warning.fact.{key}", lang) if has(f"warning.fact.{key}", lang) else key
    unit_key = f"casework.unit.{unit.lower()}"
    unit_text = text(unit_key, lang) if has(unit_key, lang) else unit
    shown = number(value, lang) if isinstance(value, (int, float)) else str(value)
    notes = []
    if fact.get("threshold") is not None:
        notes.append(text("casework.threshold", lang, n=number(fact["threshold"], lang)))
    if fact.get("date"):
        notes.append(date(fact["date"], lang))
    if fact.get("source"):
        source = f"data.table_of.{fact['source']}"
        notes.append(text(source, lang) if has(source, lang) else str(fact["source"]))
    return Sentence(label, f"{shown} {unit_text}".strip(), " · ".join(notes) or None)


def members(products: Products, ids: Sequence[str], actor: Actor) -> list[Member]:
    """The subjects of a warning in its order; one the register no longer holds keeps its code."""
    frame = products.frame("subjects", _SUBJECT_COLUMNS)
    rows = frame[frame["uscc"].isin(ids)].set_index("uscc").to_dict("index")
    levels = _levels(products, ids)
    return [_member(subject, rows.get(subject), levels.get(subject), actor) for subject in ids]


def _member(subject: str, row: Mapping[Any, Any] | None, level: str | None, actor: Actor) -> Member:
    if row is None:
        return Member(subject, subject, level, None, None, None, None, None)

    def known(column: str) -> Any:
        value = row[column]
        return None if pd.isna(value) else value

    area = known("grid_code") or known("district_code")
    name = shown_name(row["name"], known("entity_type"), actor, area)
    day = known("established_on")
    return Member(
        subject,
        name,
        level,
        known("industry_section"),
        None if day is None else f"{day:%Y-%m-%d}",
        known("address"),
        known("lon"),
        known("lat"),
    )


def _levels(products: Products, ids: Sequence[str]) -> dict[str, str]:
    if not products.has("subject_levels"):
        return {}
    frame = products.frame("subject_levels", ("subject_id", "level"))
    own = frame[frame["subject_id"].isin(ids)]
    return dict(zip(own["subject_id"], own["level"], strict=True))


def precision(frame: pd.DataFrame, rule_id: str) -> Precision:
    """Precision of a rule over all its versions."""
    own = frame[frame["rule_id"] == rule_id]
    confirmed = int(own["confirmed"].sum())
    return Precision(confirmed + int(own["not_confirmed"].sum()) + int(own["data_fault"].sum()), confirmed)


def subject_items(store: Any, subject_id: str | None) -> tuple[Item, ...]:
    """Check items that may be recorded at a subject; all of them where no subject is named."""
    catalogue = load_checklists()
    return catalogue.items if subject_id is None else catalogue.allowed(store.libraries_of(subject_id))


def cells_of(case: Casefile) -> list[list[list[float]]]:
    """Rings of the evidence's cells, closed, degrees WGS84."""
    rings = []
    for cell in case.evidence.get("cells", ()):
        if h3.is_valid_cell(cell):
            corners = [[round(lon, 6), round(lat, 6)] for lat, lon in h3.cell_to_boundary(cell)]
            rings.append([*corners, corners[0]])
    return rings


def measure_name(code: str | None, lang: str) -> str:
    """Name of a measure, or its code where the catalogue does not hold it."""
    found = load_measures().named(code)
    return pick(found.name, lang) if found else (code or "–")
